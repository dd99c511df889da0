// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  Mm,
  openFile,
  X86_64_RANGE,
} from '../../src/mm/index.ts'

const ANON = MAP_PRIVATE | MAP_ANONYMOUS
const LOW = ANON | MAP_32BIT
const GB = 2 ** 30
const FIVE_LEVELS = {
  ...X86_64_RANGE,
  task_size: 0xff_ffff_ffff_f000,
  map_window: X86_64_RANGE.task_size,
}
const BOTTOM_UP = { ...X86_64_RANGE, bottom_up: true }

/** Maps one after the other; the last one's address, or its errno. */
function place(range: typeof X86_64_RANGE, requests: readonly (readonly number[])[]): string {
  const mm = new Mm(linux(), range)
  let last = ''
  for (const [len = 0, addr = 0, flags = ANON] of requests) {
    const made = mm.maybeMmap({ len, addr, prot: 0, flags })
    last = made.ok ? made.value.toString(16) : made.error.code
  }
  return last
}

it.each([
  ['MAP_32BIT is low', [[4096, 0, LOW]], '40000000'],
  [
    'upwards',
    [
      [4096, 0, LOW],
      [8192, 0, LOW],
    ],
    '40001000',
  ],
  [
    'into the first hole that fits',
    [
      [4096, 0x40001000, ANON],
      [8192, 0, LOW],
    ],
    '40002000',
  ],
  ['its hint counts', [[4096, 0x60000000, LOW]], '60000000'],
  ['below 2 GiB', [[4096, 0x80000000, LOW]], '40000000'],
  [
    'it has a gigabyte',
    [
      [GB, 0, LOW],
      [4096, 0, LOW],
    ],
    'ENOMEM',
  ],
  ['MAP_FIXED is stronger', [[4096, 8 * GB, LOW | MAP_FIXED]], '200000000'],
  [
    'MAP_ABOVE4G spares the low addresses',
    [
      [0x7ffff7fff000 - 4 * GB, 4 * GB, ANON | MAP_FIXED],
      [4096, 0, ANON | MAP_ABOVE4G],
    ],
    '7ffff7fff000',
  ],
  [
    'others do not',
    [
      [0x7ffff7fff000 - 4 * GB, 4 * GB, ANON | MAP_FIXED],
      [4096, 0],
    ],
    'fffff000',
  ],
])('%s', (_, requests, outcome) => {
  expect(place(X86_64_RANGE, requests)).toBe(outcome)
})

it.each([
  ['from a third upwards', [[4096, 0]], '2aaaaaaab000'],
  ['hints count', [[4096, 0x10000]], '10000'],
  ['aligned huge pages', [[0x200000, 0]], '2aaaaac00000'],
])('bottom up: %s', (_, requests, outcome) => {
  expect(place(BOTTOM_UP, requests)).toBe(outcome)
})

it.each([
  ['no hint stays below 47 bits', [[4096, 0]], '7ffff7ffe000'],
  ['a hint above is taken', [[4096, 2 ** 52]], '10000000000000'],
  [
    'a taken one sends the search to the top',
    [
      [4096, 2 ** 52],
      [4096, 2 ** 52],
    ],
    'fffffff7ffe000',
  ],
  ['a range across the border is no hint', [[8192, 0x7ffffffff000 - 4096]], '7ffff7ffd000'],
  ['but a fixed place', [[8192, 0x7ffffffff000 - 4096, ANON | MAP_FIXED]], '7fffffffe000'],
])('five levels: %s', (_, requests, outcome) => {
  expect(place(FIVE_LEVELS, requests)).toBe(outcome)
})

it.each([
  [-1, 'EPERM'],
  [-22, 'EINVAL'],
  [-14n, 'EFAULT'],
  [2n ** 64n - 12n, 'ENOMEM'],
  [-4096, 'ENOMEM'],
])('a fixed address %s reads as %s', (addr, code) => {
  const made = new Mm(linux()).maybeMmap({ addr, len: 1, prot: 0, flags: ANON | MAP_FIXED })
  expect(made.error?.code).toBe(code)
})

it('asks the file for a fixed place too', () => {
  const file = openFile('f', { mmap: () => 0, get_unmapped_area: () => -22 })
  const request = { addr: GB, len: 1, prot: 0, flags: MAP_PRIVATE | MAP_FIXED, file }
  expect(new Mm(linux()).maybeMmap(request).error?.code).toBe('EINVAL')
})
