// SPDX-License-Identifier: GPL-2.0-only
import {
  EAGAIN,
  EINVAL,
  io_remap_pfn_range,
  mmap_action_ioremap_full,
  PAGE_SIZE,
  pgprot_writecombine,
  VM_REMAP_FLAGS,
  type vm_area_desc,
  type vm_area_struct,
  vma_desc_pages,
  vma_pages,
} from '../../mm/index.ts'
import { fits, type Pattern } from '../pattern.ts'

/** The memory of a device. */
export interface OneErrno {
  /** Its first page frame number. */
  readonly pfn: number
}

const device = (): OneErrno => ({ pfn: 0xf0 })

function remap({ pfn }: OneErrno, vma: vm_area_struct): number {
  const size = vma_pages(vma) * PAGE_SIZE
  return io_remap_pfn_range(vma, vma.vm_start, pfn + vma.vm_pgoff, size) === 0 ? 0 : -EAGAIN
}

/** The checks of the hook keep their errno. */
function describe(desc: vm_area_desc): number {
  if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
  desc.page_prot = pgprot_writecombine(desc.page_prot)
  return 0
}

function describeRemapped(desc: vm_area_desc): number {
  desc.vm_flags |= VM_REMAP_FLAGS
  return describe(desc)
}

/** Whatever goes wrong with the remap, the caller is told EAGAIN. */
export const oneErrno: Pattern<'legacy' | 'proto' | 'complete' | 'action' | 'mapped', OneErrno> = {
  name: 'one_errno',
  text: 'Every failure of the remap is EAGAIN for the caller.',
  cannot: {
    prepare:
      'Nothing runs after the description that could fill the page tables: the driver stays on .mmap.',
    mapped:
      '7.1 has error_hook instead of error_override; neither replaces errors under the compatibility layer.',
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
    mmap_proto: describeRemapped,
    mmap: (_file, vma) => remap(dev, vma),
  }),
  complete: (dev = device()) => ({
    mmap_prepare: describeRemapped,
    mmap_complete: (_file, vma) => remap(dev, vma),
  }),
  action: (dev = device()) => ({
    mmap_prepare: (desc) => {
      mmap_action_ioremap_full(desc, dev.pfn + desc.pgoff)
      desc.action.error_hook = () => -EAGAIN
      return describe(desc)
    },
  }),
  mapped: (dev = device()) => ({
    mmap_prepare: (desc) => {
      const error = describe(desc)
      if (error !== 0) return error
      mmap_action_ioremap_full(desc, dev.pfn + desc.pgoff)
      desc.action.error_override = -EAGAIN
      return 0
    },
  }),
}
