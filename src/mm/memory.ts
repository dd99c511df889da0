// SPDX-License-Identifier: GPL-2.0-only
// Page tables filled for a driver. Linux: mm/memory.c

import { EFAULT, EINVAL, ENXIO } from './errno.ts'
import { type AllocationSite, injected_error } from './fault_plan.ts'
import { PAGE_SIZE, VM_DONTDUMP, VM_DONTEXPAND, VM_IO, VM_MIXEDMAP, VM_PFNMAP } from './flags.ts'
import { vma_start_write } from './locks.ts'
import {
  type address_space,
  type file,
  type mm_struct,
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  type vm_area_struct,
  vma_pages,
} from './mm_types.ts'
import { refuse, step } from './steps.ts'
import { PGPROT_CACHE_MASK, vma_flags_is_cow_mapping } from './vma.ts'

/** Flags of a mapping of page frames: such a mapping never merges. Linux: include/linux/mm.h:VMA_REMAP_FLAGS */
export const VM_REMAP_FLAGS: number = VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP

/**
 * Maps `size` bytes from `addr` to page frames from `pfn` on, from a legacy hook or any other with a VMA. `prot`: a
 * page protection, of which the caching counts; that of the VMA unless told. Sets the flags of page frame mappings;
 * they stay when filling the page tables fails. -EINVAL for part of a private writable VMA.
 * Linux: mm/memory.c:remap_pfn_range()
 */
export function remap_pfn_range(
  vma: vm_area_struct,
  addr: number,
  pfn: number,
  size: number,
  prot: number = vma.vm_page_prot,
): number {
  const { vm_mm: mm } = vma
  const end = addr + Math.ceil(size / PAGE_SIZE) * PAGE_SIZE
  step(mm, 'remap_pfn_range', vma, addr, pfn, (end - addr) / PAGE_SIZE)
  vma_start_write(vma)
  const error = check_whole(vma, addr, end)
  if (error !== 0) return error
  if (vma_flags_is_cow_mapping(vma.vm_flags)) vma.vm_pgoff = pfn
  vma.vm_flags |= VM_REMAP_FLAGS
  if (addr === vma.vm_start && end === vma.vm_end) vma.vm_flags |= mm.release.whole_remap_flags
  return fill_frames(mm, addr, end, pfn, prot)
}

/** Is [addr, end) all of a private writable VMA? 0 or -EINVAL. Linux: mm/memory.c:get_remap_pgoff() */
export function check_whole(vma: vm_area_struct, addr: number, end: number): number {
  const { vm_mm: mm, vm_flags, vm_start, vm_end } = vma
  if (!vma_flags_is_cow_mapping(vm_flags) || (addr === vm_start && end === vm_end)) return 0
  step(mm, 'return_page_work', 'remap_pfn_range', -EINVAL)
  const why = 'a private writable mapping must be remapped as a whole'
  return refuse(mm, EINVAL, 'remap_pfn_range', why)
}

/** {@link remap_pfn_range} for device memory. Linux: include/linux/mm.h:io_remap_pfn_range() */
export function io_remap_pfn_range(
  vma: vm_area_struct,
  addr: number,
  pfn: number,
  size: number,
  prot: number = vma.vm_page_prot,
): number {
  return remap_pfn_range(vma, addr, pfn, size, prot)
}

/**
 * Maps device memory of `len` bytes from the physical address `start` on; the VMA's offset counts within it. -EINVAL
 * when the VMA reaches past it. Linux: mm/memory.c:vm_iomap_memory()
 */
export function vm_iomap_memory(vma: vm_area_struct, start: number, len: number): number {
  const pages = Math.ceil((len + (start % PAGE_SIZE)) / PAGE_SIZE) - vma.vm_pgoff
  if (pages < 0 || vma_pages(vma) > pages)
    return refuse(
      vma.vm_mm,
      EINVAL,
      'vm_iomap_memory',
      "the mapping reaches past the device's memory",
    )
  const pfn = Math.floor(start / PAGE_SIZE) + vma.vm_pgoff
  return io_remap_pfn_range(vma, vma.vm_start, pfn, vma.vm_end - vma.vm_start)
}

/** Fills the page tables, and no more. Linux: mm/memory.c:remap_pfn_range_complete() */
export function remap_pfn_range_complete(
  vma: vm_area_struct,
  addr: number,
  pfn: number,
  size: number,
  prot: number = vma.vm_page_prot,
): number {
  step(vma.vm_mm, 'remap_pfn_range', vma, addr, pfn, size / PAGE_SIZE)
  return fill_frames(vma.vm_mm, addr, addr + size, pfn, prot)
}

function fill_frames(mm: mm_struct, addr: number, end: number, pfn: number, prot: number): number {
  const error = page_work(mm, 'remap_pfn_range')
  if (error === 0) mm.pages.fill(addr, end, 'pfn', pfn, prot & PGPROT_CACHE_MASK)
  return error
}

/**
 * Fills the page tables with the first `nr_pages` of these kernel pages from `start` on.
 * Linux: mm/memory.c:map_kernel_pages_complete()
 */
export function map_kernel_pages_complete(
  vma: vm_area_struct,
  start: number,
  nr_pages: number,
  pages: readonly unknown[],
): number {
  step(vma.vm_mm, 'vm_insert_pages', vma, start, nr_pages)
  return fill_pages(
    vma,
    start,
    Array.from({ length: nr_pages }, (_, at) => pages[at] ?? null),
  )
}

/**
 * Maps kernel pages from `addr` on, from a legacy hook; the VMA becomes a mixed map. -EFAULT when they leave the VMA.
 * Linux: mm/memory.c:vm_insert_pages()
 */
export function vm_insert_pages(
  vma: vm_area_struct,
  addr: number,
  pages: readonly unknown[],
): number {
  const { vm_mm: mm } = vma
  step(mm, 'vm_insert_pages', vma, addr, pages.length)
  if (addr < vma.vm_start || addr + pages.length * PAGE_SIZE > vma.vm_end) {
    step(mm, 'return_page_work', 'vm_insert_pages', -EFAULT)
    return refuse(mm, EFAULT, 'vm_insert_pages', 'the pages to map leave the mapping')
  }
  if ((vma.vm_flags & VM_MIXEDMAP) === 0) {
    vma_start_write(vma)
    if (vma.vm_flags & VM_PFNMAP) step(mm, 'warn', 'vm_insert_pages(): the mapping has VM_PFNMAP')
    vma.vm_flags |= VM_MIXEDMAP
  }
  return fill_pages(vma, addr, pages)
}

/** {@link vm_insert_pages} of one page. Linux: mm/memory.c:vm_insert_page() */
export function vm_insert_page(vma: vm_area_struct, addr: number, page: unknown): number {
  return vm_insert_pages(vma, addr, [page])
}

/**
 * Maps the whole VMA to these kernel pages, from its offset on: -ENXIO when they do not reach.
 * Linux: mm/memory.c:vm_map_pages()
 */
export function vm_map_pages(vma: vm_area_struct, pages: readonly unknown[]): number {
  const end = vma.vm_pgoff + vma_pages(vma)
  if (vma.vm_pgoff >= pages.length || end > pages.length)
    return refuse(
      vma.vm_mm,
      ENXIO,
      'vm_map_pages',
      `pages ${vma.vm_pgoff} to ${end} of ${pages.length}`,
    )
  return vm_insert_pages(vma, vma.vm_start, pages.slice(vma.vm_pgoff, end))
}

function fill_pages(vma: vm_area_struct, addr: number, pages: readonly unknown[]): number {
  const error = page_work(vma.vm_mm, 'vm_insert_pages')
  if (error !== 0) return error
  if (pages.some(is_slab)) {
    const why = 'memory that kzalloc() gave must not be mapped'
    return refuse(vma.vm_mm, EINVAL, 'validate_page_before_insert', why)
  }
  const caching = vma.vm_page_prot & PGPROT_CACHE_MASK
  pages.forEach((page, at) => {
    const start = addr + at * PAGE_SIZE
    vma.vm_mm.pages.fill(start, start + PAGE_SIZE, 'file', page, caching)
  })
  return 0
}

/** Linux: include/linux/page-flags.h:PageSlab() */
function is_slab(page: unknown): boolean {
  return typeof page === 'object' && page !== null && 'slab' in page
}

function page_work(mm: mm_struct, site: AllocationSite): number {
  const error = injected_error(mm, site)
  step(mm, 'return_page_work', site, error)
  return error === 0 ? 0 : refuse(mm, -error, site, 'the page tables could not be filled')
}

/**
 * Fills one entry from a `fault` hook, which returns the result: VM_FAULT_NOPAGE, or VM_FAULT_SIGBUS outside the VMA.
 * The VMA must have VM_PFNMAP or VM_MIXEDMAP already: a kernel without them stops in BUG_ON().
 * Linux: mm/memory.c:vmf_insert_pfn()
 */
export function vmf_insert_pfn(vma: vm_area_struct, addr: number, pfn: number): number {
  const { vm_mm: mm } = vma
  if ((vma.vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) === 0)
    throw new Error('vmf_insert_pfn(): the VMA has neither VM_PFNMAP nor VM_MIXEDMAP: BUG_ON()')
  if (addr < vma.vm_start || addr >= vma.vm_end) return VM_FAULT_SIGBUS
  mm.pages.fill(addr, addr + PAGE_SIZE, 'pfn', pfn, vma.vm_page_prot & PGPROT_CACHE_MASK)
  return VM_FAULT_NOPAGE
}

/**
 * Takes the pages of `holelen` bytes from `holebegin` on (0: to the end) out of every mapping of the file, also private
 * copies with `even_cows`. A VMA that no file knows yet is not found. Linux: mm/memory.c:unmap_mapping_range()
 */
export function unmap_mapping_range(
  mapping: address_space,
  holebegin: number,
  holelen: number,
  even_cows: boolean,
): void {
  const first = Math.floor(holebegin / PAGE_SIZE)
  const last =
    holelen === 0 ? Number.POSITIVE_INFINITY : Math.ceil((holebegin + holelen) / PAGE_SIZE)
  for (const vma of mapping.i_mmap) {
    const start = vma.vm_start + Math.max(0, first - vma.vm_pgoff) * PAGE_SIZE
    const end = Math.min(vma.vm_end, vma.vm_start + (last - vma.vm_pgoff) * PAGE_SIZE)
    if (start < end) zap_range(vma, start, end, even_cows)
  }
}

function zap_range(vma: vm_area_struct, start: number, end: number, even_cows: boolean): void {
  const { vm_mm: mm } = vma
  step(mm, 'unmap_mapping_range', vma, start, end)
  if (even_cows) mm.pages.zap(start, end)
  else
    for (const run of [...mm.pages.within(start, end)])
      if (run.kind === 'file' || run.kind === 'pfn') mm.pages.clear(run.start, run.end)
}

/**
 * Gives the file another size, in bytes, and takes the pages beyond it from every mapping, private copies too.
 * Linux: mm/truncate.c:truncate_pagecache(), mm/memory.c:unmap_mapping_range()
 */
export function do_truncate(file: file, size: number): void {
  file.f_inode.i_size = size
  unmap_mapping_range(file.f_mapping, Math.ceil(size / PAGE_SIZE) * PAGE_SIZE, 0, true)
}
