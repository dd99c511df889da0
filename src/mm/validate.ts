// SPDX-License-Identifier: GPL-2.0-only
// The laws that hold after every call. Linux: mm/vma.c:validate_mm()

import { PAGE_SIZE, VM_ACCOUNT, VM_LOCKED } from './flags.ts'
import { type mm_struct, type vm_area_struct, vma_pages } from './mm_types.ts'
import { first_hole } from './mseal.ts'
import { is_shared_maywrite } from './rmap.ts'
import { is_data_mapping, is_exec_mapping, is_stack_mapping } from './vma.ts'

/**
 * Recomputes everything that is counted or indexed and returns a sentence for each law that is broken; none is good.
 * O(n). Linux: mm/vma.c:validate_mm()
 */
export function validate_mm(mm: mm_struct): string[] {
  const broken: string[] = []
  const expect = (what: string, got: number, want: number) => {
    if (got !== want) broken.push(`${what} is ${got}, recomputed ${want}`)
  }
  const sums = { count: 0, total: 0, locked: 0, data: 0, exec: 0, stack: 0, accounted: 0 }
  let prev: vm_area_struct | null = null
  for (const vma of mm.mm_mt) {
    broken.push(...validate_vma(mm, vma, prev))
    prev = vma
    const pages = vma_pages(vma)
    sums.count++
    sums.total += pages
    if (vma.vm_flags & VM_LOCKED) sums.locked += pages
    if (vma.vm_flags & VM_ACCOUNT) sums.accounted += pages
    if (is_exec_mapping(vma.vm_flags)) sums.exec += pages
    else if (is_stack_mapping(vma.vm_flags)) sums.stack += pages
    else if (is_data_mapping(vma.vm_flags)) sums.data += pages
  }
  expect('the size of the tree', mm.mm_mt.size, sums.count)
  expect('map_count', mm.map_count, sums.count)
  expect('total_vm', mm.total_vm, sums.total)
  expect('locked_vm', mm.locked_vm, sums.locked)
  expect('data_vm', mm.data_vm, sums.data)
  expect('exec_vm', mm.exec_vm, sums.exec)
  expect('stack_vm', mm.stack_vm, sums.stack)
  expect('committed', mm.committed, sums.accounted)
  for (const { start, end, kind } of mm.pages.within(0, mm.range.task_size)) {
    if (first_hole(mm, start, end) !== null)
      broken.push(`${kind} pages at 0x${start.toString(16)} lie outside every VMA`)
  }
  return broken
}

function validate_vma(mm: mm_struct, vma: vm_area_struct, prev: vm_area_struct | null): string[] {
  const broken: string[] = []
  const where = `the VMA at 0x${vma.vm_start.toString(16)}`
  if (vma.vm_start >= vma.vm_end) broken.push(`${where} is empty`)
  if (vma.vm_start % PAGE_SIZE !== 0 || vma.vm_end % PAGE_SIZE !== 0)
    broken.push(`${where} is off page boundaries`)
  if (vma.vm_end > mm.range.task_size) broken.push(`${where} ends beyond the task size`)
  if (prev && prev.vm_end > vma.vm_start) broken.push(`${where} overlaps the one below`)
  if (mm.mm_mt.prev(vma) !== prev) broken.push(`${where} has another VMA below it in the tree`)
  if (mm.mm_mt.find(vma.vm_start) !== vma) broken.push(`${where} is not found by its address`)
  if (vma.detached) broken.push(`${where} is marked as detached`)
  const mapping = vma.vm_file?.f_mapping
  if (mapping && !mapping.i_mmap.has(vma)) broken.push(`${where} is unknown to its file`)
  if (mapping && is_shared_maywrite(vma.vm_flags) && mapping.i_mmap_writable < 1)
    broken.push(`${where} is not counted among its file's writers`)
  return broken
}
