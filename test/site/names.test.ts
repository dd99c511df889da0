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

const page = (name: string, ...cells: readonly string[]) => ({
  page: name,
  cells: cells.map((code) => ({ code, volatile: false, outputs: [], names: namesOf(code) })),
})
const book = [page('a', 'mm.mmap', '', 'mm  file'), page('none'), page('b/c', 'file')]

it.each([
  ['a', 1, 0, 'mm'],
  ['a', 1, 2, 'mm'],
  ['a', 1, 3, 'mmap'],
  ['a', 1, 7, 'mmap'],
  ['a', 1, 8, undefined],
  ['a', 2, 0, undefined],
  ['a', 3, 1, 'mm'],
  ['a', 3, 3, undefined],
  ['a', 3, 4, 'file'],
  ['a', 4, 0, undefined],
  ['a', 0, 0, undefined],
  ['b/c', 1, 0, 'file'],
  ['none', 1, 0, undefined],
  ['nonesuch', 1, 0, undefined],
  ['toString', 1, 0, undefined],
])('page %s, cell %i, offset %i: %s', (name, n, offset, text) => {
  const found = nameAt(packNames(book), name, n, offset)
  expect(found?.text).toBe(text)
  const own = book.find((one) => one.page === name)?.cells[n - 1]?.names
  expect(found && own).toEqual(found && expect.arrayContaining([found]))
})

it('has equal words once, and a cell of which nothing is known', () => {
  const unknown = { code: 'x', volatile: false, outputs: [] }
  expect(packNames([...book, { page: 'd', cells: [unknown] }])).toEqual({
    told: [
      ['mm', 'An address space.'],
      ['mmap', 'An address space.'],
      ['file', ''],
    ],
    pages: {
      a: [
        [
          [0, 2, 0],
          [1, 4, 1],
        ],
        [],
        [
          [0, 2, 0],
          [2, 4, 2],
        ],
      ],
      'b/c': [[[0, 4, 2]]],
      d: [[]],
    },
  })
})
