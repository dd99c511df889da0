// SPDX-License-Identifier: GPL-2.0-only
// Which VMAs a userfaultfd watches. Linux: mm/userfaultfd.c
// Not modelled: the events themselves: a fault goes on as if nobody watched. Vectors: 0.

import { EINVAL, ENOMEM } from './errno.ts'
import { PAGE_SIZE, VM_UFFD_MISSING, VM_UFFD_WP } from './flags.ts'
import { is_vm_hugetlb_page } from './hugetlb.ts'
import { mmap_assert_write_locked, mmap_unlock, mmap_write_lock, vma_start_write } from './locks.ts'
import { madvise_walk_vmas } from './madvise.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import { type mm_struct, type vm_area_struct, vma_is_anonymous } from './mm_types.ts'
import { refuse } from './steps.ts'
import { vm_flags_reset } from './vma.ts'

/** What a userfaultfd may watch for. Linux: include/linux/userfaultfd_k.h:__VM_UFFD_FLAGS */
const UFFD_FLAGS = VM_UFFD_MISSING | VM_UFFD_WP
const UFFDIO_REGISTER_MODE_MISSING = 1
const UFFDIO_REGISTER_MODE_WP = 2

/**
 * Lets `ctx` watch [start, end) for what the flags say, or with null nobody. Holes are passed over, and -ENOMEM
 * returned at the end. Linux: mm/userfaultfd.c:userfaultfd_register_range(), userfaultfd_clear_vma()
 */
export function userfaultfd_set_ctx(
  mm: mm_struct,
  start: number,
  end: number,
  ctx: unknown,
  uffd_flags: number = VM_UFFD_MISSING,
): number {
  mmap_assert_write_locked(mm, 'userfaultfd_set_ctx()')
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    const newflags = (vma.vm_flags & ~UFFD_FLAGS) | (ctx === null ? 0 : uffd_flags)
    if (newflags === vma.vm_flags && vma.vm_userfaultfd_ctx === ctx) return vma
    const vmg = vma_modify_proposal(mm, prev, vma, from, to)
    vmg.vm_flags = newflags
    vmg.uffd_ctx = ctx
    const changed = vma_modify(vmg)
    if (typeof changed === 'number') return changed
    vma_start_write(changed)
    // The flags are passed by value: what a merge united is not kept.
    vm_flags_reset(mm, changed, newflags, changed.vm_flags_high)
    changed.vm_userfaultfd_ctx = ctx
    return changed
  })
}

/** ioctl(UFFDIO_REGISTER): 0 or a negative errno. Linux: mm/userfaultfd.c:userfaultfd_register() */
export function userfaultfd_register(
  mm: mm_struct,
  start: number,
  len: number,
  mode: number,
  ctx: unknown,
): number {
  mmap_write_lock(mm, 'ioctl(UFFDIO_REGISTER)')
  try {
    return register(mm, start, len, mode, ctx)
  } finally {
    mmap_unlock(mm)
  }
}

function register(mm: mm_struct, start: number, len: number, mode: number, ctx: unknown): number {
  const at = 'userfaultfd_register'
  const error = check_range(mm, start, len, at)
  if (error !== 0) return error
  const end = start + len
  for (let vma = mm.mm_mt.find(start); vma && vma.vm_start < end; vma = mm.mm_mt.next(vma))
    if (!vma_can_userfault(vma))
      return refuse(mm, EINVAL, at, `the VMA at 0x${vma.vm_start.toString(16)} cannot be watched`)
  const flags =
    (mode & UFFDIO_REGISTER_MODE_MISSING ? VM_UFFD_MISSING : 0) |
    (mode & UFFDIO_REGISTER_MODE_WP ? VM_UFFD_WP : 0)
  return over_holes(userfaultfd_set_ctx(mm, start, end, ctx, flags))
}

/** ioctl(UFFDIO_UNREGISTER): 0 or a negative errno. Linux: mm/userfaultfd.c:userfaultfd_unregister() */
export function userfaultfd_unregister(mm: mm_struct, start: number, len: number): number {
  mmap_write_lock(mm, 'ioctl(UFFDIO_UNREGISTER)')
  try {
    const error = check_range(mm, start, len, 'userfaultfd_unregister')
    return error !== 0 ? error : over_holes(userfaultfd_set_ctx(mm, start, start + len, null))
  } finally {
    mmap_unlock(mm)
  }
}

/** The copy of a VMA is watched no longer: neither a child's nor a moved one. Linux: mremap_userfaultfd_prep() */
export function userfaultfd_reset(vma: vm_area_struct): void {
  vma_start_write(vma)
  vma.vm_userfaultfd_ctx = null
  vma.vm_flags &= ~UFFD_FLAGS
}

function over_holes(error: number): number {
  return error === -ENOMEM ? 0 : error
}

function check_range(mm: mm_struct, start: number, len: number, at: string): number {
  if (start % PAGE_SIZE !== 0 || len % PAGE_SIZE !== 0 || len === 0)
    return refuse(mm, EINVAL, at, 'the range is no whole number of pages')
  const vma = mm.mm_mt.find(start)
  if (!vma) return refuse(mm, ENOMEM, at, 'nothing is mapped there or above')
  return vma.vm_start < start + len ? 0 : refuse(mm, EINVAL, at, 'nothing is mapped in the range')
}

/** Linux: mm/userfaultfd.c:vma_can_userfault() */
function vma_can_userfault(vma: vm_area_struct): boolean {
  return (
    vma_is_anonymous(vma) || is_vm_hugetlb_page(vma) || vma.vm_file?.f_mapping.is_shmem === true
  )
}
