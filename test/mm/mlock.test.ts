// SPDX-License-Identifier: GPL-2.0-only
// Memory that may be dropped, and locks: `locked PAGES` or the errno. Recorded on 6.18.44 and read in 6.12.117.
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  KernelError,
  MAP_ANONYMOUS,
  MAP_DROPPABLE,
  MAP_LOCKED,
  Mm,
  PAGE_SIZE,
} from '../../src/mm/index.ts'

const droppable = (mm: Mm, more = 0): number =>
  mm.mmap({ len: 2 * PAGE_SIZE, prot: 3, flags: MAP_DROPPABLE | MAP_ANONYMOUS | more })

const calls: Readonly<Record<string, (mm: Mm) => unknown>> = {
  'mmap(MAP_LOCKED)': (mm) => droppable(mm, MAP_LOCKED),
  'mlock()': (mm) => mm.mlock(droppable(mm), PAGE_SIZE),
  'mlockall(MCL_FUTURE)': (mm) => {
    mm.mlockall(2)
    droppable(mm)
  },
  'mlockall(MCL_CURRENT)': (mm) => {
    droppable(mm)
    mm.mlockall(1)
  },
}

it.each([
  ['7.3', 'mmap(MAP_LOCKED)', 'EINVAL'],
  ['7.3', 'mlock()', 'locked 0'],
  ['7.3', 'mlockall(MCL_FUTURE)', 'locked 0'],
  ['7.3', 'mlockall(MCL_CURRENT)', 'locked 0'],
  ['6.18', 'mlock()', 'locked 0'],
  ['6.12', 'mmap(MAP_LOCKED)', 'EINVAL'],
  ['6.12', 'mlock()', 'locked 1'],
  ['6.12', 'mlockall(MCL_FUTURE)', 'locked 2'],
])('%s: %s of droppable memory: %s', (release, what, expected) => {
  const mm = new Mm(linux(release))
  try {
    calls[what]?.(mm)
    expect(`locked ${mm.locked_vm}`).toBe(expected)
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    expect(error.code).toBe(expected)
  }
})
