// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  io_remap_pfn_range,
  mmap_action_ioremap_full,
  PAGE_SIZE,
  pgprot_writecombine,
  VM_REMAP_FLAGS,
  type vm_area_struct,
  vma_desc_pages,
  vma_pages,
} from '../../mm/index.ts'
import { fits, type Hooks, type Pattern } from '../pattern.ts'

/** The memory of a frame buffer. */
export interface FrameBuffer {
  /** Its first page frame number. */
  readonly pfn: number
}

const device = (): FrameBuffer => ({ pfn: 0xf0 })

function remap({ pfn }: FrameBuffer, vma: vm_area_struct): number {
  const size = vma_pages(vma) * PAGE_SIZE
  return io_remap_pfn_range(vma, vma.vm_start, pfn + vma.vm_pgoff, size)
}

/** The cacheability comes first: the helper of the action copies it. */
const described: Hooks<FrameBuffer> = (dev = device()) => ({
  mmap_prepare: (desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    desc.page_prot = pgprot_writecombine(desc.page_prot)
    mmap_action_ioremap_full(desc, dev.pfn + desc.pgoff)
    return 0
  },
})

/** Device memory whose writes are combined. */
export const writeCombining: Pattern<
  'legacy' | 'proto' | 'complete' | 'action' | 'mapped',
  FrameBuffer
> = {
  name: 'write_combining',
  text: 'A frame buffer, mapped so that writes are combined.',
  cannot: {
    prepare:
      'Nothing runs after the description that could fill the page tables: the driver stays on .mmap.',
  },
  device,
  legacy: (dev = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      vma.vm_page_prot = pgprot_writecombine(vma.vm_page_prot)
      return remap(dev, vma)
    },
  }),
  proto: (dev = device()) => ({
    mmap_proto: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.page_prot = pgprot_writecombine(desc.page_prot)
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap: (_file, vma) => remap(dev, vma),
  }),
  complete: (dev = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.page_prot = pgprot_writecombine(desc.page_prot)
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap_complete: (_file, vma) => remap(dev, vma),
  }),
  action: described,
  mapped: described,
}
