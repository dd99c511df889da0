// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  mmap_action_remap_full,
  PAGE_SIZE,
  remap_pfn_range,
  VM_REMAP_FLAGS,
  type vm_area_struct,
  vma_desc_pages,
  vma_pages,
} from '../../mm/index.ts'
import { fits, type Hooks, type Pattern } from '../pattern.ts'

/** Where the window of physical memory begins. */
export interface DevMem {
  /** A page frame number. */
  readonly pfn: number
}

const device = (): DevMem => ({ pfn: 0xf0 })

function remap({ pfn }: DevMem, vma: vm_area_struct): number {
  const size = vma_pages(vma) * PAGE_SIZE
  return remap_pfn_range(vma, vma.vm_start, pfn + vma.vm_pgoff, size)
}

const described: Hooks<DevMem> = (dev = device()) => ({
  mmap_prepare: (desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    mmap_action_remap_full(desc, dev.pfn + desc.pgoff)
    return 0
  },
})

/** Physical memory by page frame. A private writable mapping gets its frame as its offset. */
export const devMem: Pattern<'legacy' | 'proto' | 'complete' | 'action' | 'mapped', DevMem> = {
  name: 'dev_mem',
  text: 'A window of physical memory; of a private writable mapping the offset becomes the page frame.',
  cannot: {
    prepare:
      'Nothing runs after the description that could fill the page tables: the driver stays on .mmap.',
    complete:
      'The remap rewrites the offset of a private writable VMA that is in the tree already.',
  },
  device,
  legacy: (dev = device()) => ({
    mmap: (_file, vma) => (fits(vma.vm_pgoff, vma_pages(vma)) ? remap(dev, vma) : -EINVAL),
  }),
  proto: (dev = device()) => ({
    mmap_proto: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap: (_file, vma) => remap(dev, vma),
  }),
  complete: (dev = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap_complete: (_file, vma) => remap(dev, vma),
  }),
  action: described,
  mapped: described,
}
