// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  ENXIO,
  EPERM,
  VM_EXEC,
  VM_FAULT_SIGBUS,
  VM_MAYSHARE,
  VMA_EXEC_BIT,
  VMA_MAYSHARE_BIT,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_test,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, fits, type Pattern } from '../pattern.ts'

const buffer = bufferPages()
const validate_vm_ops: vm_operations_struct = {
  fault: (vmf) => {
    vmf.page = buffer[vmf.pgoff]
    return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
  },
}

const device = (): null => null

/** Checks, each with its errno, and nothing taken before them. */
export const validate: Pattern<'legacy' | Describing, null> = {
  name: 'validate',
  text: 'A device that refuses what it cannot map.',
  cannot: {},
  device,
  legacy: () => ({
    mmap: (_file, vma) => {
      if ((vma.vm_flags & VM_MAYSHARE) === 0) return -EINVAL
      if (vma.vm_flags & VM_EXEC) return -EPERM
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -ENXIO
      vma.vm_ops = validate_vm_ops
      return 0
    },
  }),
  ...describingIn(device, () => (desc) => {
    if (!vma_desc_test(desc, VMA_MAYSHARE_BIT)) return -EINVAL
    if (vma_desc_test(desc, VMA_EXEC_BIT)) return -EPERM
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -ENXIO
    desc.vm_ops = validate_vm_ops
    return 0
  }),
}
