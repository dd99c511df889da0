// SPDX-License-Identifier: GPL-2.0-only
// Shared anonymous memory is a file that nobody named. Linux: mm/shmem.c

import { ENOMEM } from './errno.ts'
import {
  FMODE_READ,
  FMODE_WRITE,
  file,
  inode,
  type mm_struct,
  type vm_area_struct,
  type vm_operations_struct,
} from './mm_types.ts'
import { refuse } from './steps.ts'
import { should_fail } from './vma.ts'

/** The hooks of shmem mappings: none that the model calls. */
export const shmem_anon_vm_ops: vm_operations_struct = Object.freeze({})

/**
 * Gives a shared anonymous VMA a file of its own, whose only reference is the VMA's.
 * Linux: mm/shmem.c:shmem_zero_setup()
 */
export function shmem_zero_setup(mm: mm_struct, vma: vm_area_struct): number {
  if (should_fail(mm, 'shmem_kernel_file_setup'))
    return refuse(mm, ENOMEM, 'shmem_kernel_file_setup', 'no memory for the file of shared memory')
  const ino = ++mm.shmem_files_made
  const size = vma.vm_end - vma.vm_start
  vma.vm_file = new file(
    '/dev/zero (deleted)',
    {},
    FMODE_READ | FMODE_WRITE,
    new inode(ino, size),
    null,
  )
  vma.vm_ops = shmem_anon_vm_ops
  return 0
}
