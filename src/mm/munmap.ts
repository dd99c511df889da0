// SPDX-License-Identifier: GPL-2.0-only
// Unmapping: gather what overlaps, then complete or abort. Linux: mm/vma.c

import { EINVAL, ENOMEM, EPERM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import { PAGE_SIZE, VM_ACCOUNT, VM_LOCKED, VM_SEALED_HIGH } from './flags.ts'
import {
  mmap_assert_write_locked,
  mmap_read_unlock,
  mmap_unlock,
  mmap_write_downgrade,
  mmap_write_lock,
  mmap_write_unlock,
  vma_mark_attached,
  vma_mark_detached,
  vma_start_write,
} from './locks.ts'
import { type mm_struct, type vm_area_struct, vma_pages } from './mm_types.ts'
import { unlink_file_vmas } from './rmap.ts'
import { __split_vma } from './split.ts'
import { refuse, refuse_unaligned, step } from './steps.ts'
import {
  is_data_mapping,
  is_exec_mapping,
  is_stack_mapping,
  remove_vma,
  vm_unacct_memory,
  vma_close,
} from './vma.ts'

/** The VMAs that one call takes out of [start, end), and what they amount to in pages. */
export class vma_munmap_struct {
  readonly mm: mm_struct
  /** The first VMA that overlaps. */
  readonly vma: vm_area_struct
  readonly start: number
  readonly end: number
  /** The VMAs below and above what is taken out. */
  prev: vm_area_struct | null = null
  next: vm_area_struct | null = null
  readonly detached: vm_area_struct[] = []
  nr_pages = 0
  locked_vm = 0
  nr_accounted = 0
  exec_vm = 0
  stack_vm = 0
  data_vm = 0
  /** Are the page tables still to be cleared? Until they are, everything can be put back. */
  clear_ptes = false
  /** Page tables are cleared and hooks called under mmap_lock held for reading, and then it is released. */
  readonly unlock: boolean

  constructor(mm: mm_struct, vma: vm_area_struct, start: number, end: number, unlock = false) {
    this.mm = mm
    this.unlock = unlock
    this.vma = vma
    this.start = start
    this.end = end
  }
}

/** Is the VMA sealed by mseal()? Linux: mm/vma.h:vma_is_sealed() */
export function vma_is_sealed(vma: vm_area_struct): boolean {
  return (vma.vm_flags_high & VM_SEALED_HIGH) !== 0
}

function refuse_sealed(mm: mm_struct, vma: vm_area_struct, at: string): number {
  return refuse(mm, EPERM, at, `the VMA at 0x${vma.vm_start.toString(16)} is sealed`)
}

/**
 * Splits at both ends of the range and takes out the VMAs between. An error puts them back; the splits stay.
 * Linux: mm/vma.c:vms_gather_munmap_vmas()
 */
export function vms_gather_munmap_vmas(vms: vma_munmap_struct): number {
  const { mm, vma, start, end } = vms
  const at = 'vms_gather_munmap_vmas'
  step(mm, at, null, start, end)
  if (start > vma.vm_start) {
    if (end < vma.vm_end && mm.map_count >= mm.limits.max_map_count)
      return refuse(
        mm,
        ENOMEM,
        at,
        `a hole in a VMA makes one VMA more, and ${mm.map_count} of max_map_count ${mm.limits.max_map_count} exist`,
      )
    if (vma_is_sealed(vma)) return refuse_sealed(mm, vma, at)
    const error = __split_vma(mm, vma, start, true)
    if (error !== 0) return error
  }
  vms.prev = mm.mm_mt.prev(vma)
  for (
    let next: vm_area_struct | null = vma;
    next && next.vm_start < end;
    next = mm.mm_mt.next(next)
  ) {
    const error = detach_one(vms, next)
    if (error !== 0) {
      reattach_vmas(vms)
      return error
    }
    vms.next = next
  }
  vms.next = mm.mm_mt.next(vms.next as vm_area_struct)
  vms.clear_ptes = true
  return 0
}

function detach_one(vms: vma_munmap_struct, vma: vm_area_struct): number {
  const { mm } = vms
  if (vma_is_sealed(vma)) return refuse_sealed(mm, vma, 'vms_gather_munmap_vmas')
  if (vma.vm_end > vms.end) {
    const error = __split_vma(mm, vma, vms.end, false)
    if (error !== 0) return error
  }
  vma_start_write(vma)
  if (should_fail(mm, 'mas_store_gfp'))
    return refuse(mm, ENOMEM, 'mas_store_gfp', 'no memory for the list of VMAs to unmap')
  vms.detached.push(vma)
  vma_mark_detached(vma)
  const pages = vma_pages(vma)
  vms.nr_pages += pages
  if (vma.vm_flags & VM_LOCKED) vms.locked_vm += pages
  if (vma.vm_flags & VM_ACCOUNT) vms.nr_accounted += pages
  if (is_exec_mapping(vma.vm_flags)) vms.exec_vm += pages
  else if (is_stack_mapping(vma.vm_flags)) vms.stack_vm += pages
  else if (is_data_mapping(vma.vm_flags)) vms.data_vm += pages
  return 0
}

/** Puts gathered VMAs back. Linux: mm/vma.c:reattach_vmas() */
export function reattach_vmas(vms: vma_munmap_struct): void {
  step(vms.mm, 'reattach_vmas', null, vms.start, vms.end)
  for (const vma of vms.detached) vma_mark_attached(vma)
  vms.detached.length = 0
}

/** Clears the page tables of the range. Linux: mm/vma.c:vms_clear_ptes() */
export function vms_clear_ptes(vms: vma_munmap_struct): void {
  if (!vms.clear_ptes) return
  step(vms.mm, 'unmap_region', null, vms.start, vms.end)
  if (!vms.mm.pages.isEmpty) vms.mm.pages.clear(vms.start, vms.end)
  unlink_file_vmas(vms.mm, vms.detached)
  vms.clear_ptes = false
}

/**
 * Clears page tables and closes the VMAs, so that a driver's new mapping may follow.
 * Linux: mm/vma.c:vms_clean_up_area()
 */
export function vms_clean_up_area(vms: vma_munmap_struct): void {
  vms_clear_ptes(vms)
  for (const vma of vms.detached) vma_close(vms.mm, vma)
}

/** Counts the VMAs off and frees them. Linux: mm/vma.c:vms_complete_munmap_vmas() */
export function vms_complete_munmap_vmas(vms: vma_munmap_struct): void {
  const { mm } = vms
  mm.map_count -= vms.detached.length
  mm.locked_vm -= vms.locked_vm
  if (vms.unlock) mmap_write_downgrade(mm)
  vms_clear_ptes(vms)
  mm.total_vm -= vms.nr_pages
  mm.exec_vm -= vms.exec_vm
  mm.stack_vm -= vms.stack_vm
  mm.data_vm -= vms.data_vm
  for (const vma of vms.detached) remove_vma(mm, vma)
  vm_unacct_memory(mm, vms.nr_accounted)
  if (vms.unlock) mmap_read_unlock(mm)
}

/**
 * A mapping over gathered VMAs failed: puts them back, or, when their page tables are gone, leaves a hole.
 * Linux: mm/vma.c:vms_abort_munmap_vmas()
 */
export function vms_abort_munmap_vmas(vms: vma_munmap_struct): void {
  if (vms.clear_ptes) {
    reattach_vmas(vms)
    return
  }
  step(vms.mm, 'vms_clear_range', null, vms.start, vms.end)
  vma_iter_clear(vms)
  vms_complete_munmap_vmas(vms)
}

/** Takes the gathered VMAs out of the tree. Linux: include/linux/mm.h:vma_iter_clear_gfp() */
function vma_iter_clear(vms: vma_munmap_struct): void {
  for (const vma of vms.detached) if (vms.mm.mm_mt.holds(vma)) vms.mm.mm_mt.remove(vma)
}

/**
 * Unmaps [start, end), which begins in or below `vma`. With `unlock` mmap_lock, held for writing, is released after a
 * success. Linux: mm/vma.c:do_vmi_align_munmap()
 */
export function do_vmi_align_munmap(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
  unlock = false,
): number {
  const vms = new vma_munmap_struct(mm, vma, start, end, unlock)
  const error = vms_gather_munmap_vmas(vms)
  if (error !== 0) return error
  if (should_fail(mm, 'mas_store_gfp')) {
    reattach_vmas(vms)
    return refuse(
      mm,
      ENOMEM,
      'vma_iter_clear_gfp',
      'no memory to empty the range in the tree of VMAs',
    )
  }
  vma_iter_clear(vms)
  vms_complete_munmap_vmas(vms)
  return 0
}

/**
 * Unmaps `len` bytes from `start`: 0, also when nothing is mapped there; -EINVAL for a start off a page boundary, a
 * length of 0 or a range beyond the task size; -EPERM, -ENOMEM or may_split's errno with nothing unmapped. Needs
 * mmap_lock held for writing; with `unlock` it is released after a success.
 * Linux: mm/vma.c:do_vmi_munmap()
 */
export function do_vmi_munmap(mm: mm_struct, start: number, len: number, unlock = false): number {
  const at = 'do_vmi_munmap'
  mmap_assert_write_locked(mm, 'do_vmi_munmap()')
  const { task_size } = mm.range
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  if (start > task_size || len > task_size - start)
    return refuse(mm, EINVAL, at, `the range ends beyond the task size 0x${task_size.toString(16)}`)
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  if (end === start) return refuse(mm, EINVAL, at, 'the length is 0')
  const vma = mm.mm_mt.find(start)
  if (vma && vma.vm_start < end) return do_vmi_align_munmap(mm, vma, start, end, unlock)
  if (unlock) mmap_write_unlock(mm)
  return 0
}

/** munmap() on any address space: 0 or a negative errno. Linux: mm/vma.c:__vm_munmap() */
export function __vm_munmap(mm: mm_struct, start: number, len: number): number {
  mmap_write_lock(mm, 'munmap()')
  try {
    return do_vmi_munmap(mm, start, len, true)
  } finally {
    mmap_unlock(mm)
  }
}
