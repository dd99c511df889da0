// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile, type vm_operations_struct } from '../../src/mm/index.ts'
import { run, unmapAll } from './program.ts'

it.each([
  ['rw 0 8; = r 2 4', '0-2rw 2-6r 6-8rw'],
  ['rw 0 8; = r 2 4; = rw 2 4', '0-8rw'],
  ['rw 0 8; = r 0 4; = - 2 4', '0-2r 2-6- 6-8rw'],
  ['rw 0 4; r 4 4; = r 2 2', '0-2rw 2-8r'],
  ['rw 0 4; r 4 4; = rw 4 2', '0-6rw 6-8r'],
  ['rw 0 4; r 4 4; rw 8 4; = rw 4 4', '0-12rw'],
  // VMAs before a hole keep the change
  ['rw 0 4; rw 6 2; = r 0 8 = ENOMEM', '0-4r 6-8rw'],
  ['= r 0 8 = ENOMEM', ''],
  ['rw 2 2; = r 0 4 = ENOMEM', '2-4rw'],
  ['rw 0 2; = r 0 0', '0-2rw'],
])('%s  gives  %s', (program, list) => {
  const done = run(program)
  expect(done.list).toBe(list)
  unmapAll(done.mm)
})

it('asks vm_ops->mprotect and may_split, whose errors stop it', () => {
  const asked: string[] = []
  const vm_ops: vm_operations_struct = {
    mprotect: (_vma, start, end) => {
      asked.push(`mprotect ${(end - start) / 4096}`)
      return 0
    },
    may_split: () => {
      asked.push('may_split')
      return -22
    },
  }
  const whole = openFile('whole', {
    mmap_prepare: (desc) => {
      desc.vm_ops = vm_ops
      return 0
    },
  })
  const { list, mm } = run('rws 0 4 f; = rs 0 2 = EINVAL; = rs 0 4', { f: whole })
  expect(list).toBe('0-4rs whole@0')
  expect(asked).toEqual(['mprotect 2', 'may_split', 'mprotect 4'])
  unmapAll(mm, { whole })
})
