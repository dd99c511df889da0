// SPDX-License-Identifier: GPL-2.0-only
// vm.overcommit_memory. A case is a machine, `MODE ram R commit C`, and calls: `private 4` and `shared 4` map so many
// writable pages, `+noreserve` with MAP_NORESERVE, `read 4` read-only ones, `= rw` makes the last one writable.
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  KernelError,
  MAP_ANONYMOUS,
  MAP_NORESERVE,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  OVERCOMMIT_ALWAYS,
  OVERCOMMIT_GUESS,
  OVERCOMMIT_NEVER,
  PAGE_SIZE,
} from '../../src/mm/index.ts'

const modes = { guess: OVERCOMMIT_GUESS, always: OVERCOMMIT_ALWAYS, never: OVERCOMMIT_NEVER }

function machine(text: string): Mm {
  const [mode, , ram, , commit] = text.split(' ')
  const mm = new Mm(linux())
  mm.limits.overcommit_memory = modes[mode as keyof typeof modes]
  mm.limits.ram = Number(ram)
  mm.limits.commit = Number(commit)
  return mm
}

/** What each call came to: `ok` or the function that refused. */
function outcome(mm: Mm, calls: string): string {
  let last = { at: 0, len: 0 }
  const one = (text: string): string => {
    const [what = '', second] = text.split(' ')
    try {
      if (what === '=') mm.mprotect(last.at, last.len, 3)
      else {
        const kind = what.startsWith('shared') ? MAP_SHARED : MAP_PRIVATE
        const flags = kind | MAP_ANONYMOUS | (what.includes('+') ? MAP_NORESERVE : 0)
        const len = Number(second) * PAGE_SIZE
        last = { at: mm.mmap({ len, prot: what === 'read' ? 1 : 3, flags }), len }
      }
      return 'ok'
    } catch (error) {
      return error instanceof KernelError
        ? error.message.replace(/.*-(E[A-Z]+).*/s, '$1')
        : 'thrown'
    }
  }
  return `${calls.split('; ').map(one).join(', ')}: ${mm.committed} committed`
}

it.each<[string, string, string]>([
  ['guess ram 10 commit 1', 'private 10', 'ok: 10 committed'],
  ['guess ram 10 commit 1', 'private 11', 'ENOMEM: 0 committed'],
  ['guess ram 10 commit 1', 'private 10; private 10; private 10', 'ok, ok, ok: 30 committed'],
  ['guess ram 10 commit 1', 'private+noreserve 11', 'ok: 0 committed'],
  ['guess ram 10 commit 1', 'shared 11', 'ENOMEM: 0 committed'],
  ['guess ram 10 commit 1', 'shared+noreserve 11', 'ok: 0 committed'],
  ['guess ram 10 commit 1', 'read 11; = rw', 'ok, ENOMEM: 0 committed'],
  ['always ram 10 commit 1', 'private 1000', 'ok: 1000 committed'],
  ['always ram 10 commit 1', 'shared 1000', 'ok: 0 committed'],
  ['never ram 10 commit 100', 'private 98; private 1', 'ok, ENOMEM: 98 committed'],
  ['never ram 10 commit 100', 'private 31; private 68', 'ok, ok: 99 committed'],
  ['never ram 10 commit 100', 'private 32; private 68', 'ok, ENOMEM: 32 committed'],
  ['never ram 10 commit 100', 'private+noreserve 50', 'ok: 50 committed'],
  ['never ram 10 commit 100', 'private+noreserve 100', 'ENOMEM: 0 committed'],
  ['never ram 10 commit 100', 'shared 100', 'ENOMEM: 0 committed'],
  ['never ram 10 commit 100', 'shared+noreserve 100', 'ENOMEM: 0 committed'],
  ['never ram 10 commit 100', 'read 1000', 'ok: 0 committed'],
])('%s: %s', (text, calls, expected) => {
  expect(outcome(machine(text), calls)).toBe(expected)
})

it('leaves to others a part of what is mapped, up to vm.user_reserve_kbytes', () => {
  const kept = (user_reserve: number) => {
    const mm = machine('never ram 10 commit 1000')
    mm.limits.user_reserve = user_reserve
    return outcome(mm, 'read 3200; private 899; private 1; private 60')
  }
  expect(kept(0x8000)).toBe('ok, ok, ENOMEM, ENOMEM: 899 committed')
  expect(kept(30)).toBe('ok, ok, ok, ok: 960 committed')
})
