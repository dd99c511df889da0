// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { EBUSY, openFile } from '../../src/mm/index.ts'
import { BASE, run, unmapAll } from './program.ts'

it.each([
  // In place
  ['rw 0 4; > 0 4 8', '0-8rw'],
  ['rw 0 8; > 0 8 4', '0-4rw'],
  ['rw 0 4; rw 8 4; > 0 4 8', '0-12rw'],
  ['rw 0 4; r 8 4; > 0 4 8', '0-8rw 8-12r'],
  ['> 0 4 8 = EFAULT', ''],
  ['rw 0 4; > 0 8 12 = EFAULT', '0-4rw'],
  // Moved: memory that was never written merges anywhere, written memory keeps its offset
  ['rw 0 4; > 0 4 4 20', '20-24rw'],
  ['rw 0 4; > 1 2 2 20', '0-1rw 3-4rw 20-22rw'],
  ['rw 0 4; rw 24 4; > 0 4 4 20', '20-28rw'],
  ['rw 0 4; ! 1; rw 24 4; > 0 4 4 20', '20-24rw 24-28rw'],
  ['rw 0 4; rw 18 8; > 0 4 4 20', '18-26rw'],
  ['rws 0 4 f; > 1 2 2 20', '0-1rws f@0 3-4rws f@3 20-22rws f@1'],
  // Several VMAs keep the hole between them
  ['rw 0 2; r 4 2; > 0 6 6 20', '20-22rw 24-26r'],
  ['rw 0 2; r 4 2; seal 4 2; > 0 6 6 20 = EPERM', '4-6r 20-22rw'],
  ['rw 0 4; > 0 4 4 2 = EINVAL', '0-4rw'],
  // The old VMA stays
  ['rw 0 4; >> 0 4 20', '0-4rw 20-24rw'],
  ['rw 0 4; lock 0 4; >> 1 2 20', '0-1rw 1-3rw 3-4rw 20-22rw'],
])('%s  gives  %s', (program, list) => {
  const f = openFile('f', { mmap_prepare: () => 0 })
  const done = run(program, { f })
  expect(done.list).toBe(list)
  for (const vma of done.mm.vmas()) vma.vm_flags_high = 0
  unmapAll(done.mm, { f })
})

it('tells of the driver that is asked before a part moves', () => {
  const f = openFile('f', {
    mmap_prepare: (desc) => {
      desc.vm_ops = { may_split: (_vma, addr) => (addr === BASE + 3 * 4096 ? -EBUSY : 0) }
      return 0
    },
  })
  const { mm } = run('rws 0 4 f', { f })
  const told: string[] = []
  mm.listener = (name, _subject, a, b) => {
    if (/may_split|syscall/.test(name)) told.push(`${name} ${a} ${b}`)
  }
  expect(mm.maybeMremap(BASE + 4096, 8192, 8192, 3, BASE + 20 * 4096).ok).toBe(false)
  const [low, high] = [BASE + 4096, BASE + 3 * 4096]
  expect(told.slice(0, 4)).toEqual([
    `call_may_split ${low} 0`,
    `return_may_split 0 ${low}`,
    `call_may_split ${high} 0`,
    `return_may_split ${-EBUSY} ${high}`,
  ])
})

it('takes the pages along', () => {
  const { mm } = run('rw 0 4; ! 2; > 0 4 4 20')
  const pages = [...mm.pages.within(0, mm.range.task_size)].map(
    ({ start }) => (start - 0x100000) / 4096,
  )
  expect(pages).toEqual([22])
  unmapAll(mm)
})

it.each([
  // One VMA only; what the errors leave differs
  ['rw 0 2; r 4 2; > 0 6 6 20 = EFAULT', '0-2rw 4-6r'],
  ['rw 0 2; r 2 2; > 0 4 4 20 = EFAULT', '0-2rw 2-4r'],
  ['rw 0 2; r 2 2; > 0 4 3 20 = EFAULT', '0-2rw 2-3r'],
  ['rw 0 2; r 20 2; > 0 3 3 20 = EFAULT', '0-2rw'],
  ['> 0 2 2 1 = EFAULT', ''],
  ['rw 0 4; > 0 2 2 1 = EINVAL', '0-4rw'],
  // The same
  ['rw 0 4; > 1 2 2 20', '0-1rw 3-4rw 20-22rw'],
  ['rw 0 4; > 0 4 8', '0-8rw'],
  ['rw 0 4; lock 0 4; >> 1 2 20', '0-1rw 1-3rw 3-4rw 20-22rw'],
])('6.12: %s  gives  %s', (program, list) => {
  const done = run(program, {}, linux('6.12'))
  expect(done.list).toBe(list)
  unmapAll(done.mm)
})

it.each([
  // Split off before the copy: what is left of the source is a neighbour like any other
  ['7.3', 'r 0 4; lock 0 4; >> 2 2 4', '0-2r 2-4r 4-6r'],
  ['7.3', 'r 0 4; lock 0 4; >> 0 2 4', '0-2r 2-6r'],
  // An emptied source belongs to its place again
  ['7.3', 'rw 0 4; ! 0; > 0 4 4 8; >> 8 4 20; rw 12 2', '8-14rw 20-24rw'],
  ['6.18', 'rw 0 4; ! 0; > 0 4 4 8; >> 8 4 20; rw 12 2', '8-12rw 12-14rw 20-24rw'],
])('%s: %s  gives  %s', (release, program, list) => {
  expect(run(program, {}, linux(release)).list).toBe(list)
})

it.each([
  // release, VMAs that max_map_count leaves, what a resize in place and a move say
  ['7.3', 3, 'ENOMEM', 'ENOMEM'],
  ['7.3', 4, 'ok', 'ok'],
  ['6.18', 0, 'ok', 'ENOMEM'],
  ['6.18', 5, 'ok', 'ENOMEM'],
  ['6.18', 6, 'ok', 'ok'],
  ['6.12', 5, 'ok', 'ENOMEM'],
  ['6.12', 6, 'ok', 'ok'],
])('%s with %i VMAs to spare: in place %s, moved %s', (release, spare, inPlace, moved) => {
  const { mm } = run('rw 0 4', {}, linux(release))
  mm.limits.max_map_count = mm.map_count + spare
  const grown = mm.maybeMremap(BASE, 0x4000, 0x5000)
  expect(grown.error?.code ?? 'ok').toBe(inPlace)
  expect(mm.maybeMremap(BASE, 0x4000, 0x4000, 3, BASE + 0x10000).error?.code ?? 'ok').toBe(moved)
})
