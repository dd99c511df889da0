// SPDX-License-Identifier: GPL-2.0-only
// Sealing, and calls that only look. Linux: mm/mseal.c, mm/msync.c, mm/mincore.c

import { EBUSY, EINVAL, ENOMEM } from './errno.ts'
import { PAGE_SIZE, VM_LOCKED, VM_SEALED_HIGH, VM_SHARED } from './flags.ts'
import { call_hook } from './hooks.ts'
import {
  mmap_read_lock,
  mmap_read_unlock,
  mmap_unlock,
  mmap_write_lock,
  vma_start_write,
} from './locks.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import type { mm_struct } from './mm_types.ts'
import { refuse, refuse_unaligned } from './steps.ts'
import { vm_flags_reset } from './vma.ts'

/** The end of a range of whole pages, in bytes; null when it overflows 64 bits. */
function end_of(start: number, len: number): number | null {
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  return end >= 2 ** 64 ? null : end
}

/** The first address of [start, end) where nothing is mapped; null when everything is. */
export function first_hole(mm: mm_struct, start: number, end: number): number | null {
  let addr = start
  for (let vma = mm.mm_mt.find(start); addr < end; vma = mm.mm_mt.next(vma)) {
    if (!vma || vma.vm_start > addr) return addr
    addr = vma.vm_end
  }
  return null
}

function check_mapped(mm: mm_struct, start: number, end: number, at: string): number {
  const hole = first_hole(mm, start, end)
  return hole === null ? 0 : refuse(mm, ENOMEM, at, `nothing is mapped at 0x${hole.toString(16)}`)
}

/** mseal(): the range can no longer be unmapped, moved or protected otherwise. Linux: mm/mseal.c:mseal */
export function sys_mseal(mm: mm_struct, start: number, len: number, flags: number): number {
  const at = 'mseal'
  if (flags !== 0) return refuse(mm, EINVAL, at, `flags 0x${flags.toString(16)}: none are defined`)
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  const end = end_of(start, len)
  if (end === null) return refuse(mm, EINVAL, at, 'address and length overflow')
  mmap_write_lock(mm, 'mseal()')
  try {
    return check_mapped(mm, start, end, at) || __mseal_range(mm, start, end)
  } finally {
    mmap_unlock(mm)
  }
}

/** Linux: mm/mseal.c:__mseal_range() */
function __mseal_range(mm: mm_struct, start: number, end: number): number {
  let vma = mm.mm_mt.find(start)
  let prev = vma && (start > vma.vm_start ? vma : mm.mm_mt.prev(vma))
  for (let from = start; vma && from < end; ) {
    const to = Math.min(vma.vm_end, end)
    const high = vma.vm_flags_high | VM_SEALED_HIGH
    if (high !== vma.vm_flags_high) {
      const vmg = vma_modify_proposal(mm, prev, vma, from, to)
      vmg.vm_flags_high = high
      const changed = vma_modify(vmg)
      if (typeof changed === 'number') return changed
      vma_start_write(changed)
      vm_flags_reset(mm, changed, vmg.vm_flags, high)
      vma = changed
    }
    prev = vma
    from = Math.max(to, vma.vm_end)
    vma = mm.mm_mt.next(vma)
  }
  return 0
}

const MS_ASYNC = 1
const MS_INVALIDATE = 2
const MS_SYNC = 4

/** msync(): says whether the range is mapped; writing back is the file's business. Linux: mm/msync.c:msync */
export function sys_msync(mm: mm_struct, start: number, len: number, flags: number): number {
  const at = 'msync'
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0)
    return refuse(mm, EINVAL, at, `flags 0x${flags.toString(16)} are unknown`)
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  if (flags & MS_ASYNC && flags & MS_SYNC)
    return refuse(mm, EINVAL, at, 'MS_ASYNC and MS_SYNC exclude each other')
  const end = end_of(start, len)
  if (end === null) return refuse(mm, ENOMEM, at, 'address and length overflow')
  mmap_read_lock(mm, 'msync()')
  try {
    return sync_each(mm, start, end, flags)
  } finally {
    mmap_unlock(mm)
  }
}

function sync_each(mm: mm_struct, start: number, end: number, flags: number): number {
  const at = 'msync'
  for (let vma = mm.mm_mt.find(start); vma && vma.vm_start < end; vma = mm.mm_mt.next(vma)) {
    if (flags & MS_INVALIDATE && vma.vm_flags & VM_LOCKED)
      return refuse(mm, EBUSY, at, `the VMA at 0x${vma.vm_start.toString(16)} is locked`)
    if (!(flags & MS_SYNC && vma.vm_file && vma.vm_flags & VM_SHARED)) continue
    const { vm_file, vm_end } = vma
    // The file system may take any lock.
    mmap_read_unlock(mm)
    const { fsync } = vm_file.f_op
    const error = fsync ? call_hook(mm, 'fsync', vm_file, () => fsync(vm_file)) : -EINVAL
    if (error !== 0)
      return refuse(mm, -error, 'vfs_fsync_range', `${vm_file.name} cannot be synced`)
    if (vm_end >= end) break
    mmap_read_lock(mm, 'msync()')
  }
  return check_mapped(mm, start, end, at)
}

/** mincore(): says whether the range is mapped. Linux: mm/mincore.c:mincore */
export function sys_mincore(mm: mm_struct, start: number, len: number): number {
  const at = 'mincore'
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  const { task_size } = mm.range
  if (start > task_size || len > task_size - start)
    return refuse(mm, ENOMEM, at, 'the range ends beyond the task size')
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  if (start === end) return 0
  mmap_read_lock(mm, 'mincore()')
  const error = check_mapped(mm, start, end, at)
  mmap_unlock(mm)
  return error
}
