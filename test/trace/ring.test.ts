// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, Mm, openFile } from '../../src/mm/index.ts'
import { StepRing } from '../../src/trace/index.ts'

const told = (size: number, act: (mm: Mm) => void): StepRing => {
  const mm = new Mm(linux())
  const ring = new StepRing(size)
  mm.mmap({ addr: 0x10000, len: 0x2000, prot: 3, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED })
  mm.listener = ring.listener
  act(mm)
  return ring
}

it('keeps steps as they were when they happened', () => {
  const lines = String(told(100, (mm) => mm.munmap(0x11000, 0x1000))).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining(['mmap_write_lock', '__split_vma  [0x10000, 0x11000)  0x11000']),
  )
  expect(lines.some((line) => /^remove_vma {2}\[0x11000, 0x12000\)/.test(line))).toBe(true)
})

it('keeps descriptions by their range, files and refusals by their name', () => {
  const file = openFile('demo', { mmap_prepare: () => 0 })
  const ring = told(100, (mm) => {
    mm.mmap({ addr: 0x20000, len: 0x1000, prot: 1, flags: MAP_PRIVATE | MAP_FIXED, file })
    mm.maybeMunmap(1, 1)
  })
  expect(ring.steps()).toEqual(
    expect.arrayContaining([
      { fn: 'call_mmap_prepare', range: [0x20000, 0x21000], numbers: [0, 0, 0] },
      { fn: 'get_file', text: 'demo', numbers: [0, 0, 0] },
      { fn: 'refuse', text: 'do_vmi_munmap', numbers: [22, 0, 0] },
    ]),
  )
})

it('forgets the oldest when it is full', () => {
  const all = told(100, (mm) => mm.munmap(0x11000, 0x1000))
  const few = told(3, (mm) => mm.munmap(0x11000, 0x1000))
  expect([few.count, few.steps()]).toEqual([all.count, all.steps().slice(-3)])
})

it.each([0, -1, 1.5, Number.NaN])('refuses the size %s', (size) => {
  expect(() => new StepRing(size)).toThrow(`size ${size}: a ring keeps`)
})
