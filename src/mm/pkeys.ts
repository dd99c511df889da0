// SPDX-License-Identifier: GPL-2.0-only
// Protection keys: four flag bits of a VMA, and the one that makes a mapping execute-only. Linux: arch/x86/mm/pkeys.c
// Not modelled: the rights of keys other than the execute-only one. Vectors: 0.

import { ENOSPC } from './errno.ts'
import { PROT_EXEC, VM_ACCESS_FLAGS, VM_EXEC } from './flags.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse } from './steps.ts'

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

/** Reserves the lowest free key, 1 to 15: the key, or -ENOSPC. Linux: arch/x86/include/asm/pkeys.h:mm_pkey_alloc() */
export function pkey_alloc(mm: mm_struct): number {
  for (let pkey = 1; pkey <= PKEY_MASK_HIGH; pkey++) {
    if (pkey_is_allocated(mm, pkey)) continue
    mm.pkeys_allocated |= 1 << pkey
    return pkey
  }
  return refuse(mm, ENOSPC, 'mm_pkey_alloc', 'all 15 keys are in use')
}

/** Is the key in use? Not from outside the one for execute-only mappings. Linux: mm_pkey_is_allocated() */
export function pkey_is_allocated(mm: mm_struct, pkey: number): boolean {
  return pkey >= 0 && pkey <= PKEY_MASK_HIGH && ((mm.pkeys_allocated >>> pkey) & 1) === 1
}

/** The key that forbids reading, reserved at its first use. Linux: arch/x86/mm/pkeys.c:__execute_only_pkey() */
export function execute_only_pkey(mm: mm_struct): number {
  if (mm.execute_only_pkey < 0) mm.execute_only_pkey = pkey_alloc(mm)
  return Math.max(mm.execute_only_pkey, 0)
}

/** Is the VMA execute-only by its key? */
export function is_execute_only(mm: mm_struct, vma: vm_area_struct): boolean {
  return mm.execute_only_pkey > 0 && vma_pkey(vma) === mm.execute_only_pkey
}

/**
 * The key that mprotect() gives; `asked` is pkey_mprotect()'s, or -1.
 * Linux: arch/x86/mm/pkeys.c:__arch_override_mprotect_pkey()
 */
export function arch_override_mprotect_pkey(
  mm: mm_struct,
  vma: vm_area_struct,
  prot: number,
  asked: number,
): number {
  if (asked >= 0) return asked
  const only_exec = (vma.vm_flags & VM_ACCESS_FLAGS) === VM_EXEC && is_execute_only(mm, vma)
  if (only_exec && prot !== PROT_EXEC) return 0
  return prot === PROT_EXEC ? execute_only_pkey(mm) : vma_pkey(vma)
}
