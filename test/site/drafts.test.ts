// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest'
import { storedDrafts } from '../../src/site/live/drafts.ts'

function storage(): Storage {
  const kept = new Map<string, string>()
  const some: Partial<Storage> = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
  return some as Storage
}

test.each<[what: string, act: [published: string, code: string][], asked: string, got?: string]>([
  ['nothing was written', [], 'a'],
  ['something was', [['a', 'b']], 'a', 'b'],
  [
    'it was written again',
    [
      ['a', 'b'],
      ['a', 'c'],
    ],
    'a',
    'c',
  ],
  [
    'it is as published again',
    [
      ['a', 'b'],
      ['a', 'a'],
    ],
    'a',
  ],
  ['the page has changed since', [['a', 'b']], 'A'],
])('when %s', (_, act, asked, got) => {
  const kept = storage()
  const drafts = storedDrafts(() => kept, '/page')
  for (const [published, code] of act) drafts.set(1, published, code)
  expect(drafts.get(1, asked)).toBe(got)
  expect(drafts.get(2, asked)).toBe(undefined)
  expect(storedDrafts(() => kept, '/other').get(1, asked)).toBe(undefined)
})

test.each<[what: string, storage: () => Storage]>([
  [
    'closed',
    () => {
      throw new Error('SecurityError')
    },
  ],
  [
    'of another mind',
    () =>
      ({
        getItem: () => '{"x"',
        setItem() {
          throw new Error('full')
        },
      }) as unknown as Storage,
  ],
  ['someone else’s', () => ({ getItem: () => '[["a"],7]' }) as unknown as Storage],
])('a storage that is %s keeps nothing and harms nothing', (_, made) => {
  const drafts = storedDrafts(made, '/page')
  drafts.set(1, 'a', 'b')
  expect(drafts.get(1, 'a')).toBe(undefined)
})
