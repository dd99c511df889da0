// SPDX-License-Identifier: GPL-2.0-only
// Growing a mapping in place. Linux: mm/mremap.c

import { EAGAIN, EFAULT, ENOMEM } from './errno.ts'
import { PAGE_SIZE, VM_ACCOUNT, VM_DONTEXPAND, VM_LOCKED, VM_PFNMAP } from './flags.ts'
import { vma_merge_extend } from './merge.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse } from './steps.ts'
import {
  may_expand_vm,
  mlock_future_ok,
  security_vm_enough_memory_mm,
  vm_stat_account,
  vm_unacct_memory,
} from './vma.ts'

/** Are `delta` bytes above the VMA free? Linux: mm/mremap.c:vma_expandable() */
function vma_expandable(mm: mm_struct, vma: vm_area_struct, delta: number): boolean {
  const end = vma.vm_end + delta
  const next = mm.mm_mt.next(vma)
  return end <= mm.range.task_size && (!next || next.vm_start >= end)
}

/**
 * Grows the VMA at `addr` by `delta` bytes where it stands: 0 or a negative errno. Linux: mm/mremap.c:expand_vma_in_place()
 */
export function expand_vma_in_place(mm: mm_struct, addr: number, delta: number): number {
  const vma = mm.mm_mt.find(addr)
  const at = 'expand_vma_in_place'
  if (!vma || vma.vm_start > addr)
    return refuse(mm, EFAULT, at, `nothing is mapped at 0x${addr.toString(16)}`)
  const { vm_flags } = vma
  const pages = delta / PAGE_SIZE
  if (vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
    return refuse(mm, EFAULT, at, 'the VMA has VM_DONTEXPAND or VM_PFNMAP')
  if (!mlock_future_ok(mm, vm_flags, delta))
    return refuse(mm, EAGAIN, at, `${delta} bytes more exceed RLIMIT_MEMLOCK`)
  if (!may_expand_vm(mm, vm_flags, pages))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed RLIMIT_AS or RLIMIT_DATA`)
  if (!vma_expandable(mm, vma, delta))
    return refuse(mm, ENOMEM, 'vma_expandable', `no ${delta} bytes are free above the VMA`)
  const charged = vm_flags & VM_ACCOUNT ? pages : 0
  if (!security_vm_enough_memory_mm(mm, charged))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed the commit limit`)
  if (!vma_merge_extend(mm, vma, delta)) {
    vm_unacct_memory(mm, charged)
    return refuse(mm, ENOMEM, 'vma_merge_extend', 'no memory to extend the VMA')
  }
  vm_stat_account(mm, vm_flags, pages)
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  return 0
}
