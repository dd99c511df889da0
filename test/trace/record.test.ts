// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { openFile } from '../../src/mm/index.ts'
import { display, FIGURE_MIME, record } from '../../src/trace/index.ts'
import { BASE, run } from '../mm/program.ts'

const busy = openFile('busy', { mmap_prepare: () => -16 })
const shared = { addr: BASE, len: 4096, prot: 3, flags: 0x11 }

it('names the steps of a call by the kernel functions, in their order', () => {
  const { mm } = run('rw 0 4')
  const { steps, error } = record(mm, () => mm.mmap({ ...shared, file: busy }))
  expect(steps.map(({ fn }) => fn)).toEqual([
    'mmap_write_lock',
    'vms_gather_munmap_vmas',
    'vma_start_write',
    'vma_start_write',
    '__split_vma',
    'unmap_region',
    'call_mmap_prepare',
    'return_mmap_prepare',
    'refuse',
    'vms_clear_range',
    'remove_vma',
    'vm_acct_memory',
    'vma_end_write_all',
    'mmap_write_unlock',
  ])
  expect(error?.code).toBe('EBUSY')
})

it('is plain JSON, costs nothing afterwards, and throws on what is no refusal', () => {
  const { mm } = run('rw 0 4')
  const recording = record(mm, () => mm.munmap(BASE, 4096))
  expect(JSON.parse(JSON.stringify(recording.steps))).toEqual(recording.steps)
  expect([mm.listener, recording.before.length, recording.after.length]).toEqual([null, 1, 1])
  expect(() => record(mm, () => mm.munmap(Number.NaN, 1))).toThrow(RangeError)
  expect(mm.listener).toBe(null)
})

it.each<[string, (made: ReturnType<typeof run>['mm']) => unknown, string]>([
  ['an address space', (mm) => mm, '1 VMA maps 16 KiB'],
  ['its VMAs', (mm) => mm.vmas(), 'vm_area_struct { 00100000-00104000 rw-p 00000000 }'],
  ['a recording', (mm) => record(mm, () => mm.munmap(BASE, 4096)), 'vms_gather_munmap_vmas'],
  [
    'a cycle',
    () => {
      const a: unknown[] = []
      a.push(a)
      return a
    },
    '[Circular *1]',
  ],
  [
    'what an object shows of itself',
    () => ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'mine' }) }),
    'mine',
  ],
])('displays %s', (_, make, text) => {
  const shown = display(make(run('rw 0 4').mm))
  expect(shown['text/plain']).toContain(text)
})

it('displays an address space as a figure too', () => {
  expect(display(run('rw 0 4').mm)[FIGURE_MIME]).toMatchObject({ kind: 'layout' })
})
