// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  current,
  type file_operations,
  kfree,
  kzalloc,
  Mm,
  mutex,
  mutex_lock,
  mutex_unlock,
  openFile,
  refcount_dec,
  refcount_inc,
  refcount_t,
} from '../../src/mm/index.ts'
import { failNth } from '../../src/trace/index.ts'

/** The driver's steps of one mmap() whose hook is `act`: `lock L 1, warn ...`; what is thrown comes last. */
function told(act: () => void, site?: `kzalloc(${string})` | 'kzalloc'): string {
  const mm = new Mm(linux())
  const steps: string[] = []
  mm.listener = (name, subject, a) => {
    if (name === 'warn') steps.push(`warn ${subject}`)
    else if (name.startsWith('driver_')) steps.push(`${name.slice(7)} ${subject} ${a}`)
  }
  if (site) mm.should_fail = failNth(site)
  const f_op: file_operations = {
    mmap_prepare: () => {
      act()
      return 0
    },
  }
  try {
    mm.mmap({ len: 4096, prot: 1, flags: 1, file: openFile('d', f_op) })
  } catch (error) {
    steps.push(String(error).split(':')[0]!)
  }
  return steps.join(', ')
}

const lock = () => new mutex('L')
const count = (refs: number) => new refcount_t('R', refs)

it.each<[string, (() => void)[], string]>([
  [
    'a lock',
    [
      () => {
        const l = lock()
        mutex_lock(l)
        mutex_unlock(l)
      },
    ],
    'lock L 1, unlock L 0',
  ],
  [
    'a lock twice',
    [
      () => {
        const l = lock()
        mutex_lock(l)
        mutex_lock(l)
      },
    ],
    'lock L 1, Deadlock',
  ],
  [
    'an unlock alone',
    [() => mutex_unlock(lock())],
    'warn mutex_unlock(L): it is not held, unlock L -1',
  ],
  [
    'a reference',
    [
      () => {
        const c = count(1)
        refcount_inc(c)
        refcount_dec(c)
      },
    ],
    'get R 2, put R 1',
  ],
  [
    'a put of none',
    [() => refcount_dec(count(0))],
    'warn refcount_dec(R): it is 0 already, put R -1',
  ],
  ['memory', [() => kfree(kzalloc('P', { n: 1 }))], 'alloc P 1, free P 0'],
  ['nothing freed', [() => kfree(null)], ''],
  [
    'memory twice freed',
    [
      () => {
        const p = kzalloc('P', {})
        kfree(p)
        kfree(p)
      },
    ],
    'alloc P 1, free P 0, warn kfree(P): it was freed before, free P -1',
  ],
])('tells of %s', (_what, [act], steps) => expect(told(act!)).toBe(steps))

it.each([
  ['kzalloc', 'second'],
  ['kzalloc(P)', 'second'],
  ['kzalloc(Q)', 'first'],
] as const)('%s fails the driver’s %s allocation not', (site, got) => {
  let given = ''
  const act = () => {
    if (kzalloc('P', {})) given = 'first'
    else if (kzalloc('Q', {})) given = 'second'
  }
  told(act, site)
  expect(given).toBe(got)
})

it('is current to a hook alone, and told of nothing outside', () => {
  let seen: unknown
  told(() => {
    seen = current.mm
  })
  expect([seen instanceof Mm, current.mm]).toEqual([true, null])
  mutex_lock(lock())
})
