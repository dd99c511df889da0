// SPDX-License-Identifier: GPL-2.0-only
// Advice that changes VMAs. Linux: mm/madvise.c, mm/userfaultfd.c

import { EBADF, ENOMEM } from './errno.ts'
import { VM_UFFD_MISSING } from './flags.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse } from './steps.ts'
import { vm_flags_reset } from './vma.ts'

/** Works on [start, end) of one VMA. Returns the VMA that holds the range then, or a negative errno. */
export type Visit = (
  vma: vm_area_struct,
  prev: vm_area_struct | null,
  start: number,
  end: number,
) => vm_area_struct | number

/**
 * Visits the VMAs of [start, end). A hole is passed over, and -ENOMEM returned at the end.
 * Linux: mm/madvise.c:madvise_walk_vmas()
 */
export function madvise_walk_vmas(mm: mm_struct, start: number, end: number, visit: Visit): number {
  let from = start
  let holes = 0
  let vma = mm.mm_mt.find(start)
  let prev = vma && (start > vma.vm_start ? vma : mm.mm_mt.prev(vma))
  while (from < end) {
    if (!vma || vma.vm_start > from) {
      holes = -ENOMEM
      if (!vma || vma.vm_start >= end) break
      from = vma.vm_start
    }
    const to = Math.min(vma.vm_end, end)
    const visited = visit(vma, prev, from, to)
    if (typeof visited === 'number') return visited
    prev = visited
    from = Math.max(to, visited.vm_end)
    vma = mm.mm_mt.next(visited)
  }
  return holes === 0
    ? 0
    : refuse(mm, ENOMEM, 'madvise_walk_vmas', 'part of the range is not mapped')
}

/** Sets and clears low-lane flags of [start, end). Linux: mm/madvise.c:madvise_update_vma() */
export function madvise_update_flags(
  mm: mm_struct,
  start: number,
  end: number,
  set: number,
  clear: number,
): number {
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    const newflags = (vma.vm_flags | set) & ~clear
    if (newflags === vma.vm_flags) return vma
    const vmg = vma_modify_proposal(mm, prev, vma, from, to)
    vmg.vm_flags = newflags
    const changed = vma_modify(vmg)
    if (typeof changed !== 'number')
      vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
    return changed
  })
}

/** Names anonymous memory, or takes its name away with null. -EBADF for a file's. Linux: mm/madvise.c:set_anon_vma_name() */
export function madvise_set_anon_name(
  mm: mm_struct,
  start: number,
  end: number,
  name: string | null,
): number {
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    if (vma.vm_file)
      return refuse(mm, EBADF, 'madvise_vma_anon_name', 'a file mapping has no other name')
    if (vma.anon_name === name) return vma
    const vmg = vma_modify_proposal(mm, prev, vma, from, to)
    vmg.anon_name = name
    const changed = vma_modify(vmg)
    if (typeof changed === 'number') return changed
    vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
    changed.anon_name = name
    return changed
  })
}

/** Lets a userfaultfd watch missing pages of [start, end), or with null nobody. Linux: mm/userfaultfd.c */
export function userfaultfd_set_ctx(
  mm: mm_struct,
  start: number,
  end: number,
  ctx: unknown,
): number {
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    const newflags = ctx === null ? vma.vm_flags & ~VM_UFFD_MISSING : vma.vm_flags | VM_UFFD_MISSING
    if (newflags === vma.vm_flags && vma.vm_userfaultfd_ctx === ctx) return vma
    const vmg = vma_modify_proposal(mm, prev, vma, from, to)
    vmg.vm_flags = newflags
    vmg.uffd_ctx = ctx
    const changed = vma_modify(vmg)
    if (typeof changed === 'number') return changed
    // The flags are passed by value: what a merge united is not kept.
    vm_flags_reset(mm, changed, newflags, changed.vm_flags_high)
    changed.vm_userfaultfd_ctx = ctx
    return changed
  })
}
