// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { namesNear } from '../../src/recipes/near.ts'
import { recipes } from '../../src/recipes/table.ts'

const names = recipes.map(({ name }) => name)

it.each([
  ['devmem', 'dev_mem'],
  ['dev-mem', 'dev_mem'],
  ['DevMem', 'dev_mem'],
  ['dev_mme', 'dev_mem'],
  ['dev_men', 'dev_mem'],
  ['referencecounted', 'reference_counted'],
  ['reference_couted', 'reference_counted'],
  ['hugetlb', 'hugetlb_reservation'],
  ['lock', 'state_lock lock_across'],
  ['iobar.c', 'io_bar'],
  ['pages', 'insert_pages'],
  ['nothing', ''],
  ['x', ''],
  ['', ''],
  ['____', ''],
])('%s is near: %s', (name, expected) => {
  expect(namesNear(name, names).join(' ')).toBe(expected)
})
