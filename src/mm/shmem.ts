// SPDX-License-Identifier: GPL-2.0-only
// Shared anonymous memory is a file that nobody named. Linux: mm/shmem.c

import { ENOMEM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import { PAGE_SIZE, VM_NORESERVE } from './flags.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  file,
  type file_operations,
  inode,
  type mm_struct,
  VM_FAULT_SIGBUS,
  type vm_area_desc,
  type vm_area_struct,
  type vm_fault,
  type vm_operations_struct,
} from './mm_types.ts'
import { refuse } from './steps.ts'
import { mm_get_unmapped_area } from './unmapped_area.ts'
import { __vm_enough_memory } from './vma.ts'

/** The hooks of shmem mappings: a page within the size, else SIGBUS. Linux: mm/shmem.c:shmem_anon_vm_ops */
const shmem_anon_vm_ops: vm_operations_struct = Object.freeze({
  fault: ({ vma, pgoff }: vm_fault) =>
    pgoff * PAGE_SIZE < (vma.vm_file?.f_inode.i_size ?? 0) ? 0 : VM_FAULT_SIGBUS,
})

const without_mmap: file_operations = {
  fsync: () => 0,
  get_unmapped_area: shmem_get_unmapped_area,
}

/** The hooks of such files where a description is called for. Linux: mm/shmem.c:shmem_file_operations */
const shmem_file_operations: file_operations = Object.freeze({
  ...without_mmap,
  mmap_prepare: (desc: vm_area_desc) => {
    desc.vm_ops = shmem_anon_vm_ops
    return 0
  },
})

/** The same where it is not, and for System V segments. Linux 6.12: mm/shmem.c:shmem_file_operations, ipc/shm.c:shm_mmap() */
export const shmem_legacy_operations: file_operations = Object.freeze({
  ...without_mmap,
  mmap: (_file: file, vma: vm_area_struct) => {
    vma.vm_ops = shmem_anon_vm_ops
    return 0
  },
})

/**
 * A file of `size` bytes that nobody named, or null when there is no memory.
 * Linux: mm/shmem.c:shmem_kernel_file_setup()
 *
 * Not modelled: the charge of a file of shared memory, which lasts as long as the file and not as its mappings. Whether
 * there is room for it is asked. Vectors: 0.
 */
export function shmem_kernel_file_setup(
  mm: mm_struct,
  size: number,
  vm_flags: number,
): file | null {
  if (should_fail(mm, 'shmem_kernel_file_setup')) return null
  const charged = (vm_flags & VM_NORESERVE) === 0
  if (charged && !__vm_enough_memory(mm, size / PAGE_SIZE)) return null
  const made = new inode(++mm.shmem_files_made, size)
  made.i_mapping.is_shmem = true
  const open = (hooks: file_operations) =>
    new file('/dev/zero (deleted)', hooks, FMODE_READ | FMODE_WRITE, made, null)
  const modern = open(shmem_file_operations)
  return mm.release.era.can_mmap_file(modern) ? modern : open(shmem_legacy_operations)
}

function refuse_file(mm: mm_struct): number {
  return refuse(mm, ENOMEM, 'shmem_kernel_file_setup', 'no memory for the file of shared memory')
}

/**
 * Gives a shared anonymous VMA a file of its own, whose only reference is the VMA's.
 * Linux: mm/shmem.c:shmem_zero_setup()
 */
export function shmem_zero_setup(mm: mm_struct, vma: vm_area_struct): number {
  const made = shmem_kernel_file_setup(mm, vma.vm_end - vma.vm_start, vma.vm_flags)
  if (!made) return refuse_file(mm)
  vma.vm_file = made
  vma.vm_ops = shmem_anon_vm_ops
  return 0
}

/** The same for a mapping that is being described, as /dev/zero does. Linux: mm/shmem.c:shmem_zero_setup_desc() */
export function shmem_zero_setup_desc(desc: vm_area_desc): number {
  const made = shmem_kernel_file_setup(desc.mm, desc.end - desc.start, desc.vm_flags)
  if (!made) return refuse_file(desc.mm)
  desc.vm_file = made
  desc.vm_ops = shmem_anon_vm_ops
  return 0
}

/** Without huge pages, like any other file's. Linux: mm/shmem.c:shmem_get_unmapped_area() */
export function shmem_get_unmapped_area(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  _pgoff: number,
  flags: number,
): number {
  return mm_get_unmapped_area(mm, file, addr, len, flags)
}
