// SPDX-License-Identifier: GPL-2.0-only
import {
  type driver_object,
  EINVAL,
  ENOMEM,
  kfree,
  kzalloc,
  mmap_action_map_kernel_pages_full,
  refcount_dec,
  refcount_inc,
  refcount_t,
  VM_DONTEXPAND,
  VM_MIXEDMAP,
  VMA_DONTEXPAND_BIT,
  type vm_area_desc,
  type vm_area_struct,
  vm_flags_set,
  vm_map_pages,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, PAGES, type Pattern } from '../pattern.ts'

/** A buffer and its references: one for each VMA that maps it. */
export interface Buffer extends driver_object {
  readonly refs: refcount_t
  readonly pages: readonly string[]
}

/** The buffer of an open file, which later eras map. */
export interface AllocatePopulate {
  readonly pages: readonly string[]
}

const device = (): AllocatePopulate => ({ pages: bufferPages() })

function alloc_buffer(count: number): Buffer | null {
  return kzalloc('buffer', {
    refs: new refcount_t('buffer->ref', 1),
    pages: bufferPages(count),
  })
}

const vm_ops: vm_operations_struct = {
  open: (vma) => refcount_inc((vma.vm_private_data as Buffer).refs),
  close: (vma) => {
    const buffer = vma.vm_private_data as Buffer
    if (buffer.refs.refs > 1) refcount_dec(buffer.refs)
    else kfree(buffer)
  },
}

/** Maps a buffer of its own into the VMA, and leaves nothing behind when that fails. */
function allocate(vma: vm_area_struct): number {
  const buffer = alloc_buffer(vma_pages(vma))
  if (!buffer) return -ENOMEM
  const error = vm_map_pages(vma, buffer.pages)
  if (error !== 0) {
    kfree(buffer)
    return error
  }
  vma.vm_private_data = buffer
  vma.vm_ops = vm_ops
  return 0
}

const fitsBuffer = (desc: vm_area_desc): boolean =>
  desc.pgoff === 0 && vma_desc_pages(desc) <= PAGES

const unfilled = 'No action maps kernel pages before 7.1: the driver stays on .mmap.'

/** A buffer is allocated for each mapping, and mapped ahead of any access. */
export const allocatePopulate: Pattern<'legacy' | 'complete' | 'mapped', AllocatePopulate> = {
  name: 'allocate_populate',
  text: 'Each mapping is given a buffer of its own, allocated and mapped by mmap().',
  cannot: {
    proto:
      'The private data of the description replaces what .mmap stores: the buffer could not be freed.',
    prepare: unfilled,
    action: unfilled,
    mapped:
      'What the description allocates leaks when no VMA is made, and mapped() is too late: open() allocates.',
  },
  device,
  legacy: () => ({
    mmap: (_file, vma) => {
      if (vma.vm_pgoff !== 0 || vma_pages(vma) > PAGES) return -EINVAL
      vm_flags_set(vma, VM_DONTEXPAND)
      return allocate(vma)
    },
  }),
  complete: () => ({
    mmap_prepare: (desc) => {
      if (!fitsBuffer(desc)) return -EINVAL
      const buffer = alloc_buffer(vma_desc_pages(desc))
      if (!buffer) return -ENOMEM
      desc.vm_flags |= VM_DONTEXPAND | VM_MIXEDMAP
      desc.vm_ops = vm_ops
      desc.private_data = buffer
      return 0
    },
    mmap_complete: (_file, vma) => vm_map_pages(vma, (vma.vm_private_data as Buffer).pages),
    mmap_abort: (_file, private_data) => kfree(private_data as Buffer),
  }),
  mapped: ({ pages } = device()) => ({
    mmap_prepare: (desc) => {
      if (!fitsBuffer(desc)) return -EINVAL
      vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
      mmap_action_map_kernel_pages_full(desc, pages)
      return 0
    },
  }),
}
