// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { Mm, openFile, vma_perms } from '../../src/mm/index.ts'
import {
  compare,
  display,
  FIGURE_MIME,
  type FigureVma,
  figureText,
  history,
  type Recording,
  record,
  snapshot,
} from '../../src/trace/index.ts'
import { failing, merging, someCalls } from '../figures/calls.ts'
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

/** A recording of single calls, and what the address space looked like after each. */
function recorded(seed: number): { run: Recording; after: (readonly FigureVma[])[] } {
  const mm = new Mm(linux())
  const after: (readonly FigureVma[])[] = []
  const run = record(mm, () => {
    for (const call of someCalls(12, seed)) {
      try {
        call(mm)
      } catch {}
      after.push(snapshot(mm))
    }
  })
  return { run, after }
}

const seeds = fc.integer({ min: 1, max: 2 ** 30 })

it('knows the layout after every step, though it notes only what changed', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { run, after } = recorded(seed)
      const told = run.calls.map(({ steps: [, end] }) =>
        run.layoutAt(end - 1).filter(({ state }) => state === undefined),
      )
      expect(told).toEqual(after)
      expect(run.after).toEqual(after.at(-1))
    }),
    { numRuns: 60 },
  )
})

it('shows a proposal with the permissions that its VMA has then', () => {
  const file = openFile('f', { mmap_prepare: () => 0 }, { mode: 'r' })
  const mm = new Mm(linux())
  const map = (page: number) =>
    mm.mmap({ addr: BASE + page * 4096, len: 4096, prot: 1, flags: 0x11, file })
  map(0)
  const [merge] = record(mm, () => map(1)).merges
  expect([merge?.data.right.perms, mm.vmas().map(vma_perms)]).toEqual(['r--s', ['r--s', 'r--s']])
})

it('says that a new mapping merges when it does, and only then', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const mm = new Mm(linux())
      const [last, ...first] = someCalls(9, seed)
      history(mm, first)
      const run = record(mm, () => {
        try {
          last?.(mm)
        } catch {}
      })
      fc.pre(run.steps.some(({ fn }) => fn === 'vma_merge_new_range'))
      const merged = run.steps.some(({ fn }) => fn === 'commit_merge')
      expect(run.merges.some(({ data }) => data.merged)).toBe(merged)
    }),
    { numRuns: 100 },
  )
})

it.each([
  ['rw 0 4', (mm: Mm) => mm.munmap(BASE, 4096), -2, 'step -2: the steps are 0 to'],
  ['rw 0 4', (mm: Mm) => mm.munmap(BASE, 4096), 99, 'step 99: the steps are 0 to'],
])('%# has no layout at a step that is none', (program, call, step, message) => {
  const { mm } = run(program)
  expect(() => record(mm, () => call(mm)).layoutAt(step)).toThrow(message)
})

it('keeps each call with its end', () => {
  const { mm } = run('rw 0 4')
  const { calls } = record(mm, () => mm.maybeMmap({ ...shared, file: busy }))
  expect(calls).toMatchObject([
    { text: 'mmap(0x100000, 4096, MAP_SHARED, busy)', ret: -16, at: 'mmap_prepare', start: BASE },
  ])
})

it.each([
  [
    'merge',
    () => merging(),
    'mmap(0x13000, 12288, MAP_PRIVATE, anonymous) = 0x13000: A extends, B deleted',
  ],
  ['hole', () => failing(), 'A is gone, B is gone, C is gone, split off C, a hole is left'],
])('tells what changed in the kernel’s verbs: %s', (_, make, text) => {
  expect(figureText(compare(make()))).toContain(text)
})
