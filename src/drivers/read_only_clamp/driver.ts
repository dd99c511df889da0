// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  EPERM,
  mmap_action_remap_full,
  PAGE_SIZE,
  remap_pfn_range,
  VM_FAULT_SIGBUS,
  VM_MAYWRITE,
  VM_REMAP_FLAGS,
  VM_WRITE,
  VMA_MAYWRITE_BIT,
  VMA_WRITE_BIT,
  type vm_area_desc,
  type vm_area_struct,
  vm_flags_clear,
  vma_desc_clear_flags,
  vma_desc_pages,
  vma_desc_test,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, fits, type Hooks, type Pattern } from '../pattern.ts'

/** A buffer of the kernel's. */
export interface StatusPages {
  /** Its first page frame number. */
  readonly pfn: number
}

const device = (): StatusPages => ({ pfn: 0x5808 })

function remap({ pfn }: StatusPages, vma: vm_area_struct): number {
  const size = vma_pages(vma) * PAGE_SIZE
  return remap_pfn_range(vma, vma.vm_start, pfn + vma.vm_pgoff, size)
}

/** Without the second half mprotect() could ask for what was refused. */
function clamp(desc: vm_area_desc): number {
  if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
  if (vma_desc_test(desc, VMA_WRITE_BIT)) return -EPERM
  vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT)
  return 0
}

const described: Hooks<StatusPages> = (dev = device()) => ({
  mmap_prepare: (desc) => {
    const error = clamp(desc)
    if (error === 0) mmap_action_remap_full(desc, dev.pfn + desc.pgoff)
    return error
  },
})

/** Pages that are read-only and stay so. */
export const readOnlyClamp: Pattern<
  'legacy' | 'proto' | 'prepare' | 'complete' | 'action' | 'mapped',
  StatusPages
> = {
  name: 'read_only_clamp',
  text: 'A status page: writing is refused, and cannot be asked for later.',
  cannot: {
    prepare: 'Nothing fills the page tables after the description: pages are given on access.',
  },
  device,
  legacy: (dev = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      if (vma.vm_flags & VM_WRITE) return -EPERM
      vm_flags_clear(vma, VM_MAYWRITE)
      return remap(dev, vma)
    },
  }),
  proto: (dev = device()) => ({
    mmap_proto: (desc) => {
      desc.vm_flags |= VM_REMAP_FLAGS
      return clamp(desc)
    },
    mmap: (_file, vma) => remap(dev, vma),
  }),
  prepare: () => ({
    mmap_prepare: (desc) => {
      const pages = bufferPages()
      desc.vm_ops = {
        fault: (vmf) => {
          vmf.page = pages[vmf.pgoff]
          return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
        },
      }
      return clamp(desc)
    },
  }),
  complete: (dev = device()) => ({
    mmap_prepare: (desc) => {
      desc.vm_flags |= VM_REMAP_FLAGS
      return clamp(desc)
    },
    mmap_complete: (_file, vma) => remap(dev, vma),
  }),
  action: described,
  mapped: described,
}
