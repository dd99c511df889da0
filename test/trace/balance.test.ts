// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { drivers } from '../../src/drivers/index.ts'
import { linux } from '../../src/eras/index.ts'
import {
  type file_operations,
  kzalloc,
  Mm,
  mutex,
  mutex_lock,
  mutex_unlock,
  openFile,
  PAGE_SIZE,
  refcount_dec,
  refcount_inc,
  refcount_t,
} from '../../src/mm/index.ts'
import { balance, failNth, record } from '../../src/trace/index.ts'

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
  expect(String(balance(counted))).toMatch(/^not balanced: \d+ of \d+ rows\npath +ended +resource/)
  expect(String(balance(() => prepare(() => {})))).toContain('balanced: every path')
})

/** Each row of what was recorded: the path, how it ended, the resource, taken/given and what is said of it. */
function recorded(
  hooks: file_operations,
  ...maps: readonly (readonly [page: number, fails?: 'fails'])[]
) {
  const mm = new Mm(linux())
  const file = openFile('/dev/f', hooks)
  const recording = record(mm, () => {
    for (const [page, fails] of maps) {
      mm.should_fail = fails ? failNth('vm_area_alloc') : null
      const at = 0x10000 + page * PAGE_SIZE
      mm.maybeMmap({
        addr: at,
        len: PAGE_SIZE,
        prot: 1,
        flags: 0x11,
        file,
        offset: page * PAGE_SIZE,
      })
    }
    mm.munmap(0x10000, 9 * PAGE_SIZE)
  })
  const told = balance(recording)
  return told.rows.map(({ path, end, name, taken, given, even }) =>
    [path.replace(/\(.*/, ''), end, name, `${taken}/${given}`, even ? 'even' : 'uneven'].join(' '),
  )
}

it.each<[string, string[], string[]]>([
  [
    'a mapping and its end',
    recorded(counted(), [0]),
    ['1. mmap ok users 1/0 even', '2. munmap ok users 0/1 even', 'all 2 calls  users 1/1 even'],
  ],
  [
    'a merge',
    recorded(counted(), [0], [1]),
    [
      '1. mmap ok users 1/0 even',
      '2. mmap ok users 1/0 even',
      '3. munmap ok users 0/1 even',
      'all 3 calls  users 2/1 uneven',
    ],
  ],
  [
    'a failure',
    recorded(counted(), [0, 'fails']),
    ['1. mmap -ENOMEM users 1/0 uneven', 'all 2 calls  users 1/0 uneven'],
  ],
  [
    'a lock held meanwhile',
    recorded(locked(), [0]),
    ['1. mmap ok L 1/0 uneven', '2. munmap ok L 0/1 even', 'all 2 calls  L 1/1 even'],
  ],
  [
    'one too many',
    recorded(uncounted(), [0]),
    ['2. munmap ok users 0/1 uneven', 'all 2 calls  users 0/1 uneven'],
  ],
  [
    'nothing',
    recorded(
      prepare(() => {}),
      [0],
    ),
    [],
  ],
])('tells of a recording: %s', (_what, rows, want) => expect(rows).toEqual(want))

it('refuses what is neither a recording nor a driver', () => {
  expect(() => balance(5 as never)).toThrow('balance of 5: give a recording of record()')
})
