// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile } from '../../src/mm/index.ts'
import { run, unmapAll } from './program.ts'

it.each([
  ['rw 0 8; - 0 8', ''],
  ['rw 0 8; - 2 2', '0-2rw 4-8rw'],
  ['rw 0 8; - 0 2', '2-8rw'],
  ['rw 0 8; - 6 9', '0-6rw'],
  ['rw 0 2; r 2 2; rw 6 2; - 1 6', '0-1rw 7-8rw'],
  ['- 0 4', ''],
  ['rw 0 4; - 0 0 = EINVAL', '0-4rw'],
  ['rws 0 8 f@3; - 2 2', '0-2rws f@3 4-8rws f@7'],
])('%s  gives  %s', (program, list) => {
  const f = openFile('f', { mmap_prepare: () => 0 })
  const done = run(program, { f })
  expect(done.list).toBe(list)
  unmapAll(done.mm, { f })
})

it('opens the piece of a split before it closes what is unmapped', () => {
  const events: string[] = []
  const told = (name: string) => (vma: { vm_start: number; vm_end: number }) => {
    events.push(`${name} ${(vma.vm_start - 0x100000) / 4096}-${(vma.vm_end - 0x100000) / 4096}`)
  }
  const vm_ops = { open: told('open'), close: told('close') }
  const f = openFile('f', {
    mmap_prepare: (desc) => {
      desc.vm_ops = vm_ops
      return 0
    },
  })
  const { mm } = run('rws 0 8 f; - 2 2', { f })
  expect(events).toEqual(['open 0-2', 'open 4-8', 'close 2-4'])
  unmapAll(mm, { f })
})

it('refuses a hole that would exceed max_map_count, and maps one VMA more than that', () => {
  const { mm } = run('')
  mm.limits.max_map_count = 2
  const map = (page: number, prot: number) =>
    mm.maybeMmap({ addr: 0x100000 + page * 4096, len: 4096 * 3, prot, flags: 0x32 }).ok
  expect([map(0, 1), map(4, 3), map(8, 1), map(12, 3)]).toEqual([true, true, true, false])
  const refused = mm.maybeMunmap(0x101000, 4096)
  expect(refused.ok ? '' : refused.error.message).toBe(
    'munmap(0x101000, 4096) = -ENOMEM, from vms_gather_munmap_vmas(): a hole in a VMA makes one VMA more, and 3 of max_map_count 2 exist',
  )
})
