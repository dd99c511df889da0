// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { drivers } from '../../src/drivers/index.ts'
import {
  type file_operations,
  kzalloc,
  mutex,
  mutex_lock,
  mutex_unlock,
  refcount_dec,
  refcount_inc,
  refcount_t,
} from '../../src/mm/index.ts'
import { balance } from '../../src/trace/index.ts'

it.each(
  Object.entries(drivers).flatMap(([name, made]) =>
    ['legacy', 'mapped'].filter((era) => era in made).map((era) => [name, era] as const),
  ),
)('%s of the gallery balances in %s', (name, era) => {
  const hooks: unknown = Reflect.get(Reflect.get(drivers, name), era)
  const found = balance(() => (hooks as () => file_operations)())
  expect([found.leaks, found.thrown]).toEqual([[], []])
})

const prepare = (act: () => void, vm_ops = {}): file_operations => ({
  mmap_prepare: (desc) => {
    act()
    desc.vm_ops = vm_ops
    return 0
  },
})

const counted = () => {
  const users = new refcount_t('users', 0)
  return prepare(() => refcount_inc(users), {
    open: () => refcount_inc(users),
    close: () => refcount_dec(users),
  })
}
const uncounted = () => {
  const users = new refcount_t('users', 0)
  return prepare(() => {}, { close: () => refcount_dec(users) })
}
const locked = () => {
  const lock = new mutex('L')
  return prepare(() => mutex_lock(lock), { close: () => mutex_unlock(lock) })
}
const leaking = () => prepare(() => void kzalloc('P', {}))

it.each<[string, () => file_operations, string, string]>([
  ['a reference taken for a merge', counted, 'beside its own', 'reference users 2/1'],
  ['a reference taken for no VMA', counted, 'failed at vm_area_alloc 1', 'reference users 1/0'],
  ['a reference never taken', uncounted, 'new VMA', 'reference users 0/1 below'],
  ['a lock that outlives mmap()', locked, 'new VMA', 'lock L 1/1 held'],
  ['memory', leaking, 'unmapped', 'allocation P 1/0'],
])('finds %s', (_what, driver, path, want) => {
  const row = balance(driver).leaks.find((leak) => leak.path === path)!
  const extra = `${row.underflows > 0 ? ' below' : ''}${row.heldAfterCall ? ' held' : ''}`
  expect(`${row.kind} ${row.name} ${row.taken}/${row.given}${extra}`).toBe(want)
})

it('tells of a deadlock', () => {
  expect(balance(locked).thrown.join()).toContain('beside its own: Deadlock: mutex_lock(L)')
})

it('is told as a table', () => {
  expect(String(balance(counted))).toMatch(
    /^not balanced: \d+ of \d+ rows\npath +mmap\(\) +resource/,
  )
  expect(String(balance(() => prepare(() => {})))).toContain('balanced: every path')
})
