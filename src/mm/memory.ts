// SPDX-License-Identifier: GPL-2.0-only
// Page tables filled for a driver. Linux: mm/memory.c
// Not modelled: what the page tables hold. Vectors: 0.

import { EINVAL } from './errno.ts'
import {
  PAGE_SIZE,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_IO,
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_SHARED,
} from './flags.ts'
import type { AllocationSite, file, mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse, step } from './steps.ts'
import { injected_error } from './vma.ts'

/** Flags of a mapping of page frames: such a mapping never merges. Linux: include/linux/mm.h:VM_REMAP_FLAGS */
export const VM_REMAP_FLAGS: number = VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP

/** Does a write copy the page: private, and writable now or later? Linux: include/linux/mm.h:is_cow_mapping() */
export function is_cow_mapping(vm_flags: number): boolean {
  return (vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE
}

/**
 * Maps `size` bytes from `addr` to page frames from `pfn` on, from a legacy hook or any other with a VMA. Sets the flags
 * of page frame mappings; they stay when filling the page tables fails. -EINVAL for part of a private writable VMA.
 * Linux: mm/memory.c:remap_pfn_range()
 */
export function remap_pfn_range(
  vma: vm_area_struct,
  addr: number,
  pfn: number,
  size: number,
): number {
  const { vm_mm: mm } = vma
  step(mm, 'remap_pfn_range', vma, addr, pfn, size / PAGE_SIZE)
  if (is_cow_mapping(vma.vm_flags)) {
    if (addr !== vma.vm_start || addr + size !== vma.vm_end) {
      step(mm, 'return_page_work', 'remap_pfn_range', -EINVAL)
      const why = 'a private writable mapping must be remapped as a whole'
      return refuse(mm, EINVAL, 'remap_pfn_range', why)
    }
    vma.vm_pgoff = pfn
  }
  vma.vm_flags |= VM_REMAP_FLAGS
  return page_work(mm, 'remap_pfn_range')
}

/** Fills the page tables, and no more. Linux: mm/memory.c:remap_pfn_range_complete() */
export function remap_pfn_range_complete(
  vma: vm_area_struct,
  addr: number,
  pfn: number,
  size: number,
): number {
  step(vma.vm_mm, 'remap_pfn_range', vma, addr, pfn, size / PAGE_SIZE)
  return page_work(vma.vm_mm, 'remap_pfn_range')
}

/** Fills the page tables with `nr_pages` kernel pages from `start` on. Linux: mm/memory.c:map_kernel_pages_complete() */
export function map_kernel_pages_complete(
  vma: vm_area_struct,
  start: number,
  nr_pages: number,
): number {
  step(vma.vm_mm, 'vm_insert_pages', vma, start, nr_pages)
  return page_work(vma.vm_mm, 'vm_insert_pages')
}

function page_work(mm: mm_struct, site: AllocationSite): number {
  const error = injected_error(mm, site)
  step(mm, 'return_page_work', site, error)
  return error === 0 ? 0 : refuse(mm, -error, site, 'the page tables could not be filled')
}

/**
 * Gives the file another size, in bytes, and takes the pages beyond it from every mapping, private copies too.
 * Linux: mm/truncate.c:truncate_pagecache(), mm/memory.c:unmap_mapping_range()
 */
export function do_truncate(file: file, size: number): void {
  file.f_inode.i_size = size
  const first = Math.ceil(size / PAGE_SIZE)
  for (const vma of file.f_mapping.i_mmap) {
    const start = vma.vm_start + Math.max(0, first - vma.vm_pgoff) * PAGE_SIZE
    if (start < vma.vm_end) vma.vm_mm.pages.clear(start, vma.vm_end)
  }
}
