// SPDX-License-Identifier: GPL-2.0-only
// Locking pages in memory. Linux: mm/mlock.c

import { ENOMEM } from './errno.ts'
import { PAGE_SIZE, VM_LOCKED, VM_LOCKED_MASK } from './flags.ts'
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
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
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
  vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
  return changed
}
