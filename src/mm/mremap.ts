// SPDX-License-Identifier: GPL-2.0-only
// Growing, shrinking and moving mappings. Linux: mm/mremap.c
// Not modelled: how 6.12 did it, with other checks and one VMA at a time. Vectors: 2,525 of live-6.12's designed
// operations, 5,868 of its extra and 33,642 of its random ones.

import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, is_err } from './errno.ts'
import { mm_populate } from './fault.ts'
import {
  MAP_FIXED,
  MAP_SHARED,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PAGE_SIZE,
  VM_ACCOUNT,
  VM_DONTEXPAND,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_MAYSHARE,
  VM_PFNMAP,
} from './flags.ts'
import { call_hook } from './hooks.ts'
import { mmap_assert_write_locked, mmap_unlock, mmap_write_lock, vma_start_write } from './locks.ts'
import { copy_vma, vma_merge_extend } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { page_align } from './mmap.ts'
import { do_vmi_munmap, vma_is_sealed } from './munmap.ts'
import { unlink_anon_vmas } from './rmap.ts'
import { split_vma } from './split.ts'
import { refuse } from './steps.ts'
import { __get_unmapped_area, thp_get_unmapped_area } from './unmapped_area.ts'
import { userfaultfd_reset } from './userfaultfd.ts'
import {
  may_expand_vm,
  mlock_future_ok,
  security_vm_enough_memory_mm,
  vm_flags_reset,
  vm_stat_account,
  vm_unacct_memory,
} from './vma.ts'

/** One call as it is carried out. Bytes. Linux: mm/mremap.c:struct vma_remap_struct */
interface vma_remap_struct {
  readonly mm: mm_struct
  addr: number
  old_len: number
  new_len: number
  readonly flags: number
  new_addr: number
  /** Locked pages that an expansion adds are made present at the end. */
  populate_expand: boolean
  /** Pages charged for it. */
  charged: number
}

const implies_new_addr = (vrm: vma_remap_struct): boolean =>
  (vrm.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0

/**
 * mremap(): the address of the mapping then, or a negative errno. Lengths round up to pages.
 * Linux: mm/mremap.c:do_mremap()
 */
export function do_mremap(
  mm: mm_struct,
  addr: number,
  old_length: number,
  new_length: number,
  flags: number,
  new_addr: number,
): number {
  const [old_len, new_len] = [page_align(old_length), page_align(new_length)]
  const vrm: vma_remap_struct = {
    mm,
    addr,
    old_len,
    new_len,
    flags,
    new_addr,
    populate_expand: false,
    charged: 0,
  }
  const error = check_mremap_params(vrm)
  if (error !== 0) return error
  let ret: number
  mmap_write_lock(mm, 'mremap()')
  try {
    ret = flags & MREMAP_FIXED && old_len === new_len ? remap_move(vrm) : remap_one(vrm)
  } finally {
    mmap_unlock(mm)
  }
  if (!is_err(ret) && vrm.populate_expand) mm_populate(mm, ret + old_len, ret + new_len)
  return ret
}

/** Linux: mm/mremap.c:check_mremap_params() */
function check_mremap_params(vrm: vma_remap_struct): number {
  const { mm, addr, old_len, new_len, flags, new_addr } = vrm
  const at = 'check_mremap_params'
  const { task_size } = mm.range
  const invalid = (why: string): number => refuse(mm, EINVAL, at, why)
  if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) !== 0)
    return invalid(`flags 0x${flags.toString(16)} are unknown`)
  if (addr % PAGE_SIZE !== 0) return invalid('the address is not a multiple of the page size')
  if (new_len === 0) return invalid('the new length is 0')
  if (new_len > task_size) return invalid('the new length exceeds the task size')
  if (!implies_new_addr(vrm)) return 0
  if (new_addr > task_size - new_len) return invalid('the new range lies beyond the task size')
  if (new_addr % PAGE_SIZE !== 0)
    return invalid('the new address is not a multiple of the page size')
  if (!(flags & MREMAP_MAYMOVE)) return invalid('a new address needs MREMAP_MAYMOVE')
  if (flags & MREMAP_DONTUNMAP && old_len !== new_len)
    return invalid('MREMAP_DONTUNMAP cannot change the length')
  if (addr + old_len > new_addr && new_addr + new_len > addr)
    return invalid('the old and the new range overlap')
  if (mm.map_count + 2 >= mm.limits.max_map_count - 3)
    return refuse(mm, ENOMEM, at, 'too near to max_map_count')
  return 0
}

/** Moves all VMAs of the range with the holes between them. Linux: mm/mremap.c:remap_move() */
function remap_move(vrm: vma_remap_struct): number {
  const { mm, addr: start, old_len } = vrm
  const end = start + old_len
  let target = vrm.new_addr
  let last_end = start
  let first = -EFAULT
  let addr = start
  while (addr < end) {
    const vma = mm.mm_mt.find(addr)
    if (!vma || vma.vm_start >= end) break
    const seen = first >= 0
    if (!seen && start < vma.vm_start) return refuse_no_vma(mm, start)
    const from = Math.max(vma.vm_start, start)
    const vma_end = vma.vm_end
    const offset = seen ? vma.vm_start - last_end : 0
    if (!vma_multi_allowed(vma) && (seen || vma_end < end))
      return refuse(mm, EFAULT, 'remap_move', 'the VMA can only be moved by itself')
    vrm.addr = from
    vrm.new_addr = target + offset
    vrm.old_len = Math.min(end, vma_end) - from
    vrm.new_len = vrm.old_len
    const error = check_prep_vma(vrm, vma)
    const moved = error === 0 ? mremap_to(vrm) : error
    if (is_err(moved)) return moved
    if (!seen) first = moved
    last_end = vma_end
    target = moved + vrm.new_len
    addr = vma_end
  }
  return first < 0 ? refuse_no_vma(mm, start) : first
}

function refuse_no_vma(mm: mm_struct, addr: number): number {
  return refuse(mm, EFAULT, 'do_mremap', `nothing is mapped at 0x${addr.toString(16)}`)
}

/** May the VMA be moved among others? Not where it chooses its own address. Linux: mm/mremap.c:vma_multi_allowed() */
function vma_multi_allowed({ vm_file, vm_userfaultfd_ctx }: vm_area_struct): boolean {
  if (vm_userfaultfd_ctx !== null) return false
  const own = vm_file?.f_op.get_unmapped_area
  return !own || own === thp_get_unmapped_area || vm_file?.f_mapping.is_shmem === true
}

function remap_one(vrm: vma_remap_struct): number {
  const { mm, addr } = vrm
  const vma = lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  const error = check_prep_vma(vrm, vma)
  if (error !== 0) return error
  return implies_new_addr(vrm) ? mremap_to(vrm) : mremap_at(vrm, vma)
}

function lookup(mm: mm_struct, addr: number): vm_area_struct | null {
  const vma = mm.mm_mt.find(addr)
  return vma && vma.vm_start <= addr ? vma : null
}

/** Linux: mm/mremap.c:check_prep_vma() */
function check_prep_vma(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, new_len, flags } = vrm
  const at = 'check_prep_vma'
  if (vma_is_sealed(vma)) return refuse(mm, EPERM, at, 'the VMA is sealed')
  if (new_len <= vrm.old_len && !implies_new_addr(vrm)) return 0
  if (vrm.old_len === 0 && (vma.vm_flags & VM_MAYSHARE) === 0)
    return refuse(mm, EINVAL, at, 'only a shared mapping can be duplicated')
  if (flags & MREMAP_DONTUNMAP && vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
    return refuse(mm, EINVAL, at, 'the VMA has VM_DONTEXPAND or VM_PFNMAP')
  const old_len = Math.min(vrm.old_len, new_len)
  if (old_len > vma.vm_end - addr) return refuse(mm, EFAULT, at, 'the range ends beyond the VMA')
  if (new_len === old_len) return 0
  if (vma.vm_flags & VM_LOCKED) vrm.populate_expand = true
  return check_expand(mm, vma, new_len - vrm.old_len)
}

/** May the VMA get `delta` bytes more? */
function check_expand(mm: mm_struct, vma: vm_area_struct, delta: number): number {
  const at = 'check_prep_vma'
  if (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
    return refuse(mm, EFAULT, at, 'the VMA has VM_DONTEXPAND or VM_PFNMAP')
  if (!mlock_future_ok(mm, vma.vm_flags, delta))
    return refuse(mm, EAGAIN, at, `${delta} bytes more exceed RLIMIT_MEMLOCK`)
  if (!may_expand_vm(mm, vma.vm_flags, delta / PAGE_SIZE))
    return refuse(mm, ENOMEM, at, `${delta} bytes more exceed RLIMIT_AS or RLIMIT_DATA`)
  return 0
}

/** Resizes in place, or moves for want of room. Linux: mm/mremap.c:mremap_at() */
function mremap_at(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, old_len, new_len, flags } = vrm
  if (new_len === old_len) return addr
  if (new_len < old_len) return shrink_vma(vrm, true) || addr
  if (old_len === vma.vm_end - addr && vma_expandable(mm, vma, new_len - old_len))
    return grow_in_place(mm, vma, new_len - old_len) || addr
  if (!(flags & MREMAP_MAYMOVE))
    return refuse(
      mm,
      ENOMEM,
      'expand_vma',
      'there is no room above, and MREMAP_MAYMOVE is not given',
    )
  vrm.new_addr = 0
  const error = vrm_set_new_addr(vrm, vma)
  return error !== 0 ? error : move_vma(vrm, vma)
}

/** With `unlock` mmap_lock is released after a success. Linux: mm/mremap.c:shrink_vma() */
function shrink_vma({ mm, addr, old_len, new_len }: vma_remap_struct, unlock: boolean): number {
  return do_vmi_munmap(mm, addr + new_len, old_len - new_len, unlock)
}

/** Moves to a new address. Linux: mm/mremap.c:mremap_to() */
function mremap_to(vrm: vma_remap_struct): number {
  const { mm, addr, new_addr, new_len, flags } = vrm
  if (flags & MREMAP_FIXED) {
    const error = do_vmi_munmap(mm, new_addr, new_len)
    if (error !== 0) return error
  }
  if (new_len < vrm.old_len) {
    const error = shrink_vma(vrm, false)
    if (error !== 0) return error
    vrm.old_len = new_len
  }
  const vma = lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  if (flags & MREMAP_DONTUNMAP && !may_expand_vm(mm, vma.vm_flags, vrm.old_len / PAGE_SIZE))
    return refuse(mm, ENOMEM, 'mremap_to', 'the copy exceeds RLIMIT_AS or RLIMIT_DATA')
  const error = vrm_set_new_addr(vrm, vma)
  return error !== 0 ? error : move_vma(vrm, vma)
}

/** Linux: mm/mremap.c:vrm_set_new_addr() */
function vrm_set_new_addr(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, new_addr, new_len, flags } = vrm
  const pgoff = vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE
  const map_flags =
    (flags & MREMAP_FIXED ? MAP_FIXED : 0) | (vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
  const found = __get_unmapped_area(mm, vma.vm_file, new_addr, new_len, pgoff, map_flags)
  if (is_err(found)) return found
  vrm.new_addr = found
  return 0
}

/** Copies the VMA to the new address, moves the pages, and unmaps the source. Linux: mm/mremap.c:move_vma() */
function move_vma(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, old_len, new_len, new_addr, flags } = vrm
  const prepared = prep_move_vma(vrm, vma)
  if (prepared !== 0) return prepared
  const added = flags & MREMAP_DONTUNMAP ? new_len : new_len - old_len
  if (!charge(vrm, vma, added)) return refuse(mm, ENOMEM, 'vrm_calc_charge', 'the commit limit')

  vma_start_write(vma)
  const { vm_flags } = vma
  const copied = copy_vma(mm, vma, addr, new_addr, new_len, (flags & MREMAP_DONTUNMAP) !== 0)
  if (!copied) {
    vm_unacct_memory(mm, vrm.charged)
    return refuse(mm, ENOMEM, 'copy_vma', 'no memory for the moved VMA')
  }
  const { source } = copied
  if (copied.vma.vm_userfaultfd_ctx !== null) userfaultfd_reset(copied.vma)
  mm.pages.move(addr, addr + Math.min(old_len, new_len), new_addr)
  vm_stat_account(mm, vm_flags, new_len / PAGE_SIZE)
  if (vm_flags & VM_LOCKED) mm.locked_vm += new_len / PAGE_SIZE
  if (flags & MREMAP_DONTUNMAP) dontunmap_complete(vrm, source, copied.vma)
  else unmap_source_vma(vrm, source)
  return new_addr
}

/** Linux: mm/mremap.c:prep_move_vma() */
function prep_move_vma({ mm, addr, old_len }: vma_remap_struct, vma: vm_area_struct): number {
  if (mm.map_count >= mm.limits.max_map_count - 3)
    return refuse(mm, ENOMEM, 'prep_move_vma', 'too near to max_map_count')
  const may_split = vma.vm_ops?.may_split
  if (!may_split) return 0
  for (const [cut, edge] of [
    [addr, vma.vm_start],
    [addr + old_len, vma.vm_end],
  ] as const) {
    const error = cut === edge ? 0 : call_hook(mm, 'may_split', () => may_split(vma, cut))
    if (error !== 0)
      return refuse(mm, -error, 'may_split', 'the driver does not let the VMA be split')
  }
  return 0
}

function charge(vrm: vma_remap_struct, vma: vm_area_struct, bytes: number): boolean {
  vrm.charged = vma.vm_flags & VM_ACCOUNT ? bytes / PAGE_SIZE : 0
  return security_vm_enough_memory_mm(vrm.mm, vrm.charged)
}

/** The charge has gone to the copy: what is unmapped must not give it back. Linux: mm/mremap.c:unmap_source_vma() */
function unmap_source_vma({ mm, addr, old_len }: vma_remap_struct, vma: vm_area_struct): void {
  const accountable = (vma.vm_flags & VM_ACCOUNT) !== 0
  const { vm_start, vm_end } = vma
  if (accountable) vma.vm_flags &= ~VM_ACCOUNT
  const error = do_vmi_munmap(mm, addr, old_len)
  if (!accountable) return
  if (error !== 0) {
    security_vm_enough_memory_mm(mm, old_len / PAGE_SIZE)
    return
  }
  const below = vm_start < addr ? lookup(mm, addr - 1) : null
  const above = vm_end > addr + old_len ? lookup(mm, addr + old_len) : null
  for (const rest of [below, above]) {
    if (!rest) continue
    vma_start_write(rest)
    rest.vm_flags |= VM_ACCOUNT
  }
}

/** The source stays, unlocked and without pages. Linux: mm/mremap.c:dontunmap_complete() */
function dontunmap_complete(
  { mm, addr, old_len }: vma_remap_struct,
  vma: vm_area_struct,
  copy: vm_area_struct,
): void {
  const end = addr + old_len
  if (vma.vm_flags & VM_LOCKED) mm.release.unlock_source(mm, vma, addr, end)
  // Looked at now: unlocking may have split the moved range off.
  const whole = addr === vma.vm_start && end === vma.vm_end
  if (copy !== vma && whole) unlink_anon_vmas(vma)
}

/** Unlocks the moved range of the source, split off first and not merged again, and counts it. */
export function unlock_range(mm: mm_struct, vma: vm_area_struct, start: number, end: number): void {
  if (vma.vm_start < start && split_vma(mm, vma, start, true) !== 0) return
  if (vma.vm_end > end && split_vma(mm, vma, end, false) !== 0) return
  unlock_whole(mm, vma)
  mm.locked_vm -= (end - start) / PAGE_SIZE
}

/** Unlocks the whole source and counts nothing: 6.18.44's mistake. */
export function unlock_whole(mm: mm_struct, vma: vm_area_struct): void {
  vma_start_write(vma)
  vm_flags_reset(mm, vma, vma.vm_flags & ~VM_LOCKED_MASK, vma.vm_flags_high)
}

/** Are `delta` bytes above the VMA free? Linux: mm/mremap.c:vma_expandable() */
function vma_expandable(mm: mm_struct, vma: vm_area_struct, delta: number): boolean {
  const end = vma.vm_end + delta
  const next = mm.mm_mt.next(vma)
  return end <= mm.range.task_size && (!next || next.vm_start >= end)
}

/** Linux: mm/mremap.c:expand_vma_in_place() */
function grow_in_place(mm: mm_struct, vma: vm_area_struct, delta: number): number {
  const { vm_flags } = vma
  const pages = delta / PAGE_SIZE
  const charged = vm_flags & VM_ACCOUNT ? pages : 0
  if (!security_vm_enough_memory_mm(mm, charged))
    return refuse(mm, ENOMEM, 'expand_vma_in_place', `${pages} pages more exceed the commit limit`)
  if (!vma_merge_extend(mm, vma, delta)) {
    vm_unacct_memory(mm, charged)
    return refuse(mm, ENOMEM, 'vma_merge_extend', 'the VMA cannot be extended')
  }
  vm_stat_account(mm, vm_flags, pages)
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  return 0
}

/**
 * Grows the VMA at `addr` by `delta` bytes where it stands, and makes no page present: 0 or a negative errno.
 * Linux: mm/mremap.c:expand_vma()
 */
export function expand_vma_in_place(mm: mm_struct, addr: number, delta: number): number {
  mmap_assert_write_locked(mm, 'expand_vma()')
  const vma = lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  const error = check_expand(mm, vma, delta)
  if (error !== 0) return error
  if (!vma_expandable(mm, vma, delta))
    return refuse(mm, ENOMEM, 'vma_expandable', `no ${delta} bytes are free above the VMA`)
  return grow_in_place(mm, vma, delta)
}
