// SPDX-License-Identifier: GPL-2.0-only
// A VMA at another address, for a move. Linux: mm/vma.c

import { PAGE_SIZE } from './flags.ts'
import { vma_mark_attached, vma_start_write } from './locks.ts'
import { vma_merge_new_range, vma_merge_struct } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { anon_vma_clone, vma_link_file } from './rmap.ts'
import { step } from './steps.ts'
import { get_file, vm_area_dup, vma_open } from './vma.ts'

/** A VMA at its new address, and where its source is now: a merge may have made them one. */
export interface CopiedVma {
  readonly vma: vm_area_struct
  readonly source: vm_area_struct
}

/**
 * Makes [to, to + len) a copy of the part of `vma` that begins at `from`, by a merge or as a VMA of its own. Private
 * memory that was never written takes the offsets of its new place. null when there is no memory.
 * Linux: mm/vma.c:copy_vma()
 */
export function copy_vma(
  mm: mm_struct,
  vma: vm_area_struct,
  from: number,
  to: number,
  len: number,
  source_stays: boolean,
): CopiedVma | null {
  const skipped = (from - vma.vm_start) / PAGE_SIZE
  const untouched = !vma.anon_vma
  const pgoff = untouched && !vma.vm_ops ? to / PAGE_SIZE : vma.vm_pgoff + skipped
  const anon_pgoff = untouched ? to / PAGE_SIZE : vma.anon_pgoff + skipped
  const above = mm.mm_mt.find(to)
  const below = above ? mm.mm_mt.prev(above) : mm.mm_mt.findBelow(to)
  const left_out = source_stays && !mm.release.merges_copy_with_source ? vma : null
  const vmg = new vma_merge_struct(
    mm,
    below === left_out ? null : below,
    null,
    above === left_out ? null : above,
    to,
    to + len,
    pgoff,
    anon_pgoff,
    vma.vm_flags,
    vma.vm_flags_high,
    vma.vm_file,
  )
  vmg.anon_vma = vma.anon_vma
  vmg.anon_links = vma.anon_vma_chain
  vmg.anon_name = vma.anon_name
  vmg.uffd_ctx = vma.vm_userfaultfd_ctx
  vmg.copied_from = vma
  const merged = vma_merge_new_range(vmg)
  if (merged) return { vma: merged, source: vma.detached ? merged : vma }
  const copy = dup_vma_at(mm, vma, to, len, pgoff, anon_pgoff)
  return copy && { vma: copy, source: vma }
}

function dup_vma_at(
  mm: mm_struct,
  vma: vm_area_struct,
  to: number,
  len: number,
  pgoff: number,
  anon_pgoff: number,
): vm_area_struct | null {
  const copy = vm_area_dup(mm, vma)
  if (!copy || anon_vma_clone(mm, copy, vma) !== 0) return null
  copy.vm_start = to
  copy.vm_end = to + len
  copy.vm_pgoff = pgoff
  copy.anon_pgoff = anon_pgoff
  if (copy.vm_file) get_file(mm, copy.vm_file)
  vma_open(mm, copy)
  vma_start_write(copy)
  mm.mm_mt.insert(copy)
  vma_mark_attached(copy)
  step(mm, 'vma_iter_store', copy)
  vma_link_file(copy)
  mm.map_count++
  return copy
}
