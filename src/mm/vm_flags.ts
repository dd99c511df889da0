// SPDX-License-Identifier: GPL-2.0-only
// How a driver changes the flags of a VMA: the field is const to it. Linux: include/linux/mm.h
import { vma_start_write } from './locks.ts'
import type { vm_area_struct } from './mm_types.ts'

/**
 * Sets and clears flags of the low lane, given as masks such as VM_DONTCOPY; what is in both is cleared. A LockError
 * without mmap_lock held for writing. Linux: include/linux/mm.h:vm_flags_mod()
 */
export function vm_flags_mod(vma: vm_area_struct, set: number, clear: number): void {
  vma_start_write(vma)
  vma.vm_flags = (vma.vm_flags | set) & ~clear
}

/** Sets flags: {@link vm_flags_mod}. Linux: include/linux/mm.h:vm_flags_set() */
export function vm_flags_set(vma: vm_area_struct, flags: number): void {
  vm_flags_mod(vma, flags, 0)
}

/** Clears flags: {@link vm_flags_mod}. Linux: include/linux/mm.h:vm_flags_clear() */
export function vm_flags_clear(vma: vm_area_struct, flags: number): void {
  vm_flags_mod(vma, 0, flags)
}
