// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile } from '../../src/mm/index.ts'
import { run, unmapAll } from './program.ts'

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

it('takes the pages along', () => {
  const { mm } = run('rw 0 4; ! 2; > 0 4 4 20')
  const pages = [...mm.pages.within(0, mm.range.task_size)].map(
    ({ start }) => (start - 0x100000) / 4096,
  )
  expect(pages).toEqual([22])
  unmapAll(mm)
})
