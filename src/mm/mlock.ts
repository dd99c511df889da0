// SPDX-License-Identifier: GPL-2.0-only
// Locking pages in memory. Linux: mm/mlock.c

import { EINVAL, ENOMEM, EPERM } from './errno.ts'
import { __mm_populate, mm_populate } from './fault.ts'
import { PAGE_SIZE, VM_LOCKED, VM_LOCKED_MASK, VM_LOCKONFAULT } from './flags.ts'
import { mmap_assert_write_locked, mmap_unlock, mmap_write_lock, vma_start_write } from './locks.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { vma_supports_mlock } from './mmap_region.ts'
import { refuse } from './steps.ts'
import { vm_flags_reset } from './vma.ts'

/**
 * Gives every VMA of the range these lock flags (VM_LOCKED, VM_LOCKONFAULT or none). Those before a gap keep them.
 * Linux: mm/mlock.c:apply_vma_lock_flags()
 */
export function apply_vma_lock_flags(
  mm: mm_struct,
  start: number,
  len: number,
  lock_flags: number,
): number {
  mmap_assert_write_locked(mm, 'apply_vma_lock_flags()')
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  if (end === start) return 0
  let vma = mm.mm_mt.find(start)
  let prev: vm_area_struct | null = vma && (start > vma.vm_start ? vma : mm.mm_mt.prev(vma))
  for (let from = start; from < end; ) {
    if (!vma || vma.vm_start > from)
      return refuse(
        mm,
        ENOMEM,
        'apply_vma_lock_flags',
        `nothing is mapped at 0x${from.toString(16)}`,
      )
    const to = Math.min(vma.vm_end, end)
    const changed = mlock_fixup(
      mm,
      vma,
      prev,
      from,
      to,
      (vma.vm_flags & ~VM_LOCKED_MASK) | lock_flags,
    )
    if (typeof changed === 'number') return changed
    prev = changed
    from = Math.max(to, changed.vm_end)
    vma = mm.mm_mt.next(changed)
  }
  return 0
}

/** Linux: mm/mlock.c:mlock_fixup() */
function mlock_fixup(
  mm: mm_struct,
  vma: vm_area_struct,
  prev: vm_area_struct | null,
  start: number,
  end: number,
  newflags: number,
): vm_area_struct | number {
  const oldflags = vma.vm_flags
  if (newflags === oldflags || !vma_supports_mlock(vma)) return vma
  const vmg = vma_modify_proposal(mm, prev, vma, start, end)
  vmg.vm_flags = newflags
  const changed = vma_modify(vmg)
  if (typeof changed === 'number') return changed
  const pages = (end - start) / PAGE_SIZE
  if ((newflags & VM_LOCKED) === 0) mm.locked_vm -= pages
  else if ((oldflags & VM_LOCKED) === 0) mm.locked_vm += pages
  vma_start_write(changed)
  vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
  return changed
}

/** May the process lock memory at all? Linux: mm/mlock.c:can_do_mlock() */
export function can_do_mlock(mm: mm_struct): boolean {
  return mm.cap_ipc_lock || mm.limits.memlock > 0
}

/** The pages of [start, start + len) that are locked already. Linux: mm/mlock.c:count_mm_mlocked_page_nr() */
function count_mm_mlocked_page_nr(mm: mm_struct, start: number, len: number): number {
  const end = start + len
  let pages = 0
  for (let vma = mm.mm_mt.find(start); vma && vma.vm_start < end; vma = mm.mm_mt.next(vma))
    if (vma.vm_flags & VM_LOCKED)
      pages += (Math.min(end, vma.vm_end) - Math.max(start, vma.vm_start)) / PAGE_SIZE
  return pages
}

/**
 * mlock(), mlock2(): `lock_flags` is VM_LOCKED, with VM_LOCKONFAULT if only pages that come are to be locked.
 * Linux: mm/mlock.c:do_mlock()
 */
export function do_mlock(mm: mm_struct, addr: number, length: number, lock_flags: number): number {
  const at = 'do_mlock'
  if (!can_do_mlock(mm)) return refuse(mm, EPERM, 'can_do_mlock', 'RLIMIT_MEMLOCK is 0')
  const [start, len] = whole_pages(addr, length)
  if (start + len >= 2 ** 64) return refuse(mm, EINVAL, at, 'address and length overflow')
  mmap_write_lock(mm, 'mlock()')
  let error: number
  try {
    error = lock_within_limit(mm, start, len, lock_flags)
  } finally {
    mmap_unlock(mm)
  }
  if (error !== 0) return error
  const populated = __mm_populate(mm, start, start + len)
  return populated === 0 ? 0 : refuse(mm, ENOMEM, '__mm_populate', 'a page cannot be made present')
}

function lock_within_limit(mm: mm_struct, start: number, len: number, lock_flags: number): number {
  const limit = mm.limits.memlock
  let locked = mm.locked_vm + len / PAGE_SIZE
  if (locked > limit && !mm.cap_ipc_lock) locked -= count_mm_mlocked_page_nr(mm, start, len)
  if (locked > limit && !mm.cap_ipc_lock)
    return refuse(mm, ENOMEM, 'do_mlock', `${len} bytes more exceed RLIMIT_MEMLOCK`)
  return apply_vma_lock_flags(mm, start, len, lock_flags)
}

/** munlock(). Linux: mm/mlock.c:munlock */
export function sys_munlock(mm: mm_struct, addr: number, length: number): number {
  const [start, len] = whole_pages(addr, length)
  if (start + len >= 2 ** 64) return refuse(mm, EINVAL, 'munlock', 'address and length overflow')
  mmap_write_lock(mm, 'munlock()')
  try {
    return apply_vma_lock_flags(mm, start, len, 0)
  } finally {
    mmap_unlock(mm)
  }
}

const MCL_CURRENT = 1
const MCL_FUTURE = 2
const MCL_ONFAULT = 4

/** mlockall(): locks what is mapped, what will be, or both. Linux: mm/mlock.c:mlockall */
export function sys_mlockall(mm: mm_struct, flags: number): number {
  const known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT
  if ((flags & known) === 0 || flags & ~known || flags === MCL_ONFAULT)
    return refuse(mm, EINVAL, 'mlockall', `flags 0x${flags.toString(16)} ask for nothing known`)
  if (!can_do_mlock(mm)) return refuse(mm, EPERM, 'can_do_mlock', 'RLIMIT_MEMLOCK is 0')
  mmap_write_lock(mm, 'mlockall()')
  try {
    if (flags & MCL_CURRENT && mm.total_vm > mm.limits.memlock && !mm.cap_ipc_lock)
      return refuse(mm, ENOMEM, 'mlockall', `${mm.total_vm} pages exceed RLIMIT_MEMLOCK`)
    apply_mlockall_flags(mm, flags)
  } finally {
    mmap_unlock(mm)
  }
  if (flags & MCL_CURRENT) mm_populate(mm, 0, mm.range.task_size)
  return 0
}

/** munlockall(). Linux: mm/mlock.c:munlockall */
export function sys_munlockall(mm: mm_struct): number {
  mmap_write_lock(mm, 'munlockall()')
  try {
    apply_mlockall_flags(mm, 0)
  } finally {
    mmap_unlock(mm)
  }
  return 0
}

/** Linux: mm/mlock.c:apply_mlockall_flags() */
function apply_mlockall_flags(mm: mm_struct, flags: number): void {
  const lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0)
  mm.def_flags = (mm.def_flags & ~VM_LOCKED_MASK) | (flags & MCL_FUTURE ? lock : 0)
  if (flags & MCL_FUTURE && !(flags & MCL_CURRENT)) return
  const wanted = flags & MCL_CURRENT ? lock : 0
  let prev: vm_area_struct | null = null
  for (let vma = mm.mm_mt.first(); vma; vma = mm.mm_mt.next(prev)) {
    const { vm_start, vm_end, vm_flags } = vma
    const changed = mlock_fixup(
      mm,
      vma,
      prev,
      vm_start,
      vm_end,
      (vm_flags & ~VM_LOCKED_MASK) | wanted,
    )
    prev = typeof changed === 'number' ? vma : changed
  }
}

/** The pages that a range touches: start and length in bytes; the length is 0 when it overflows 64 bits. */
function whole_pages(addr: number, length: number): [start: number, len: number] {
  const offset = addr % PAGE_SIZE
  const rest = length % PAGE_SIZE
  // Added up apart: a length near 2^64 has no room for the bytes of the offset.
  const len = length - rest + Math.ceil((rest + offset) / PAGE_SIZE) * PAGE_SIZE
  return [addr - offset, len >= 2 ** 64 ? 0 : len]
}
