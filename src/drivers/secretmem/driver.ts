// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  VM_DONTDUMP,
  VM_FAULT_SIGBUS,
  VM_LOCKED,
  VM_MAYSHARE,
  VM_SHARED,
  VMA_DONTDUMP_BIT,
  VMA_LOCKED_BIT,
  VMA_MAYSHARE_BIT,
  VMA_SHARED_BIT,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_set_flags,
  vma_desc_test_any,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, type Pattern } from '../pattern.ts'

/** The memory, and the table of hooks on its VMAs. */
export interface Secretmem {
  readonly vm_ops: vm_operations_struct
}

const device = (): Secretmem => {
  const buffer = bufferPages()
  return {
    vm_ops: {
      fault: (vmf) => {
        vmf.page = buffer[vmf.pgoff]
        return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
      },
    },
  }
}

/** Shared memory that is locked and stays out of core dumps: the first driver that was converted. */
export const secretmem: Pattern<'legacy' | Describing, Secretmem> = {
  name: 'secretmem',
  text: 'Memory for secrets: shared only, locked, left out of core dumps.',
  cannot: {},
  device,
  legacy: ({ vm_ops } = device()) => ({
    mmap: (_file, vma) => {
      if ((vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) === 0) return -EINVAL
      vm_flags_set(vma, VM_LOCKED | VM_DONTDUMP)
      vma.vm_ops = vm_ops
      return 0
    },
  }),
  ...describingIn(device, ({ vm_ops }) => (desc) => {
    if (!vma_desc_test_any(desc, VMA_SHARED_BIT, VMA_MAYSHARE_BIT)) return -EINVAL
    vma_desc_set_flags(desc, VMA_LOCKED_BIT, VMA_DONTDUMP_BIT)
    desc.vm_ops = vm_ops
    return 0
  }),
}
