// SPDX-License-Identifier: GPL-2.0-only
// The mmap() system call down to the region. Linux: mm/mmap.c, mm/util.c

import {
  EACCES,
  EAGAIN,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOMEM,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  is_err,
} from './errno.ts'
import { mm_populate } from './fault.ts'
import {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_DROPPABLE,
  MAP_EXECUTABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MAP_TYPE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  VM_ACCESS_FLAGS,
  VM_DONTDUMP,
  VM_DROPPABLE_HIGH,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_SHARED,
  VM_SYNC,
  VM_WIPEONFORK,
} from './flags.ts'
import { huge_page_align, hugetlb_file_setup, is_file_hugepages } from './hugetlb.ts'
import { mmap_assert_write_locked, mmap_read_lock, mmap_unlock, mmap_write_lock } from './locks.ts'
import { can_do_mlock } from './mlock.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  type file,
  type mm_struct,
  type vm_area_struct,
} from './mm_types.ts'
import { mmap_region } from './mmap_region.ts'
import { calc_vm_prot_bits } from './mprotect.ts'
import { execute_only_pkey } from './pkeys.ts'
import { refuse, step } from './steps.ts'
import { __get_unmapped_area, round_hint_to_min } from './unmapped_area.ts'
import { fput, mlock_future_ok, OVERCOMMIT_NEVER } from './vma.ts'

/** Flags that MAP_SHARED_VALIDATE knows. Linux: include/linux/mman.h:LEGACY_MAP_MASK */
const LEGACY_MAP_MASK =
  MAP_SHARED |
  MAP_PRIVATE |
  MAP_FIXED |
  MAP_ANONYMOUS |
  MAP_DENYWRITE |
  MAP_EXECUTABLE |
  MAP_GROWSDOWN |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB |
  MAP_32BIT |
  MAP_ABOVE4G

/** The pages a length in bytes rounds up to, in bytes; 0 when that overflows 64 bits. Linux: PAGE_ALIGN() */
export function page_align(len: number): number {
  const aligned = Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  return aligned >= 2 ** 64 ? 0 : aligned
}

/** Refuses with -ENOMEM when more than max_map_count mappings exist; one more than that may. */
export function check_map_count(mm: mm_struct): number {
  if (mm.map_count <= mm.limits.max_map_count) return 0
  return refuse(
    mm,
    ENOMEM,
    'do_mmap',
    `${mm.map_count} mappings exist, more than max_map_count ${mm.limits.max_map_count}`,
  )
}

/**
 * mmap() on any address space: `offset` in bytes. Returns the address or a negative errno.
 * Linux: arch/x86/kernel/sys_x86_64.c:mmap, mm/util.c:vm_mmap_pgoff()
 */
export function vm_mmap_pgoff(
  mm: mm_struct,
  file: file | null,
  addr: number,
  length: number,
  prot: number,
  flags: number,
  offset: number,
): number {
  if (offset % PAGE_SIZE !== 0)
    return refuse(mm, EINVAL, 'mmap', `offset ${offset} is not a multiple of ${PAGE_SIZE}`)
  const anonymous = (flags & MAP_ANONYMOUS) !== 0
  let backing = anonymous ? null : file
  const huge = anonymous ? (flags & MAP_HUGETLB) !== 0 : is_file_hugepages(file)
  if (flags & MAP_HUGETLB && !huge)
    return refuse(mm, EINVAL, 'ksys_mmap_pgoff', 'the file has no huge pages')
  const len = huge ? huge_page_align(length) : length
  if (huge && anonymous) {
    backing = hugetlb_file_setup(mm, len, flags)
    if (!backing)
      return refuse(
        mm,
        EINVAL,
        'hstate_sizelog',
        `flags 0x${flags.toString(16)}: no such page size`,
      )
  }
  let ret: number
  mmap_write_lock(mm, 'mmap()')
  try {
    ret = do_mmap(mm, backing, addr, len, prot, flags, offset / PAGE_SIZE)
  } finally {
    mmap_unlock(mm)
  }
  if (backing && backing !== file) fput(mm, backing)
  if (!is_err(ret) && populates(mm, flags)) mm_populate(mm, ret, ret + page_align(len))
  return ret
}

/**
 * Checks the arguments, computes the flags, chooses the address. Returns it or a negative errno. `pgoff` in pages.
 * Needs mmap_lock held for writing. Linux: mm/mmap.c:do_mmap()
 */
export function do_mmap(
  mm: mm_struct,
  file: file | null,
  hint: number,
  length: number,
  access: number,
  asked: number,
  pgoff: number,
): number {
  const at = 'do_mmap'
  mmap_assert_write_locked(mm, 'do_mmap()')
  const implied = mm.read_implies_exec && access & PROT_READ && !file?.noexec
  const prot = implied ? access | PROT_EXEC : access
  if (length === 0) return refuse(mm, EINVAL, at, 'the length is 0')
  const flags = asked & MAP_FIXED_NOREPLACE ? asked | MAP_FIXED : asked
  const wanted = flags & MAP_FIXED ? hint : round_hint_to_min(mm, hint)
  const len = page_align(length)
  if (len === 0)
    return refuse(mm, ENOMEM, at, `length ${length} overflows when rounded up to pages`)
  const crowded = check_map_count(mm)
  if (crowded !== 0) return crowded

  const high = prot === PROT_EXEC ? execute_only_pkey(mm) : 0
  let vm_flags =
    calc_vm_prot_bits(prot) |
    calc_vm_flag_bits(flags) |
    mm.def_flags |
    VM_MAYREAD |
    VM_MAYWRITE |
    VM_MAYEXEC
  const addr = __get_unmapped_area(mm, file, wanted, len, pgoff, flags)
  if (is_err(addr)) return addr
  if (flags & MAP_FIXED_NOREPLACE) {
    const found = mm.mm_mt.find(addr)
    if (found && found.vm_start < addr + len)
      return refuse(mm, EEXIST, at, `a VMA at 0x${found.vm_start.toString(16)} is in the way`)
  }
  if (flags & MAP_LOCKED && !can_do_mlock(mm))
    return refuse(mm, EPERM, 'can_do_mlock', 'RLIMIT_MEMLOCK is 0')
  if (!mlock_future_ok(mm, vm_flags, len))
    return refuse(mm, EAGAIN, 'mlock_future_ok', `${len} bytes more exceed RLIMIT_MEMLOCK`)

  const kind = file
    ? file_flags(mm, file, prot, flags, vm_flags, pgoff, len)
    : anon_flags(mm, flags, vm_flags)
  if (kind.error !== 0) return kind.error
  vm_flags = kind.vm_flags
  if (flags & MAP_NORESERVE && mm.limits.overcommit_memory !== OVERCOMMIT_NEVER)
    vm_flags |= VM_NORESERVE
  const offset = file ? pgoff : vm_flags & VM_SHARED ? 0 : addr / PAGE_SIZE
  const extra = (flags & MAP_TYPE) === MAP_DROPPABLE ? VM_DROPPABLE_HIGH : 0
  return mmap_region(mm, file, addr, len, vm_flags, high | extra, offset)
}

/** Are the pages to be made present at once? */
function populates(mm: mm_struct, flags: number): boolean {
  if ((flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE) return true
  return (flags & MAP_LOCKED) !== 0 || (mm.def_flags & VM_LOCKED) !== 0
}

/** The VMA flags that MAP_* bits ask for. Linux: include/linux/mman.h:calc_vm_flag_bits() */
function calc_vm_flag_bits(flags: number): number {
  return (
    (flags & MAP_GROWSDOWN ? VM_GROWSDOWN : 0) |
    (flags & MAP_LOCKED ? VM_LOCKED : 0) |
    (flags & MAP_STACK ? VM_NOHUGEPAGE : 0) |
    (flags & MAP_SYNC ? VM_SYNC : 0)
  )
}

interface Kind {
  readonly error: number
  readonly vm_flags: number
}

function refused(error: number): Kind {
  return { error, vm_flags: 0 }
}

function anon_flags(mm: mm_struct, flags: number, vm_flags: number): Kind {
  const type = flags & MAP_TYPE
  if (type === MAP_PRIVATE) return { error: 0, vm_flags }
  if (type === MAP_DROPPABLE) return droppable_flags(mm, flags, vm_flags)
  if (type !== MAP_SHARED) return refused(refuse_type(mm, type))
  if (vm_flags & VM_GROWSDOWN)
    return refused(refuse(mm, EINVAL, 'do_mmap', 'a shared mapping cannot grow downwards'))
  return { error: 0, vm_flags: vm_flags | VM_SHARED | VM_MAYSHARE }
}

/** Memory that may be dropped: it cannot be locked, is never dumped and is empty in a child. */
function droppable_flags(mm: mm_struct, flags: number, vm_flags: number): Kind {
  if (flags & MAP_LOCKED)
    return refused(refuse(mm, EINVAL, 'do_mmap', 'droppable memory cannot be locked'))
  if (vm_flags & VM_GROWSDOWN)
    return refused(refuse(mm, EINVAL, 'do_mmap', 'droppable memory cannot grow downwards'))
  return { error: 0, vm_flags: vm_flags | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP }
}

function refuse_type(mm: mm_struct, type: number): number {
  return refuse(
    mm,
    EINVAL,
    'do_mmap',
    `flags name no kind of mapping: MAP_TYPE is 0x${type.toString(16)}`,
  )
}

/** What the file's mode and hooks allow. */
function file_flags(
  mm: mm_struct,
  file: file,
  prot: number,
  flags: number,
  vm_flags: number,
  pgoff: number,
  len: number,
): Kind {
  const at = 'do_mmap'
  const refusal = (errno: number, why: string): Kind => refused(refuse(mm, errno, at, why))
  if (!file_mmap_ok(file, pgoff, len))
    return refusal(EOVERFLOW, 'offset plus length exceed the largest file')
  const type = flags & MAP_TYPE
  const shared = type === MAP_SHARED || type === MAP_SHARED_VALIDATE
  if (!shared && type !== MAP_PRIVATE) return refused(refuse_type(mm, type))
  const writable = (file.f_mode & FMODE_WRITE) !== 0
  if (type === MAP_SHARED_VALIDATE && (flags & ~(LEGACY_MAP_MASK | MAP_TYPE)) !== 0)
    return refusal(
      EOPNOTSUPP,
      `MAP_SHARED_VALIDATE does not know every flag of 0x${flags.toString(16)}`,
    )
  if (shared && prot & PROT_WRITE && !writable)
    return refusal(EACCES, `${file.name} is not open for writing`)
  if ((file.f_mode & FMODE_READ) === 0)
    return refusal(EACCES, `${file.name} is not open for reading`)
  if (file.noexec && vm_flags & VM_EXEC)
    return refusal(EPERM, `${file.name} lies on a file system mounted noexec`)
  if (!mm.release.era.can_mmap_file(file)) {
    if (file.f_op.mmap) step(mm, 'warn', `${file.name} has both mmap and mmap_prepare`)
    return refusal(ENODEV, `${file.name} has no mmap hook, or more than one`)
  }
  if (vm_flags & VM_GROWSDOWN) return refusal(EINVAL, 'a file mapping cannot grow downwards')
  const allowed = file.noexec ? vm_flags & ~VM_MAYEXEC : vm_flags
  if (!shared) return { error: 0, vm_flags: allowed }
  if (file.sealed && prot & PROT_WRITE)
    return refusal(EPERM, `${file.name} is sealed against writing`)
  const lost = (writable ? 0 : VM_MAYWRITE | VM_SHARED) | (file.sealed ? VM_MAYWRITE : 0)
  return { error: 0, vm_flags: (allowed | VM_SHARED | VM_MAYSHARE) & ~lost }
}

/** Does the range stay within the largest file? Linux: mm/mmap.c:file_mmap_ok() */
function file_mmap_ok(file: file, pgoff: number, len: number): boolean {
  const largest = file.unsignedOffset ? 2 ** 64 : 2 ** 63
  return len < largest && pgoff < (largest - len) / PAGE_SIZE
}

/**
 * remap_file_pages(): maps another part of a shared file in place of [start, start + size). `pgoff` in pages.
 * Linux: mm/mmap.c:remap_file_pages
 */
export function remap_file_pages(
  mm: mm_struct,
  addr: number,
  size: number,
  prot: number,
  pgoff: number,
  flags: number,
): number {
  const at = 'remap_file_pages'
  if (prot !== 0) return refuse(mm, EINVAL, at, `prot must be 0, not ${prot}`)
  const start = addr - (addr % PAGE_SIZE)
  const end = start + size - (size % PAGE_SIZE)
  if (end <= start) return refuse(mm, EINVAL, at, 'the range is empty')
  mmap_read_lock(mm, 'remap_file_pages()')
  const vma = mm.mm_mt.find(start)
  mmap_unlock(mm)
  if (!vma?.vm_file || vma.vm_start > start || (vma.vm_flags & VM_SHARED) === 0)
    return refuse(mm, EINVAL, at, 'the range is no shared mapping of a file')
  const wanted =
    MAP_SHARED |
    MAP_FIXED |
    MAP_POPULATE |
    (flags & MAP_NONBLOCK) |
    (vma.vm_flags & VM_LOCKED ? MAP_LOCKED : 0)
  let ret: number
  mmap_write_lock(mm, 'remap_file_pages()')
  try {
    ret = remap_one_mapping(mm, vma, start, end, wanted, pgoff)
  } finally {
    mmap_unlock(mm)
  }
  if (is_err(ret)) return ret
  if (populates(mm, wanted)) mm_populate(mm, start, end)
  return 0
}

function remap_one_mapping(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
  wanted: number,
  pgoff: number,
): number {
  for (let part = vma; part.vm_end < end; ) {
    const next = mm.mm_mt.next(part)
    const alike = next?.vm_file === part.vm_file && next.vm_flags === part.vm_flags
    if (!next || next.vm_start !== part.vm_end || !alike)
      return refuse(mm, EINVAL, 'remap_file_pages', 'the range is no one mapping')
    part = next
  }
  const access = vma.vm_flags & VM_ACCESS_FLAGS
  return do_mmap(mm, vma.vm_file, start, end - start, access, wanted, pgoff)
}
