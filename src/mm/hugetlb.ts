// SPDX-License-Identifier: GPL-2.0-only
// Files of huge pages. Linux: mm/hugetlb.c, fs/hugetlbfs/inode.c
// Not modelled: huge pages that exist. The pool is empty, as on a machine that reserves none: what must be reserved is
// refused, and an access gets SIGBUS. Vectors: 0.

import { EINVAL, ENOMEM } from './errno.ts'
import {
  MAP_FIXED,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  PAGE_SIZE,
  PMD_SIZE,
  VM_DONTEXPAND,
  VM_HUGETLB,
  VM_NORESERVE,
  VM_WRITE,
} from './flags.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  file,
  type file_operations,
  inode,
  type mm_struct,
  VM_FAULT_SIGBUS,
  type vm_area_struct,
  type vm_operations_struct,
} from './mm_types.ts'
import { refuse } from './steps.ts'
import { mm_get_unmapped_area } from './unmapped_area.ts'

/** Does the file have huge pages? Linux: include/linux/hugetlb.h:is_file_hugepages() */
export function is_file_hugepages(file: file | null): boolean {
  return file?.hugepages === true
}

/** Is it a mapping of huge pages? Linux: include/linux/hugetlb_inline.h:is_vm_hugetlb_page() */
export function is_vm_hugetlb_page(vma: vm_area_struct): boolean {
  return (vma.vm_flags & VM_HUGETLB) !== 0
}

/** A length rounded up to huge pages. Linux: ALIGN(len, huge_page_size(h)) */
export function huge_page_align(len: number): number {
  const aligned = Math.ceil(len / PMD_SIZE) * PMD_SIZE
  return aligned >= 2 ** 64 ? 0 : aligned
}

/** Linux: mm/hugetlb.c:hugetlb_vm_ops */
const hugetlb_vm_ops: vm_operations_struct = Object.freeze({
  fault: () => VM_FAULT_SIGBUS,
  may_split: (_vma: vm_area_struct, addr: number) => (addr % PMD_SIZE === 0 ? 0 : -EINVAL),
})

/** Linux: fs/hugetlbfs/inode.c:hugetlbfs_file_mmap() */
function hugetlbfs_file_mmap({ f_inode }: file, vma: vm_area_struct): number {
  vma.vm_flags |= VM_HUGETLB | VM_DONTEXPAND
  vma.vm_ops = hugetlb_vm_ops
  const start = vma.vm_pgoff * PAGE_SIZE
  const end = start + vma.vm_end - vma.vm_start
  const why = `offset ${start} is not a multiple of ${PMD_SIZE}, or too large`
  if (start % PMD_SIZE !== 0 || end >= 2 ** 63)
    return refuse(vma.vm_mm, EINVAL, 'hugetlbfs_file_mmap', why)
  if ((vma.vm_flags & VM_NORESERVE) === 0)
    return refuse(vma.vm_mm, ENOMEM, 'hugetlb_reserve_pages', 'no huge pages are reserved')
  if (vma.vm_flags & VM_WRITE) f_inode.i_size = Math.max(f_inode.i_size, end)
  return 0
}

/** Linux: fs/hugetlbfs/inode.c:hugetlb_get_unmapped_area() */
const hugetlb_get_unmapped_area: file_operations['get_unmapped_area'] = (
  mm,
  file,
  addr,
  len,
  _pgoff,
  flags,
) => {
  if (len % PMD_SIZE !== 0 || (flags & MAP_FIXED && addr % PMD_SIZE !== 0)) return -EINVAL
  return mm_get_unmapped_area(mm, file, huge_page_align(addr), len, flags)
}

/** Linux: fs/hugetlbfs/inode.c:hugetlbfs_file_operations */
export const hugetlbfs_file_operations: file_operations = Object.freeze({
  mmap: hugetlbfs_file_mmap,
  fsync: () => 0,
  get_unmapped_area: hugetlb_get_unmapped_area,
})

/**
 * The size of huge pages that MAP_HUGE_* names: none is the default, 2 MiB.
 * Linux: include/linux/hugetlb.h:hstate_sizelog()
 */
function knows_size(flags: number): boolean {
  const log = (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK
  return log === 0 || 2 ** log === PMD_SIZE
}

/**
 * The file behind memory of huge pages that nobody named, `size` bytes; null for a size of huge pages that does not
 * exist. Linux: fs/hugetlbfs/inode.c:hugetlb_file_setup()
 * Not modelled: huge pages of 1 GiB. Vectors: 0.
 */
export function hugetlb_file_setup(mm: mm_struct, size: number, flags: number): file | null {
  if (!knows_size(flags)) return null
  const made = new inode(++mm.shmem_files_made, size)
  const mode = FMODE_READ | FMODE_WRITE
  const options = { hugepages: true }
  return new file('/anon_hugepage (deleted)', hugetlbfs_file_operations, mode, made, null, options)
}
