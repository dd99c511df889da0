// SPDX-License-Identifier: GPL-2.0-only
// The heap. Linux: mm/mmap.c:brk, mm/vma.c:do_brk_flags()

import { ENOMEM } from './errno.ts'
import { mm_populate } from './fault.ts'
import { should_fail } from './fault_plan.ts'
import { PAGE_SIZE, VM_ACCOUNT, VM_EXEC, VM_LOCKED, VM_SOFTDIRTY } from './flags.ts'
import { ksm_vma_flags } from './ksm.ts'
import { mmap_unlock, mmap_write_lock, vma_mark_attached, vma_start_write } from './locks.ts'
import { vma_iter_store_overwrite, vma_merge_new_range, vma_merge_struct } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { check_map_count, page_align } from './mmap.ts'
import { do_vmi_align_munmap } from './munmap.ts'
import { refuse } from './steps.ts'
import { vm_start_gap } from './unmapped_area.ts'
import {
  may_expand_vm,
  mlock_future_ok,
  security_vm_enough_memory_mm,
  vm_area_alloc,
  vm_get_page_prot,
  vm_unacct_memory,
} from './vma.ts'

/**
 * brk(): moves the end of the heap to `brk` bytes and returns where it is then; a refusal leaves it.
 * Linux: mm/mmap.c:brk
 */
export function sys_brk(mm: mm_struct, brk: number): number {
  const [before, oldbrk] = [mm.brk, page_align(mm.brk)]
  mmap_write_lock(mm, 'brk()')
  try {
    set_brk(mm, brk)
  } finally {
    mmap_unlock(mm)
  }
  if (mm.brk > before && mm.def_flags & VM_LOCKED) mm_populate(mm, oldbrk, page_align(mm.brk))
  return mm.brk
}

function set_brk(mm: mm_struct, brk: number): void {
  if (brk < mm.start_brk || (brk - mm.start_brk) / PAGE_SIZE > mm.limits.data) return
  const newbrk = page_align(brk)
  const oldbrk = page_align(mm.brk)
  const change = brk > mm.brk ? grow : shrink
  if (newbrk === oldbrk || change(mm, oldbrk, newbrk)) mm.brk = brk
}

function shrink(mm: mm_struct, oldbrk: number, newbrk: number): boolean {
  const vma = mm.mm_mt.find(newbrk)
  if (!vma || vma.vm_start >= oldbrk) return false
  return do_vmi_align_munmap(mm, vma, newbrk, oldbrk, true) === 0
}

function grow(mm: mm_struct, oldbrk: number, newbrk: number): boolean {
  const len = newbrk - oldbrk
  if (newbrk <= oldbrk || newbrk > mm.range.task_size || !mlock_future_ok(mm, mm.def_flags, len))
    return false
  const next = mm.mm_mt.find(oldbrk)
  if (next && newbrk + PAGE_SIZE > vm_start_gap(next)) return false
  const below = mm.mm_mt.findBelow(oldbrk)
  const heap = below && below.vm_end > mm.start_brk ? below : null
  return do_brk_flags(mm, heap, oldbrk, len) === 0
}

/**
 * Extends the heap at `addr` by `len` bytes; `vma` is what lies below. Running out of memory in a merge is an error
 * here.
 * Linux: mm/vma.c:do_brk_flags()
 */
export function do_brk_flags(
  mm: mm_struct,
  vma: vm_area_struct | null,
  addr: number,
  len: number,
): number {
  const at = 'do_brk_flags'
  const pages = len / PAGE_SIZE
  const executable = mm.read_implies_exec ? VM_EXEC : 0
  const asked = mm.release.data_default_flags | executable | VM_ACCOUNT | mm.def_flags
  const vm_flags = mm.release.marks_ksm_early(null) ? ksm_vma_flags(mm, asked, 0) : asked
  if (!may_expand_vm(mm, vm_flags, pages))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed RLIMIT_AS or RLIMIT_DATA`)
  const crowded = check_map_count(mm)
  if (crowded !== 0) return crowded
  if (!security_vm_enough_memory_mm(mm, pages))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed the commit limit`)
  const heap = extend_heap(mm, vma, addr, len, vm_flags) ?? new_heap(mm, addr, len, vm_flags)
  if (!heap) {
    vm_unacct_memory(mm, pages)
    return refuse(mm, ENOMEM, at, 'no memory for the heap')
  }
  mm.total_vm += pages
  mm.data_vm += pages
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  if (mm.release.soft_dirty) heap.vm_flags |= VM_SOFTDIRTY
  return 0
}

/** The VMA below with the range taken in; null when it does not fit, false when memory ran out. */
function extend_heap(
  mm: mm_struct,
  vma: vm_area_struct | null,
  addr: number,
  len: number,
  vm_flags: number,
): vm_area_struct | null | false {
  if (vma?.vm_end !== addr) return null
  const page = addr / PAGE_SIZE
  const next = mm.mm_mt.next(vma)
  const end = addr + len
  const vmg = new vma_merge_struct(mm, vma, null, next, addr, end, page, page, vm_flags, 0, null)
  vmg.just_expand = true
  return vma_merge_new_range(vmg) ?? (vmg.out_of_memory ? false : null)
}

function new_heap(
  mm: mm_struct,
  addr: number,
  len: number,
  vm_flags: number,
): vm_area_struct | null {
  const vma = vm_area_alloc(mm, addr, addr + len)
  if (!vma) return null
  vma.vm_ops = null
  vma.vm_pgoff = addr / PAGE_SIZE
  vma.anon_pgoff = vma.vm_pgoff
  vma.vm_flags = ksm_vma_flags(mm, vm_flags, 0)
  vma.vm_page_prot = vm_get_page_prot(vm_flags)
  vma_start_write(vma)
  if (should_fail(mm, 'mas_store_gfp')) return null
  vma_iter_store_overwrite(mm, vma, addr, addr + len)
  vma_mark_attached(vma)
  mm.map_count++
  return vma
}
