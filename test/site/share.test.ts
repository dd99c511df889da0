// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest'
import {
  linkLimit,
  readFragment,
  type SharedCell,
  shareFragment,
} from '../../src/site/live/share.ts'

const round: readonly [name: string, cells: readonly SharedCell[]][] = [
  ['a cell', [[1, '1 + 1']]],
  ['cells', [[1, 'a'], [12, 'b\n\tc']]], // biome-ignore format: a line each
  ['what is not ASCII', [[2, '"é 页 🗺" // </script>']]],
  ['an empty cell', [[1, '']]],
]
for (const [name, cells] of round)
  test(`${name} comes back`, () => {
    expect(readFragment(shareFragment(cells) ?? '')).toEqual({ cells })
  })

test('a fragment needs no escaping', () => {
  expect(shareFragment([[1, '~~~???>>>ÿÿÿ']])).toMatch(/^#cells=[\w-]+$/)
})

test('what is too long makes no link', () => {
  expect(shareFragment([[1, 'x'.repeat(5_000)]])).toMatch(/^#cells=/)
  for (const length of [6_000, 8_000, 1_000_000])
    expect(shareFragment([[1, 'x'.repeat(length)]])).toBeUndefined()
})

for (const fragment of ['', '#', '#locks', '#cell=1', '#__proto__'])
  test(`${fragment || 'nothing'} is no link of ours`, () => {
    expect(readFragment(fragment)).toBeUndefined()
  })

const of = (value: unknown) => `#cells=${btoa(JSON.stringify(value))}`
const refused: readonly [name: string, fragment: string, why: string][] = [
  ['nothing in it', '#cells=', 'it was cut or changed on its way'],
  ['no base64', '#cells=%%%', 'it was cut or changed on its way'],
  ['a cut link', (shareFragment([[1, 'mm.mmap()']]) ?? '').slice(0, -4), 'it was cut'],
  ['no UTF-8', `#cells=${btoa('"\xff"')}`, 'it was cut or changed on its way'],
  ['no list', of({ 1: 'a' }), 'it holds no cells'],
  ['no cell', of([]), 'it holds no cells'],
  ['code that is no text', of([[1, { toString: 1 }]]), 'it holds no cells'],
  ['cell 0', of([[0, 'a']]), 'it holds no cells'],
  ['too much', `#cells=${'A'.repeat(linkLimit)}`, 'is the most'],
]
for (const [name, fragment, why] of refused)
  test(`${name} is told`, () => {
    expect(readFragment(fragment)).toEqual({ fault: expect.stringContaining(why) })
  })
