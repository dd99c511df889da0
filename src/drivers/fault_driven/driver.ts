// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_FAULT_SIGBUS,
  VMA_DONTDUMP_BIT,
  VMA_DONTEXPAND_BIT,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, fits, type Pattern } from '../pattern.ts'

/** The device's memory, which its VMAs have as private data. */
export interface FaultDriven {
  readonly buffer: readonly string[]
}

const fault_driven_vm_ops: vm_operations_struct = {
  fault: (vmf) => {
    const buffer = vmf.vma.vm_private_data as FaultDriven['buffer']
    vmf.page = buffer[vmf.pgoff]
    return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
  },
}

const device = (): FaultDriven => ({ buffer: bufferPages() })

/** A device whose pages come one by one, on access. */
export const faultDriven: Pattern<'legacy' | Describing, FaultDriven> = {
  name: 'fault_driven',
  text: 'A device whose pages are given one by one, on access.',
  cannot: {},
  device,
  legacy: ({ buffer } = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP)
      vma.vm_ops = fault_driven_vm_ops
      vma.vm_private_data = buffer
      return 0
    },
  }),
  ...describingIn(device, ({ buffer }) => (desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT)
    desc.vm_ops = fault_driven_vm_ops
    desc.private_data = buffer
    return 0
  }),
}
