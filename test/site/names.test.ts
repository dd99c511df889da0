// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import type { KnownName } from '../../src/literate/index.ts'
import { nameAt, packNames } from '../../src/site/live/names.ts'

/** The words of a cell as names, each told of by itself. */
const namesOf = (code: string): KnownName[] =>
  [...code.matchAll(/\w+/g)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
    text,
    doc: text.startsWith('mm') ? 'An address space.' : '',
  }))

const page = ['mm.mmap', '', 'mm  file'].map((code) => ({ names: namesOf(code) }))

it.each([
  [1, 0, 'mm'],
  [1, 2, 'mm'],
  [1, 3, 'mmap'],
  [1, 7, 'mmap'],
  [1, 8, undefined],
  [2, 0, undefined],
  [3, 1, 'mm'],
  [3, 3, undefined],
  [3, 4, 'file'],
  [4, 0, undefined],
  [0, 0, undefined],
])('cell %i, offset %i: %s', (n, offset, text) => {
  const name = nameAt(packNames(page), n, offset)
  expect(name?.text).toBe(text)
  expect(name && page[n - 1]?.names).toEqual(name && expect.arrayContaining([name]))
})

it('has equal words once, and a cell of which nothing is known', () => {
  expect(packNames([...page, {}])).toEqual({
    told: [
      ['mm', 'An address space.'],
      ['mmap', 'An address space.'],
      ['file', ''],
    ],
    cells: [
      [
        [0, 2, 0],
        [3, 7, 1],
      ],
      [],
      [
        [0, 2, 0],
        [4, 8, 2],
      ],
      [],
    ],
  })
})
