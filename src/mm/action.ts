// SPDX-License-Identifier: GPL-2.0-only
// Page-table work that a driver asks for in mmap_prepare and core does. Linux: include/linux/mm.h, mm/util.c,
// mm/memory.c

import { range_in_vma_desc, vma_desc_is_cow_mapping, vma_desc_size } from './desc.ts'
import { EFAULT, EINVAL } from './errno.ts'
import { PAGE_SIZE, VM_MIXEDMAP, VM_PFNMAP } from './flags.ts'
import { call_hook } from './hooks.ts'
import { i_mmap_unlock_write } from './locks.ts'
import {
  check_whole,
  map_kernel_pages_complete,
  remap_pfn_range_complete,
  VM_REMAP_FLAGS,
} from './memory.ts'
import type { mm_struct, mmap_action, vm_area_desc, vm_area_struct } from './mm_types.ts'
import { do_vmi_munmap } from './munmap.ts'
import { refuse, step } from './steps.ts'

function set_remap(
  desc: vm_area_desc,
  type: 'MMAP_REMAP_PFN' | 'MMAP_IO_REMAP_PFN',
  start: number,
  start_pfn: number,
  size: number,
): void {
  if (!(desc.start <= start && start + size <= desc.end))
    step(desc.mm, 'warn', 'mmap_action_remap(): the range reaches past the mapping')
  Object.assign(desc.action, { type, start, start_pfn, size, pgprot: desc.page_prot })
}

/**
 * Map `size` bytes from `start` to page frames from `start_pfn` on, with the page protection that the description has
 * now: a later change of `page_prot` does not reach the entries. Linux: include/linux/mm.h:mmap_action_remap()
 */
export function mmap_action_remap(
  desc: vm_area_desc,
  start: number,
  start_pfn: number,
  size: number,
): void {
  set_remap(desc, 'MMAP_REMAP_PFN', start, start_pfn, size)
}

/** {@link mmap_action_remap} of the whole mapping. */
export function mmap_action_remap_full(desc: vm_area_desc, start_pfn: number): void {
  mmap_action_remap(desc, desc.start, start_pfn, vma_desc_size(desc))
}

/** {@link mmap_action_remap} for device memory. Linux: include/linux/mm.h:mmap_action_ioremap() */
export function mmap_action_ioremap(
  desc: vm_area_desc,
  start: number,
  start_pfn: number,
  size: number,
): void {
  set_remap(desc, 'MMAP_IO_REMAP_PFN', start, start_pfn, size)
}

/** {@link mmap_action_ioremap} of the whole mapping. */
export function mmap_action_ioremap_full(desc: vm_area_desc, start_pfn: number): void {
  mmap_action_ioremap(desc, desc.start, start_pfn, vma_desc_size(desc))
}

/**
 * Map device memory that begins at a physical address, `size` bytes long; the mapping's offset counts within it.
 * Linux: include/linux/mm.h:mmap_action_simple_ioremap()
 */
export function mmap_action_simple_ioremap(
  desc: vm_area_desc,
  start_phys_addr: number,
  size: number,
): void {
  Object.assign(desc.action, { type: 'MMAP_SIMPLE_IO_REMAP', start_phys_addr, size })
}

/**
 * Map `nr_pages` kernel pages from `start` on. `pages` is only looked at after the hook: keep it until mmap() returns.
 * Linux: include/linux/mm.h:mmap_action_map_kernel_pages()
 */
export function mmap_action_map_kernel_pages(
  desc: vm_area_desc,
  start: number,
  pages: readonly unknown[],
  nr_pages: number,
): void {
  Object.assign(desc.action, { type: 'MMAP_MAP_KERNEL_PAGES', start, pages, nr_pages })
}

/** {@link mmap_action_map_kernel_pages} of the whole mapping; does not add `pgoff`. */
export function mmap_action_map_kernel_pages_full(
  desc: vm_area_desc,
  pages: readonly unknown[],
): void {
  mmap_action_map_kernel_pages(desc, desc.start, pages, vma_desc_size(desc) / PAGE_SIZE)
}

/** Checks the action and sets the flags that it needs, before the merge. Linux: mm/util.c:mmap_action_prepare() */
export function mmap_action_prepare(desc: vm_area_desc): number {
  const { action, mm } = desc
  if (action.error_override > 0) {
    step(mm, 'warn', 'action.error_override is no negative errno')
    return refuse(mm, EINVAL, 'mmap_action_prepare', 'error_override must be a negative errno')
  }
  switch (action.type) {
    case 'MMAP_NOTHING':
      return 0
    case 'MMAP_REMAP_PFN':
      return remap_pfn_range_prepare(desc)
    case 'MMAP_IO_REMAP_PFN':
      action.type = 'MMAP_REMAP_PFN'
      return remap_pfn_range_prepare(desc)
    case 'MMAP_SIMPLE_IO_REMAP':
      return simple_ioremap_prepare(desc)
    case 'MMAP_MAP_KERNEL_PAGES':
      return map_kernel_pages_prepare(desc)
  }
}

/** A copy-on-write mapping finds its page frames through its offset. Linux: mm/memory.c:remap_pfn_range_prepare() */
function remap_pfn_range_prepare(desc: vm_area_desc): number {
  const { mm, action } = desc
  const error = mm.release.checks_action_early ? check_remap(desc) : 0
  if (error !== 0) return error
  if (vma_desc_is_cow_mapping(desc)) desc.pgoff = action.start_pfn
  desc.vm_flags |= VM_REMAP_FLAGS
  return 0
}

function check_remap(desc: vm_area_desc): number {
  const { mm, action } = desc
  const { start, size } = action
  const at = 'remap_pfn_range_prepare'
  if (!range_in_vma_desc(desc, start, start + size))
    return refuse(mm, EFAULT, at, 'the range to remap leaves the mapping')
  const whole = start === desc.start && size === vma_desc_size(desc)
  if (whole || !vma_desc_is_cow_mapping(desc)) return 0
  return refuse(mm, EINVAL, at, 'a private writable mapping must be remapped as a whole')
}

/** Does the device memory hold the mapping? Linux: mm/memory.c:simple_ioremap_prepare() */
function simple_ioremap_prepare(desc: vm_area_desc): number {
  const { mm, action } = desc
  const { start_phys_addr, size } = action
  const pages = Math.ceil((size + (start_phys_addr % PAGE_SIZE)) / PAGE_SIZE)
  const first = Math.floor(start_phys_addr / PAGE_SIZE)
  if (desc.pgoff < 0 || desc.pgoff > pages || vma_desc_size(desc) / PAGE_SIZE > pages - desc.pgoff)
    return refuse(
      mm,
      EINVAL,
      'simple_ioremap_prepare',
      `the mapping reaches past the ${pages} pages of the device's memory`,
    )
  mmap_action_ioremap_full(desc, first + desc.pgoff)
  return mmap_action_prepare(desc)
}

/** Linux: mm/memory.c:map_kernel_pages_prepare() */
function map_kernel_pages_prepare(desc: vm_area_desc): number {
  const { mm, action } = desc
  if ((desc.vm_flags & VM_MIXEDMAP) === 0) {
    if (desc.vm_flags & VM_PFNMAP)
      step(mm, 'warn', 'mmap_action_map_kernel_pages(): the mapping has VM_PFNMAP')
    desc.vm_flags |= VM_MIXEDMAP
  }
  if (range_in_vma_desc(desc, action.start, action.start + action.nr_pages * PAGE_SIZE)) return 0
  return refuse(mm, EFAULT, 'map_kernel_pages_prepare', 'the pages to map leave the mapping')
}

/**
 * Unmaps a VMA whose action failed, so that `close` runs; returns the errno to tell.
 * Linux: mm/util.c:mmap_action_finish()
 */
export function unmap_failed_action(
  vma: vm_area_struct,
  action: mmap_action,
  error: number,
): number {
  const { vm_mm: mm, vm_start, vm_end } = vma
  do_vmi_munmap(mm, vm_start, vm_end - vm_start)
  const told = action.error_override || filter_error(mm, action, error)
  return refuse(mm, -told, 'mmap_action_complete', 'the action, or a hook after it, failed')
}

/** The VMA may be found through its file from now on. Linux: mm/internal.h:maybe_rmap_unlock_action() */
export function maybe_rmap_unlock_action(vma: vm_area_struct, action: mmap_action): void {
  if (!action.hide_from_rmap_until_complete || !vma.vm_file) return
  i_mmap_unlock_write(vma.vm_mm, vma.vm_file)
  action.hide_from_rmap_until_complete = false
}

/**
 * The errno that the action's error_hook makes of an error; the same without one.
 * Linux 6.19: mm/util.c:mmap_action_finish()
 */
export function filter_error(mm: mm_struct, action: mmap_action, error: number): number {
  const { error_hook } = action
  if (!error_hook) return error
  const filtered = call_hook(mm, 'error_hook', null, () => error_hook(error))
  if (filtered === 0) step(mm, 'warn', 'action.error_hook returned 0 for an error')
  return filtered || error
}

/** Fills the page tables as the action says. Returns 0 or a negative errno. Linux: mm/util.c:mmap_action_complete() */
export function do_page_work(vma: vm_area_struct, action: mmap_action): number {
  const { type, start, start_pfn, size, pgprot, nr_pages, pages } = action
  if (type === 'MMAP_REMAP_PFN') {
    const error = vma.vm_mm.release.checks_action_early ? 0 : check_whole(vma, start, start + size)
    return error || remap_pfn_range_complete(vma, start, start_pfn, size, pgprot)
  }
  if (type === 'MMAP_MAP_KERNEL_PAGES')
    return map_kernel_pages_complete(vma, start, nr_pages, pages)
  return 0
}

/** Calls the action's success_hook, if it has one. Linux 6.19: mm/util.c:mmap_action_complete() */
export function call_success_hook(vma: vm_area_struct, action: mmap_action): number {
  const { success_hook } = action
  if (!success_hook) return 0
  const { vm_mm: mm } = vma
  step(mm, 'call_success_hook', vma)
  const error = call_hook(mm, 'success_hook', null, () => success_hook(vma))
  step(mm, 'return_success_hook', vma, error)
  return error === 0 ? 0 : refuse(mm, -error, 'success_hook', 'the hook returned an error')
}

/** Tells the driver that its VMA is in place. Linux: mm/util.c:call_vma_mapped() */
export function call_vma_mapped(vma: vm_area_struct): number {
  const { vm_mm: mm } = vma
  const hook = vma.vm_ops?.mapped
  if (!hook || !vma.vm_file) return 0
  const private_data = { value: vma.vm_private_data }
  step(mm, 'call_mapped', vma)
  const { vm_start, vm_end, vm_pgoff, vm_file } = vma
  const error = call_hook(mm, 'mapped', null, () =>
    hook(vm_start, vm_end, vm_pgoff, vm_file, private_data),
  )
  step(mm, 'return_mapped', vma, error)
  if (error === 0) vma.vm_private_data = private_data.value
  return error === 0 ? 0 : refuse(mm, -error, 'vm_ops->mapped', 'the hook returned an error')
}
