// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile, VMA_IO_BIT, vma_desc_set_flags } from '../../src/mm/index.ts'
import { isFigure, layout, record, snapshot } from '../../src/trace/index.ts'
import { run } from '../mm/program.ts'

/** The letters of the VMAs in order of address. */
const letters = (program: string): string =>
  snapshot(run(program).mm)
    .map(({ id }) => id)
    .join(' ')

it.each([
  ['rw 0 2; r 4 2', 'A B'],
  ['r 4 2; rw 0 2', 'B A'],
  ['rw 0 8; - 2 2', 'A′ A″'],
  ['rw 0 8; = r 2 2', 'A′ A A″'],
  ['rw 0 8; = r 2 2; rw 20 1', 'A′ A A″ B'],
  ['rw 0 8; = r 2 2; = rw 2 2; = r 2 2', 'A‴ A′ A′4'],
])('%s  is drawn as  %s', (program, wanted) => expect(letters(program)).toBe(wanted))

it('tells what is worth showing of a VMA, and nothing that changes later', () => {
  const demo = openFile('/dev/demo', {
    mmap_prepare: (desc) => {
      vma_desc_set_flags(desc, VMA_IO_BIT)
      return 0
    },
  })
  const { mm } = run('rws 0 2 d@3', { d: demo })
  const before = snapshot(mm)
  mm.munmap(0, mm.range.task_size)
  expect(before).toEqual([
    {
      id: 'A',
      start: 0x100000,
      end: 0x102000,
      perms: 'rw-s',
      pgoff: 3,
      name: '/dev/demo',
      flags: ['IO'],
    },
  ])
})

it('draws an address space, some of its VMAs, and what a recording holds', () => {
  const { mm } = run('rw 0 2; r 4 2')
  const recorded = record(mm, () => mm.munmap(0x100000, 4096))
  const figures = [layout(mm), layout(mm.vmas().slice(0, 1)), layout(recorded.before)]
  expect(figures.every(isFigure)).toBe(true)
  expect(figures.map(({ data }) => data.vmas.length)).toEqual([2, 1, 2])
  expect(() => layout(mm, { from: 8192, to: 4096 })).toThrow('from must lie below to')
})
