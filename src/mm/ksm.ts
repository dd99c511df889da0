// SPDX-License-Identifier: GPL-2.0-only
// Which mappings KSM may look into. Linux: mm/ksm.c

import {
  VM_DROPPABLE_HIGH,
  VM_HUGETLB,
  VM_MAYSHARE,
  VM_MERGEABLE,
  VM_SHARED,
  VM_SPECIAL,
} from './flags.ts'
import { mmap_unlock, mmap_write_lock, vma_start_write } from './locks.ts'
import type { mm_struct } from './mm_types.ts'

const UNFIT = VM_SHARED | VM_MAYSHARE | VM_SPECIAL | VM_HUGETLB

/** May a mapping with these flags be marked? Linux: mm/ksm.c:ksm_compatible() */
export function ksm_compatible(vm_flags: number, high: number): boolean {
  return (vm_flags & UNFIT) === 0 && (high & VM_DROPPABLE_HIGH) === 0
}

/** The flags of a new mapping, marked if the process asked for that. Linux: mm/ksm.c:ksm_vma_flags() */
export function ksm_vma_flags(mm: mm_struct, vm_flags: number, high: number): number {
  return mm.merge_any && ksm_compatible(vm_flags, high) ? vm_flags | VM_MERGEABLE : vm_flags
}

/** Marks or unmarks every mapping, those to come too. Linux: mm/ksm.c:ksm_enable_merge_any() */
export function ksm_merge_any(mm: mm_struct, on: boolean): void {
  if (mm.merge_any === on) return
  mmap_write_lock(mm, 'prctl(PR_SET_MEMORY_MERGE)')
  mm.merge_any = on
  for (const vma of mm.mm_mt) {
    if (!ksm_compatible(vma.vm_flags, vma.vm_flags_high)) continue
    vma_start_write(vma)
    vma.vm_flags = on ? vma.vm_flags | VM_MERGEABLE : vma.vm_flags & ~VM_MERGEABLE
  }
  mmap_unlock(mm)
}
