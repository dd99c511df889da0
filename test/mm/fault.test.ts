// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile, validate_mm } from '../../src/mm/index.ts'
import { run, unmapAll } from './program.ts'

/** The pages that are there, by kind and number: `anon 2 file 0`. */
function present(program: string): string {
  const f = openFile('f', {
    mmap_prepare: (desc) => {
      desc.vm_ops = { fault: ({ pgoff }) => (pgoff < 3 ? 0 : 2) }
      return 0
    },
  })
  const { mm } = run(program, { f })
  const runs = [...mm.pages.within(0, mm.range.task_size)].map(
    ({ kind, start, end }) => `${kind} ${(start - 0x100000) / 4096}+${(end - start) / 4096}`,
  )
  unmapAll(mm, { f })
  return runs.join(' ')
}

it.each([
  ['rw 0 4; ! 1', 'anon 1+1'],
  ['rw 0 4; ? 1; ! 1', 'anon 1+1'],
  ['rw 0 4; ? 1', 'zero 1+1'],
  ['r 0 4; ! 1 = EFAULT', ''],
  ['- 0 4; ? 1 = EFAULT', ''],
  ['rw 0 4; lock 0 4', 'anon 0+4'],
  ['rw 0 4; ! 0; ! 1; ! 3; - 1 1', 'anon 0+1 anon 3+1'],
  ['rw 0 4 f; ! 1; ? 2', 'anon 1+1 file 2+1'],
  ['rws 0 4 f; ! 1; ! 3 = EFAULT', 'file 1+1'],
  ['rw 0 4; ! 1; ! 2; adv 4 1 1', 'anon 2+1'],
  ['rw 0 4; adv 102 1 1; ! 1 = EFAULT; adv 103 1 1; ! 1', 'anon 1+1'],
])('%s  leaves  %s', (program, pages) => expect(present(program)).toBe(pages))

it('merges across a written VMA only where the owner of its pages allows it', () => {
  expect(run('rw 0 4; ! 0; rw 8 4; rw 4 4').list).toBe('0-12rw')
  expect(run('rw 0 4; ! 0; rw 8 4; ! 8; rw 4 4').list).toBe('0-8rw 8-12rw')
})

it('gives a child the written pages, and neither locks nor what is not copied', () => {
  const { mm } = run('rw 0 4; ! 0; lock 0 1; rw 8 2; adv 10 8 2; rw 12 2; ! 12; adv 18 12 2')
  const child = mm.fork()
  const list = child.vmas().map((vma) => `${(vma.vm_start - 0x100000) / 4096}`)
  expect([list.join(' '), child.locked_vm]).toEqual(['0 1 12', 0])
  expect(child.pages.count(0, child.range.task_size, 'anon')).toBe(1)
  expect(validate_mm(child)).toEqual([])
  unmapAll(child)
  unmapAll(mm)
})
