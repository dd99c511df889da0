// SPDX-License-Identifier: GPL-2.0-only
// Figures of calls, as the model took them.
import { linux } from '../../src/eras/index.ts'
import {
  type file,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  openFile,
  PAGE_SIZE,
  VMA_IO_BIT,
  VMA_PFNMAP_BIT,
  vma_desc_set_flags,
} from '../../src/mm/index.ts'
import { type Recording, record } from '../../src/trace/index.ts'

/** A file of pages, a driver with hooks on its VMAs, and one that refuses. */
export const files: Readonly<Record<'data' | 'demo' | 'bad', file>> = {
  data: openFile('/etc/data', { mmap_prepare: () => 0 }, { size: 1 << 20 }),
  demo: openFile('/dev/demo', {
    mmap_prepare(desc) {
      vma_desc_set_flags(desc, VMA_IO_BIT, VMA_PFNMAP_BIT)
      desc.vm_ops = { open() {}, close() {} }
      return 0
    },
  }),
  bad: openFile('/dev/bad', { mmap_prepare: () => -22 }),
}

/** Maps `pages` at page `page`: anonymous, or a file shared (a driver) or privately, from `offset` pages on. */
export function map(mm: Mm, page: number, pages: number, backing?: file, offset = 0): number {
  const kind = backing === files.demo || backing === files.bad ? MAP_SHARED : MAP_PRIVATE
  return mm.mmap({
    addr: page * PAGE_SIZE,
    len: pages * PAGE_SIZE,
    prot: 3,
    flags: kind | MAP_FIXED | (backing ? 0 : MAP_ANONYMOUS),
    offset: offset * PAGE_SIZE,
    ...(backing && { file: backing }),
  })
}

/** A new mapping between two neighbours that takes both in. */
export function merging(): Recording {
  const mm = new Mm(linux())
  map(mm, 0x10, 3)
  map(mm, 0x16, 3)
  return record(mm, () => map(mm, 0x13, 3))
}

/** A hook that refuses over three mappings: what was there is lost. */
export function failing(): Recording {
  const mm = new Mm(linux())
  map(mm, 0x10, 4, files.data)
  map(mm, 0x14, 2)
  map(mm, 0x16, 4, files.demo)
  return record(mm, () => map(mm, 0x13, 5, files.bad))
}

/** A private file mapping that follows another with an offset left out. */
export function skipping(): Recording {
  const mm = new Mm(linux())
  map(mm, 0x10, 4, files.data)
  return record(mm, () => map(mm, 0x14, 4, files.data, 5))
}

/** Calls on one address space, the same ones each time: a third fail or unmap. */
export function someCalls(count: number, seed = 5): ((mm: Mm) => unknown)[] {
  let state = seed
  const random = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  return Array.from({ length: count }, () => {
    const [page, pages, what] = [0x40 + random(48), 1 + random(10), random(7)]
    if (what === 0) return (mm: Mm) => mm.munmap(page * PAGE_SIZE, pages * PAGE_SIZE)
    if (what === 1) return (mm: Mm) => mm.mprotect(page * PAGE_SIZE, pages * PAGE_SIZE, 1)
    const backing = [undefined, undefined, files.demo, files.data, files.bad][what - 2]
    return (mm: Mm) => map(mm, page, pages, backing)
  })
}
