// SPDX-License-Identifier: GPL-2.0-only
// A child's copy of an address space. Linux: mm/mmap.c:dup_mmap(), mm/rmap.c:anon_vma_fork()

import { ENOMEM } from './errno.ts'
import { tear_down_vmas } from './exit.ts'
import { should_fail } from './fault_plan.ts'
import {
  VM_ACCOUNT,
  VM_DONTCOPY,
  VM_LOCKED_MASK,
  VM_MAYBE_GUARD,
  VM_MIXEDMAP,
  VM_PFNMAP,
  VM_WIPEONFORK,
} from './flags.ts'
import { mmap_unlock, mmap_write_lock, vma_mark_attached, vma_start_write } from './locks.ts'
import { anon_vma, type mm_struct, vm_area_struct, vma_pages } from './mm_types.ts'
import { anon_vma_clone, unlink_file_vmas, vma_link_file } from './rmap.ts'
import { refuse } from './steps.ts'
import { userfaultfd_reset } from './userfaultfd.ts'
import {
  copy_fields,
  get_file,
  security_vm_enough_memory_mm,
  vm_stat_account,
  vm_unacct_memory,
  vma_open,
} from './vma.ts'

/** Page tables that no fault could fill again. Linux: include/linux/mm.h:VM_COPY_ON_FORK */
const VM_COPY_ON_FORK = VM_PFNMAP | VM_MIXEDMAP | VM_MAYBE_GUARD

/**
 * Copies the mappings of `oldmm` into the empty `mm`: 0, or -ENOMEM with nothing left of the copy. Meanwhile the
 * child has the listener and the fault plan of its parent.
 * Linux: mm/mmap.c:dup_mmap()
 */
export function dup_mmap(mm: mm_struct, oldmm: mm_struct): number {
  mm.start_brk = oldmm.start_brk
  mm.brk = oldmm.brk
  mm.start_stack = oldmm.start_stack
  mm.cap_ipc_lock = oldmm.cap_ipc_lock
  mm.cap_sys_rawio = oldmm.cap_sys_rawio
  mm.read_implies_exec = oldmm.read_implies_exec
  mm.deny_write_exec = oldmm.deny_write_exec
  mm.merge_any = oldmm.merge_any
  mm.pkeys_allocated = oldmm.pkeys_allocated
  mm.execute_only_pkey = oldmm.execute_only_pkey
  mm.anon_vmas_made = oldmm.anon_vmas_made
  mm.shmem_files_made = oldmm.shmem_files_made
  Object.assign(mm.limits, oldmm.limits)
  mm.listener = oldmm.listener
  mm.should_fail = oldmm.should_fail
  mmap_write_lock(oldmm, 'fork()')
  mmap_write_lock(mm, 'fork()')
  try {
    const error = copy_vmas(mm, oldmm)
    if (error !== 0) undo(mm)
    return error
  } finally {
    mmap_unlock(mm)
    mmap_unlock(oldmm)
    mm.listener = null
    mm.should_fail = null
  }
}

function copy_vmas(mm: mm_struct, oldmm: mm_struct): number {
  for (const vma of oldmm.mm_mt) {
    vma_start_write(vma)
    if (vma.vm_flags & VM_DONTCOPY) continue
    const charge = vma.vm_flags & VM_ACCOUNT ? vma_pages(vma) : 0
    if (!security_vm_enough_memory_mm(mm, charge))
      return refuse(mm, ENOMEM, 'dup_mmap', `${charge} pages more exceed the commit limit`)
    const error = copy_to_child(mm, vma)
    if (error === 0) continue
    vm_unacct_memory(mm, charge)
    return error
  }
  return 0
}

/** The child will not live: what was copied so far is closed and freed. */
function undo(mm: mm_struct): void {
  const vmas = [...mm.mm_mt]
  mm.pages.clear(0, mm.range.task_size)
  unlink_file_vmas(mm, vmas)
  vm_unacct_memory(mm, tear_down_vmas(mm, vmas))
}

function copy_to_child(mm: mm_struct, vma: vm_area_struct): number {
  if (should_fail(mm, 'vm_area_alloc'))
    return refuse(mm, ENOMEM, 'vm_area_dup', "no memory for a VMA of the child's")
  const copy = new vm_area_struct(mm, ++mm.vmas_made, 0, vma.vm_start, vma.vm_end)
  vma_start_write(copy)
  copy_fields(copy, vma)
  copy.vm_flags &= ~VM_LOCKED_MASK
  userfaultfd_reset(copy)
  const wiped = (vma.vm_flags & VM_WIPEONFORK) !== 0
  if (!wiped && anon_vma_fork(mm, copy, vma) !== 0)
    return refuse(mm, ENOMEM, 'anon_vma_fork', "no memory for the links of a child's VMA")
  mm.mm_mt.insert(copy)
  vma_mark_attached(copy)
  mm.map_count++
  vma_open(mm, copy)
  if (copy.vm_file) get_file(mm, copy.vm_file)
  vma_link_file(copy)
  vm_stat_account(mm, copy.vm_flags, vma_pages(copy))
  if (!wiped && (vma.anon_vma || vma.vm_flags & VM_COPY_ON_FORK))
    for (const run of vma.vm_mm.pages.within(vma.vm_start, vma.vm_end))
      mm.pages.fill(run.start, run.end, run.kind, run.frame, run.caching)
  return 0
}

/** The child's pages get an owner of their own beside the parent's. Linux: mm/rmap.c:anon_vma_fork() */
function anon_vma_fork(mm: mm_struct, vma: vm_area_struct, parent: vm_area_struct): number {
  if (!parent.anon_vma) return 0
  const error = anon_vma_clone(mm, vma, parent)
  if (error !== 0) return error
  vma.anon_vma = new anon_vma(++mm.anon_vmas_made)
  vma.anon_vma_chain++
  return 0
}
