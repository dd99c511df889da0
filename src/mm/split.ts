// SPDX-License-Identifier: GPL-2.0-only
// Cutting a VMA in two. Linux: mm/vma.c

import { ENOMEM } from './errno.ts'
import { PAGE_SIZE } from './flags.ts'
import { call_hook } from './hooks.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { anon_vma_clone, vma_link_file } from './rmap.ts'
import { refuse, step } from './steps.ts'
import { get_file, should_fail, vm_area_dup, vma_open } from './vma.ts'

function may_split(mm: mm_struct, vma: vm_area_struct, addr: number): number {
  const hook = vma.vm_ops?.may_split
  if (!hook) return 0
  step(mm, 'call_may_split', vma, addr)
  const error = call_hook(mm, 'may_split', () => hook(vma, addr))
  step(mm, 'return_may_split', vma, error, addr)
  if (error === 0) return 0
  return refuse(
    mm,
    -error,
    'may_split',
    `the driver does not let the VMA at 0x${vma.vm_start.toString(16)} be split`,
  )
}

/** Moves the start up to `addr`; the offsets follow. */
export function vma_cut_front(mm: mm_struct, vma: vm_area_struct, addr: number): void {
  const pages = (addr - vma.vm_start) / PAGE_SIZE
  vma.vm_pgoff += pages
  vma.anon_pgoff += pages
  mm.mm_mt.setRange(vma, addr, vma.vm_end)
}

/**
 * Splits `vma` at `addr`. With `new_below` the new VMA is the lower part, else the upper. A failure leaves it whole:
 * may_split's errno or -ENOMEM. Linux: mm/vma.c:__split_vma()
 */
export function __split_vma(
  mm: mm_struct,
  vma: vm_area_struct,
  addr: number,
  new_below: boolean,
): number {
  const error = may_split(mm, vma, addr)
  if (error !== 0) return error
  const piece = vm_area_dup(mm, vma)
  if (!piece) return refuse(mm, ENOMEM, 'vm_area_alloc', 'no memory for the VMA that a split makes')
  if (new_below) piece.vm_end = addr
  else vma_cut_front(mm, piece, addr)
  if (should_fail(mm, 'vma_iter_prealloc'))
    return refuse(mm, ENOMEM, 'vma_iter_prealloc', 'no memory for the tree of VMAs')
  if (anon_vma_clone(mm, piece, vma) !== 0)
    return refuse(mm, ENOMEM, 'anon_vma_clone', 'no memory for the links of a split VMA')
  if (piece.vm_file) get_file(mm, piece.vm_file)
  vma_open(mm, piece)

  // First the piece, then the cut: the other way round the tree would note a gap between the two, and forget it again.
  mm.mm_mt.insert(piece, new_below ? mm.mm_mt.prev(vma) : vma)
  if (new_below) vma_cut_front(mm, vma, addr)
  else mm.mm_mt.setRange(vma, vma.vm_start, addr)
  piece.detached = false
  vma_link_file(piece)
  mm.map_count++
  step(mm, '__split_vma', piece, addr)
  return 0
}

/** __split_vma() within max_map_count. Linux: mm/vma.c:split_vma() */
export function split_vma(
  mm: mm_struct,
  vma: vm_area_struct,
  addr: number,
  new_below: boolean,
): number {
  if (mm.map_count >= mm.limits.max_map_count)
    return refuse(
      mm,
      ENOMEM,
      'split_vma',
      `a split makes one VMA more, and ${mm.map_count} of max_map_count ${mm.limits.max_map_count} exist`,
    )
  return __split_vma(mm, vma, addr, new_below)
}
