// SPDX-License-Identifier: GPL-2.0-only
// Protection keys: four flag bits of a VMA, and the one that makes a mapping execute-only. Linux: arch/x86/mm/pkeys.c
// Not modelled: pkey_alloc(2), pkey_mprotect(2) and rights other than those of the execute-only key.
// Vectors: 13 operations of each live set (pkey_alloc).

import { PROT_EXEC, VM_ACCESS_FLAGS, VM_EXEC } from './flags.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'

/** Where the key lies in the high lane of the flags. Linux: include/linux/mm.h:VM_PKEY_BIT0 */
const PKEY_MASK_HIGH = 0xf

/** The VMA's protection key, 0 for the default. Linux: arch/x86/include/asm/pkeys.h:vma_pkey() */
export function vma_pkey(vma: vm_area_struct): number {
  return vma.vm_flags_high & PKEY_MASK_HIGH
}

/** The high-lane flags with another key. */
export function with_pkey(high: number, pkey: number): number {
  return (high & ~PKEY_MASK_HIGH) | pkey
}

/** The key that forbids reading, reserved at its first use. Linux: arch/x86/mm/pkeys.c:__execute_only_pkey() */
export function execute_only_pkey(mm: mm_struct): number {
  if (mm.execute_only_pkey < 0) mm.execute_only_pkey = 1
  return mm.execute_only_pkey
}

/** Is the VMA execute-only by its key? */
export function is_execute_only(mm: mm_struct, vma: vm_area_struct): boolean {
  return mm.execute_only_pkey > 0 && vma_pkey(vma) === mm.execute_only_pkey
}

/** The key that mprotect() gives. Linux: arch/x86/mm/pkeys.c:__arch_override_mprotect_pkey() */
export function arch_override_mprotect_pkey(
  mm: mm_struct,
  vma: vm_area_struct,
  prot: number,
): number {
  const only_exec = (vma.vm_flags & VM_ACCESS_FLAGS) === VM_EXEC && is_execute_only(mm, vma)
  if (only_exec && prot !== PROT_EXEC) return 0
  return prot === PROT_EXEC ? execute_only_pkey(mm) : vma_pkey(vma)
}
