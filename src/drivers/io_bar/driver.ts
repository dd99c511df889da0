// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  mmap_action_ioremap_full,
  mmap_action_simple_ioremap,
  PAGE_SIZE,
  pgprot_noncached,
  VM_REMAP_FLAGS,
  vm_iomap_memory,
  vma_desc_pages,
} from '../../mm/index.ts'
import { PAGES, type Pattern } from '../pattern.ts'

/** The registers of a device. Bytes. */
export interface IoBar {
  readonly phys: number
  readonly size: number
}

const device = (): IoBar => ({ phys: 0xf0000, size: PAGES * PAGE_SIZE })

/** Does the bar hold `pages` pages from `pgoff` on? */
const holds = ({ size }: IoBar, pgoff: number, pages: number): boolean =>
  pgoff + pages <= Math.ceil(size / PAGE_SIZE)

/** Device memory by physical address, uncached. */
export const ioBar: Pattern<'legacy' | 'proto' | 'complete' | 'action' | 'mapped', IoBar> = {
  name: 'io_bar',
  text: 'The registers of a device, uncached; the offset counts within them.',
  cannot: {
    prepare:
      'Nothing runs after the description that could fill the page tables: the driver stays on .mmap.',
    action: 'There is no simple_ioremap before 7.1: the hook checks offset and size itself.',
  },
  device,
  legacy: (bar = device()) => ({
    mmap: (_file, vma) => {
      vma.vm_page_prot = pgprot_noncached(vma.vm_page_prot)
      return vm_iomap_memory(vma, bar.phys, bar.size)
    },
  }),
  proto: (bar = device()) => ({
    mmap_proto: (desc) => {
      if (!holds(bar, desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.page_prot = pgprot_noncached(desc.page_prot)
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap: (_file, vma) => vm_iomap_memory(vma, bar.phys, bar.size),
  }),
  complete: (bar = device()) => ({
    mmap_prepare: (desc) => {
      if (!holds(bar, desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.page_prot = pgprot_noncached(desc.page_prot)
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap_complete: (_file, vma) => vm_iomap_memory(vma, bar.phys, bar.size),
  }),
  action: (bar = device()) => ({
    mmap_prepare: (desc) => {
      if (!holds(bar, desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.page_prot = pgprot_noncached(desc.page_prot)
      mmap_action_ioremap_full(desc, Math.floor(bar.phys / PAGE_SIZE) + desc.pgoff)
      return 0
    },
  }),
  mapped: (bar = device()) => ({
    mmap_prepare: (desc) => {
      desc.page_prot = pgprot_noncached(desc.page_prot)
      mmap_action_simple_ioremap(desc, bar.phys, bar.size)
      return 0
    },
  }),
}
