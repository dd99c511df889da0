// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import {
  figureText,
  file,
  linux,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  PAGE_SIZE,
  PROT_READ,
  PROT_WRITE,
  record,
  timeline,
} from '../../src/index.ts'

const device = file('/dev/x', {
  mmap_prepare(desc) {
    desc.vm_ops = { fault: () => 0 }
    return 0
  },
})
const [memory, mapping, nothing] = [0x10000000, 0x20000000, 0x30000000]
const shared = { addr: mapping, len: PAGE_SIZE, flags: MAP_SHARED | MAP_FIXED, file: device }

/** An address space of three anonymous pages and one of the device. */
function filled(): Mm {
  const mm = new Mm(linux('7.3'))
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
  mm.mmap({ addr: memory, len: 3 * PAGE_SIZE, prot: PROT_READ | PROT_WRITE, flags })
  mm.mmap({ ...shared, prot: PROT_READ | PROT_WRITE })
  return mm
}

it.each<[what: string, call: (mm: Mm) => void, rows: string]>([
  ['a read', (mm) => mm.touch(memory), 'lock_vma_under_rcu [VMA r], vma_end_read [VMA r]'],
  [
    'a first write',
    (mm) => mm.touch(memory, true),
    'lock_vma_under_rcu [VMA r], __anon_vma_prepare [VMA r, mmap r], vma_end_read [VMA r]',
  ],
  [
    'a page that a driver gives',
    (mm) => mm.touch(mapping),
    'lock_vma_under_rcu [VMA r], vma_end_read [VMA r]',
  ],
  ['a read of a hole', (mm) => mm.touch(nothing), 'do_user_addr_fault []'],
  [
    'munmap()',
    (mm) => mm.munmap(memory, 3 * PAGE_SIZE),
    'vm_mmap_pgoff, do_mmap [mmap w], vms_gather_munmap_vmas [mmap w, VMA w, mmap r], ' +
      'vms_clear_ptes [mmap r], remove_vma [mmap r]',
  ],
])('%s', (_, call, rows) => {
  const mm = filled()
  const { data } = timeline(record(mm, () => call(mm)))
  const told = data.steps.map(({ fn }, row) => {
    const held = data.lanes.filter(({ held }) =>
      held.some(([from, to]) => from <= row && row <= to),
    )
    const locks = held.map(
      ({ name, forReading }) => `${name.split(' ')[0]} ${forReading ? 'r' : 'w'}`,
    )
    return `${fn} [${locks.join(', ')}]`
  })
  expect(told.join(', ')).toBe(rows)
})

it('says what is held in words', () => {
  const mm = filled()
  expect(figureText(timeline(record(mm, () => mm.touch(memory))))).toContain('held: VMA lock, read')
})
