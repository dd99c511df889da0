// SPDX-License-Identifier: GPL-2.0-only
// Literal conversions that show the wrong pages.

import {
  mmap_action_map_kernel_pages_full,
  mmap_action_simple_ioremap,
  PAGE_SIZE,
  type vm_area_struct,
  vm_iomap_memory,
} from '../../mm/index.ts'
import { ringBuffer } from '../ring_buffer/driver.ts'
import { type ByEra, type Finding, hooksOf, Trial } from '../scenario.ts'

/** A mapping at offset 1 begins with page 1. */
export const pagesFollowOffset: Finding = {
  name: 'A mapping at offset 1 begins with page 1',
  text: 'vm_map_pages() begins at the offset; mmap_action_map_kernel_pages_full() does not add it: a literal conversion shows page 0.',
  fails: ['7.1', '7.3'],
  holds: ['6.12', '6.18', 'rfc-complete'],
  run: (release) => {
    const { pages } = ringBuffer.device()
    const literal: ByEra = {
      legacy: ringBuffer.legacy,
      complete: ringBuffer.complete,
      mapped: () => ({
        mmap_prepare: (desc) => {
          mmap_action_map_kernel_pages_full(desc, pages)
          return 0
        },
      }),
    }
    const trial = new Trial(release, hooksOf(literal, release))
    trial.map(0, 2, 1)
    return { ok: trial.at(0) === 'page 1', seen: `page 0 of the mapping shows ${trial.at(0)}` }
  },
}

/** Two bars, selected by offset; the mapper is to see offset 0. */
const bars: Readonly<Record<number, number>> = { 0: 0xf0000, 8: 0xfe000 }

/** An offset that is set for the mapper and restored has had its effect. */
export const restoredOffset: Finding = {
  name: 'An offset that is set for the mapper and restored has had its effect',
  text: 'The action looks at the offset when the hook has returned: what was set for it is gone by then.',
  fails: ['7.1', '7.3'],
  holds: ['6.12', '6.18', 'rfc-complete'],
  run: (release) => {
    const mapBar = (vma: vm_area_struct) => {
      const selector = vma.vm_pgoff
      vma.vm_pgoff = 0
      const error = vm_iomap_memory(vma, bars[selector] ?? 0, PAGE_SIZE)
      vma.vm_pgoff = selector
      return error
    }
    const literal: ByEra = {
      legacy: () => ({ mmap: (_file, vma) => mapBar(vma) }),
      complete: () => ({ mmap_prepare: () => 0, mmap_complete: (_file, vma) => mapBar(vma) }),
      mapped: () => ({
        mmap_prepare: (desc) => {
          const selector = desc.pgoff
          desc.pgoff = 0
          mmap_action_simple_ioremap(desc, bars[selector] ?? 0, PAGE_SIZE)
          desc.pgoff = selector
          return 0
        },
      }),
    }
    const trial = new Trial(release, hooksOf(literal, release))
    const told = trial.map(0, 1, 8)
    const frame = Number(trial.at(0) ?? 0)
    return {
      ok: frame === 0xfe,
      seen: frame ? `page frame 0x${frame.toString(16)} is mapped` : told,
    }
  },
}
