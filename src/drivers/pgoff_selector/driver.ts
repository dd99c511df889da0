// SPDX-License-Identifier: GPL-2.0-only
import {
  ENXIO,
  mmap_action_map_kernel_pages_full,
  VM_DONTEXPAND,
  VM_MIXEDMAP,
  VMA_DONTEXPAND_BIT,
  type vm_area_desc,
  type vm_area_struct,
  vm_flags_set,
  vm_insert_pages,
  vm_map_pages,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Pattern } from '../pattern.ts'

/** The offset, in pages, of the status page. */
export const STATUS_PGOFF = 256

/** What can be mapped, by offset in pages. */
export type Selectable = ReadonlyMap<number, readonly string[]>

const device = (): Selectable =>
  new Map([
    [0, bufferPages()],
    [STATUS_PGOFF, ['status']],
  ])

/** The pages that an offset selects, if there are enough of them. */
function select(things: Selectable, pgoff: number, pages: number): readonly string[] | null {
  const selected = things.get(pgoff)
  return selected && pages <= selected.length ? selected : null
}

function describe(things: Selectable, desc: vm_area_desc): number {
  if (!select(things, desc.pgoff, vma_desc_pages(desc))) return -ENXIO
  desc.vm_flags |= VM_DONTEXPAND | VM_MIXEDMAP
  return 0
}

/** With a VMA at hand the pages can be given from any index on. */
function insert(things: Selectable, vma: vm_area_struct): number {
  const selected = select(things, vma.vm_pgoff, vma_pages(vma))
  return selected ? vm_insert_pages(vma, vma.vm_start, selected.slice(0, vma_pages(vma))) : -ENXIO
}

const unfilled =
  'No action maps kernel pages before 7.1: the driver stays on .mmap, or gives pages on access.'

/** The offset is no offset, but selects what is mapped. */
export const pgoffSelector: Pattern<'legacy' | 'proto' | 'complete' | 'mapped', Selectable> = {
  name: 'pgoff_selector',
  text: 'The offset selects what is mapped; setting it to 0 for the mapper and restoring it is a habit of .mmap.',
  cannot: { prepare: unfilled, action: unfilled },
  device,
  legacy: (things = device()) => ({
    mmap: (_file, vma) => {
      const selector = vma.vm_pgoff
      const selected = things.get(selector)
      vm_flags_set(vma, VM_DONTEXPAND)
      vma.vm_pgoff = 0
      const error = selected ? vm_map_pages(vma, selected) : -ENXIO
      vma.vm_pgoff = selector
      return error
    },
  }),
  proto: (things = device()) => ({
    mmap_proto: (desc) => describe(things, desc),
    mmap: (_file, vma) => insert(things, vma),
  }),
  complete: (things = device()) => ({
    mmap_prepare: (desc) => describe(things, desc),
    mmap_complete: (_file, vma) => insert(things, vma),
  }),
  mapped: (things = device()) => ({
    mmap_prepare: (desc) => {
      const selected = select(things, desc.pgoff, vma_desc_pages(desc))
      if (!selected) return -ENXIO
      vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
      mmap_action_map_kernel_pages_full(desc, selected)
      return 0
    },
  }),
}
