// SPDX-License-Identifier: GPL-2.0-only
// Cutting a VMA in two. Linux: mm/vma.c

import { ENOMEM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import { PAGE_SIZE } from './flags.ts'
import { call_hook } from './hooks.ts'
import {
  i_mmap_lock_write,
  i_mmap_unlock_write,
  vma_assert_write_locked,
  vma_mark_attached,
  vma_start_write,
} from './locks.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { __vma_link_file, anon_vma_clone } from './rmap.ts'
import { refuse, step } from './steps.ts'
import { get_file, vm_area_dup, vma_open } from './vma.ts'

/** Asks the driver whether the VMA may be split: 0 or a negative errno. Linux: mm/vma.c:__split_vma() */
export function may_split(mm: mm_struct, vma: vm_area_struct, addr: number): number {
  const hook = vma.vm_ops?.may_split
  if (!hook) return 0
  step(mm, 'call_may_split', vma, addr)
  const error = call_hook(mm, 'may_split', null, () => hook(vma, addr))
  step(mm, 'return_may_split', vma, error, addr)
  if (error === 0) return 0
  return refuse(
    mm,
    -error,
    'may_split',
    `the driver does not let the VMA at 0x${vma.vm_start.toString(16)} be split`,
  )
}

function skip_front(vma: vm_area_struct, addr: number): void {
  const pages = (addr - vma.vm_start) / PAGE_SIZE
  vma.vm_pgoff += pages
  vma.anon_pgoff += pages
}

/** Moves the start of a VMA in the tree up to `addr`; the offsets follow. */
export function vma_cut_front(mm: mm_struct, vma: vm_area_struct, addr: number): void {
  vma_assert_write_locked(vma)
  skip_front(vma, addr)
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
  else {
    skip_front(piece, addr)
    piece.vm_start = addr
  }
  if (should_fail(mm, 'vma_iter_prealloc'))
    return refuse(mm, ENOMEM, 'vma_iter_prealloc', 'no memory for the tree of VMAs')
  if (anon_vma_clone(mm, piece, vma) !== 0)
    return refuse(mm, ENOMEM, 'anon_vma_clone', 'no memory for the links of a split VMA')
  if (piece.vm_file) get_file(mm, piece.vm_file)
  vma_open(mm, piece)

  vma_start_write(vma)
  vma_start_write(piece)
  const { vm_file } = vma
  if (vm_file) i_mmap_lock_write(mm, vm_file)
  if (piece.vm_file) __vma_link_file(piece, piece.vm_file.f_mapping)
  // First the piece, then the cut: the other way round the tree would note a gap between the two, and forget it again.
  mm.mm_mt.insert(piece, new_below ? mm.mm_mt.prev(vma) : vma)
  if (new_below) vma_cut_front(mm, vma, addr)
  else mm.mm_mt.setRange(vma, vma.vm_start, addr)
  vma_mark_attached(piece)
  mm.map_count++
  if (vm_file) i_mmap_unlock_write(mm, vm_file)
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
