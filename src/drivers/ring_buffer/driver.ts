// SPDX-License-Identifier: GPL-2.0-only
import {
  ENXIO,
  mmap_action_map_kernel_pages_full,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_MIXEDMAP,
  VMA_DONTDUMP_BIT,
  VMA_DONTEXPAND_BIT,
  type vm_area_desc,
  vm_flags_set,
  vm_map_pages,
  vma_desc_pages,
  vma_desc_set_flags,
} from '../../mm/index.ts'
import { bufferPages, fits, type Pattern } from '../pattern.ts'

/** The pages of the ring. */
export interface RingBuffer {
  readonly pages: readonly string[]
}

const device = (): RingBuffer => ({ pages: bufferPages() })

function describe(desc: vm_area_desc): number {
  if (!fits(desc.pgoff, vma_desc_pages(desc))) return -ENXIO
  desc.vm_flags |= VM_DONTEXPAND | VM_DONTDUMP | VM_MIXEDMAP
  return 0
}

const unfilled =
  'No action maps kernel pages before 7.1: the driver stays on .mmap, or gives pages on access.'

/** Kernel pages that are mapped ahead of any access. */
export const ringBuffer: Pattern<'legacy' | 'proto' | 'complete' | 'mapped', RingBuffer> = {
  name: 'ring_buffer',
  text: 'The pages of a ring buffer, mapped ahead of any access.',
  cannot: { prepare: unfilled, action: unfilled },
  device,
  legacy: ({ pages } = device()) => ({
    mmap: (_file, vma) => {
      vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP)
      return vm_map_pages(vma, pages)
    },
  }),
  proto: ({ pages } = device()) => ({
    mmap_proto: describe,
    mmap: (_file, vma) => vm_map_pages(vma, pages),
  }),
  complete: ({ pages } = device()) => ({
    mmap_prepare: describe,
    mmap_complete: (_file, vma) => vm_map_pages(vma, pages),
  }),
  // The action neither checks offset and size nor adds the offset: the hook does both.
  mapped: ({ pages } = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -ENXIO
      vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT)
      mmap_action_map_kernel_pages_full(desc, pages.slice(desc.pgoff))
      return 0
    },
  }),
}
