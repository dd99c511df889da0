// SPDX-License-Identifier: GPL-2.0-only
// The end of an address space. Linux: mm/mmap.c

import { VM_ACCOUNT } from './flags.ts'
import {
  mmap_assert_write_locked,
  mmap_read_lock,
  mmap_unlock,
  mmap_write_lock,
  vma_mark_detached,
  vma_start_write,
} from './locks.ts'
import { type mm_struct, type vm_area_struct, vma_pages } from './mm_types.ts'
import { unlink_file_vmas } from './rmap.ts'
import { step } from './steps.ts'
import { remove_vma, vm_unacct_memory } from './vma.ts'

/** The last user of the address space is gone: every VMA is closed and freed. Linux: mm/mmap.c:exit_mmap() */
export function exit_mmap(mm: mm_struct): void {
  const { task_size } = mm.range
  const vmas = [...mm.mm_mt]
  mmap_read_lock(mm, 'exit()')
  step(mm, 'unmap_region', null, 0, task_size)
  mm.pages.clear(0, task_size)
  mmap_unlock(mm)
  mmap_write_lock(mm, 'exit()')
  for (const vma of vmas) vma_start_write(vma)
  unlink_file_vmas(mm, vmas)
  const accounted = tear_down_vmas(mm, vmas)
  mmap_unlock(mm)
  vm_unacct_memory(mm, accounted)
}

/** Closes and frees the VMAs: the pages that they were charged for. Linux: mm/mmap.c:tear_down_vmas() */
export function tear_down_vmas(mm: mm_struct, vmas: readonly vm_area_struct[]): number {
  mmap_assert_write_locked(mm, 'tear_down_vmas()')
  let accounted = 0
  for (const vma of vmas) {
    if (vma.vm_flags & VM_ACCOUNT) accounted += vma_pages(vma)
    vma_mark_detached(vma)
    remove_vma(mm, vma)
    mm.mm_mt.remove(vma)
  }
  Object.assign(mm, {
    map_count: 0,
    total_vm: 0,
    locked_vm: 0,
    data_vm: 0,
    exec_vm: 0,
    stack_vm: 0,
  })
  return accounted
}
