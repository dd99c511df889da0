// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  type file,
  KernelError,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  mm_struct,
  openFile,
  validate_mm,
  vm_area_struct,
} from '../../src/mm/index.ts'
import { file as file_struct } from '../../src/mm/mm_types.ts'
import { COUNTERS, gather_counters, gather_settings } from '../../src/mm/scalars.ts'
import { BASE, run } from './program.ts'

/** Fields that are the same in every state, or that tell nothing about it. */
const APART = new Set(['vm_mm', 'tree_node', 'serial', 'vm_lock_seq', 'pieces', 'kept'])

/** Everything that a later call may depend on, as text. */
function state(mm: Mm, files: readonly file[]): string {
  const numbers = new Float64Array(COUNTERS)
  gather_counters(mm, numbers, 0)
  const { limits, ...settings } = gather_settings(mm)
  const lines = mm.vmas().map((vma) => {
    const fields = Object.entries(vma).filter(([name]) => !APART.has(name))
    const shown = fields.map(([name, value]) => `${name} ${nameOf(value)}`)
    return [...shown, `pieces ${vma.pieces?.made ?? 0}`].join(', ')
  })
  for (const { name, f_count, f_mapping } of files) {
    const mapped = [...f_mapping.i_mmap].map(({ vm_start }) => vm_start).sort((a, b) => a - b)
    lines.push(`${name}: ${f_count}, ${f_mapping.i_mmap_writable}, ${mapped}`)
  }
  for (const run of mm.pages.within(0, mm.range.task_size)) lines.push(Object.values(run).join(' '))
  return [numbers.join(' '), ...Object.entries(settings), ...Object.entries(limits), ...lines].join(
    '\n',
  )
}

const names = new Map<unknown, string>()
function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if ('id' in value) return `anon_vma ${value.id}`
  if (value instanceof file_struct) return `file ${value.f_inode.i_ino} ${value.name}`
  if (!names.has(value)) names.set(value, `object ${names.size}`)
  return names.get(value)!
}

const opened = (): file[] => {
  const marks = (text: string) => (vma: vm_area_struct) => {
    vma.vm_private_data = text
  }
  return [
    openFile('plain', { mmap_prepare: () => 0 }),
    openFile('hooks', {
      mmap_prepare: (desc) => {
        desc.vm_ops = {
          close: marks('closed'),
          open: marks('opened'),
          fault: () => 0,
        }
        return 0
      },
    }),
    openFile('legacy', {
      mmap: (_, vma) => {
        vma.vm_private_data = 1
        vma.vm_ops = {
          fault: ({ vma: at }) => {
            at.vm_private_data = Number(at.vm_private_data) + 1
            return 0
          },
          mprotect: (at) => {
            at.vm_private_data = -1
            return 0
          },
        }
        return 0
      },
    }),
    openFile('broken', { mmap_prepare: () => -5 }),
  ]
}

const kinds = [
  'mmap',
  'mmap',
  'munmap',
  'mprotect',
  'touch',
  'touch',
  'mremap',
  'move',
  'keep',
] as const
const call = fc.record({
  what: fc.constantFrom(...kinds, 'mlock', 'munlock', 'madvise', 'brk', 'seal', 'fork', 'limit'),
  page: fc.nat(24),
  pages: fc.integer({ min: 1, max: 10 }),
  to: fc.nat(30),
  prot: fc.constantFrom(0, 1, 3, 3, 5),
  shared: fc.boolean(),
  file: fc.option(fc.nat(3)),
  fails: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 4 }),
})
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never

function perform(
  mm: Mm,
  files: readonly file[],
  { what, page, pages, to, prot, ...rest }: Call,
): void {
  let left = rest.fails ?? 0
  mm.should_fail = () => --left === 0
  const [addr, len] = [BASE + page * 4096, pages * 4096]
  const backing = rest.file === null ? undefined : files[rest.file]
  const flags = (rest.shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | (backing ? 0 : MAP_ANONYMOUS)
  try {
    if (what === 'mmap') mm.mmap({ addr, len, prot, flags, ...(backing && { file: backing }) })
    else if (what === 'munmap') mm.munmap(addr, len)
    else if (what === 'mprotect') mm.mprotect(addr, len, prot)
    else if (what === 'touch') mm.touch(addr, rest.shared)
    else if (what === 'mremap') mm.mremap(addr, len, to * 4096, 1)
    else if (what === 'move') mm.mremap(addr, len, len, 3, BASE + to * 4096)
    else if (what === 'keep') mm.mremap(addr, len, len, 7, BASE + to * 4096)
    else if (what === 'mlock') mm.mlock(addr, len)
    else if (what === 'munlock') mm.munlock(addr, len)
    else if (what === 'madvise') mm.madvise(addr, len, to === 30 ? 102 : to)
    else if (what === 'brk') mm.setBrk(to * 4096)
    else if (what === 'seal' && to === 0) mm.mseal(addr, len)
    else if (what === 'fork') mm.fork().exit()
    else if (what === 'limit') mm.limits.max_map_count = 10 + to
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
  }
  mm.should_fail = null
}

it('shows every past state as it was, forth and back, and goes on from it as if nothing had followed', () => {
  fc.assert(
    fc.property(
      fc.array(call, { minLength: 1, maxLength: 50 }),
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }),
      fc.array(call, { maxLength: 12 }),
      fc.constantFrom('7.3', '6.18', '6.12'),
      (calls, visits, more, release) => {
        const mm = new Mm(linux(release), { history: true })
        const files = opened()
        const states: string[] = [state(mm, files)]
        const upTo: number[] = [0]
        const done = (one: Call, index: number) => {
          perform(mm, files, one)
          const { length } = mm.history!
          states[length] = state(mm, files)
          upTo[length] = index + 1
        }
        calls.forEach(done)
        const last = mm.history!.length
        for (const visit of visits) {
          const n = visit % (last + 1)
          expect(state(mm.at(n), files)).toBe(states[n])
          if (release === '7.3')
            expect(validate_mm(mm).filter((law) => !/^(committed|locked_vm)/.test(law))).toEqual([])
        }
        expect(state(mm.at(), files)).toBe(states[last])
        const n = visits[0]! % (last + 1)
        mm.at(n)
        const fresh = new Mm(linux(release))
        const others = opened()
        for (const one of calls.slice(0, upTo[n])) perform(fresh, others, one)
        for (const one of more) {
          perform(mm, files, one)
          perform(fresh, others, one)
        }
        const plain = (text: string) => text.replaceAll(/object \d+/g, 'object')
        expect(plain(state(mm, files))).toBe(plain(state(fresh, others)))
      },
    ),
    { numRuns: Number(process.env.VMALAB_FUZZ_RUNS ?? 400) },
  )
})

it('knows every field of a VMA and of an address space', () => {
  const mm = new Mm(linux())
  expect(Object.keys(new vm_area_struct(mm, 1, 0, 0, 4096)).sort()).toEqual([
    'anon_name',
    'anon_pgoff',
    'anon_vma',
    'anon_vma_chain',
    'detached',
    'id',
    'kept',
    'piece',
    'pieces',
    'serial',
    'tree_node',
    'vm_end',
    'vm_file',
    'vm_flags',
    'vm_flags_high',
    'vm_lock_seq',
    'vm_mm',
    'vm_ops',
    'vm_page_prot',
    'vm_pgoff',
    'vm_private_data',
    'vm_start',
    'vm_userfaultfd_ctx',
  ])
  const kept = Object.entries(new mm_struct(mm.release, mm.range))
    .concat(Object.entries(mm.limits))
    .filter(([, value]) => typeof value === 'number' || typeof value === 'boolean')
  const { limits, ...settings } = gather_settings(mm)
  const known = [...Object.keys(settings), ...Object.keys(limits)]
  expect(kept.length).toBe(COUNTERS + known.length)
})

it.each<[string, (mm: Mm) => void, string]>([
  [
    'beyond the newest',
    (mm) => mm.at(3),
    'at(3): give a whole number from 0, before the first call, to 2, after the last',
  ],
  ['below 0', (mm) => mm.at(-1), 'at(-1): give a whole number from 0'],
  ['a fraction', (mm) => mm.at(0.5), 'at(0.5): give a whole number'],
  [
    'without a history',
    () => new Mm(linux()).at(1),
    'at(1): this address space keeps no history; make it by new Mm(linux(), { history: true })',
  ],
])('refuses a state that there is none of: %s', (_, act, message) => {
  const mm = new Mm(linux(), { history: true })
  mm.setBrk(0)
  mm.setBrk(0)
  expect(() => act(mm)).toThrow(message)
})

it("counts a refused call, and a hook's calls with the call that runs the hook", () => {
  const mm = new Mm(linux(), { history: true })
  const nosy = openFile('nosy', {
    mmap_prepare: () => {
      expect(() => mm.at(0)).toThrow('at(0) during a call')
      return 0
    },
  })
  mm.maybeMunmap(1, 1)
  mm.mmap({ addr: BASE, len: 4096, prot: 1, flags: MAP_PRIVATE, file: nosy })
  expect(() => mm.mmap({ len: Number.NaN, prot: 1, flags: MAP_PRIVATE, file: nosy })).toThrow(
    RangeError,
  )
  expect(mm.history).toMatchObject({ length: 2, position: 2 })
})

it('gives back the same object for a VMA that is there in both states, and the letter of one that was gone', () => {
  const mm = new Mm(linux(), { history: true })
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
  mm.mmap({ addr: BASE, len: 0x3000, prot: 3, flags })
  const vma = mm.vmaAt(BASE)!
  mm.mprotect(BASE + 0x1000, 0x1000, 1)
  expect([mm.at(1).vmaAt(BASE), vma.vm_end]).toEqual([vma, BASE + 0x3000])
  mm.at().munmap(BASE, 0x3000)
  const ids = mm
    .at(2)
    .vmas()
    .map(({ id, piece }) => `${id}.${piece}`)
  expect(ids.sort()).toEqual(['1.0', '1.1', '1.2'])
})

it('takes a write between calls for part of the state before, and a write to a past state for its future', () => {
  const mm = new Mm(linux(), { history: true })
  mm.adopt({ start: BASE, end: BASE + 0x1000, perms: 'rw-p' })
  mm.setBrk(0)
  mm.limits.as = 7
  mm.setBrk(0)
  expect([mm.at(0).limits.as, mm.at(1).limits.as, mm.map_count]).toEqual([
    Number.POSITIVE_INFINITY,
    7,
    1,
  ])
  mm.limits.as = 9
  mm.at()
  expect([mm.history!.length, mm.limits.as]).toEqual([1, 9])
  mm.at(0).adopt({ start: BASE + 0x8000, end: BASE + 0x9000, perms: 'r--p' })
  expect([mm.history!.length, mm.map_count, mm.at(0).map_count]).toEqual([0, 2, 2])
})

it('goes far back among many mappings', () => {
  const mm = new Mm(linux(), { history: true })
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
  for (let i = 0; i < 6000; i++) mm.mmap({ addr: BASE + i * 0x2000, len: 0x1000, prot: 1, flags })
  for (let i = 0; i < 6000; i += 3) mm.munmap(BASE + i * 0x2000, 0x1000)
  for (const [n, count] of [
    [6000, 6000],
    [1, 1],
    [7000, 5000],
    [5999, 5999],
    [0, 0],
    [8000, 4000],
    [3000, 3000],
  ] as const)
    expect([mm.at(n).map_count, mm.vmas().length, validate_mm(mm)]).toEqual([count, count, []])
})

it('is switched off unless asked for', () => {
  expect(run('rw 0 4').mm.history).toBe(null)
})
