// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import * as front from '../../src/index.ts'
import {
  type Driver,
  Equivalence,
  type file_operations,
  linux,
  type Matrix,
  mmap_action_remap,
  mmap_action_remap_full,
  mutex,
  mutex_lock,
  PAGE_SIZE,
  pgprot_noncached,
  refcount_dec,
  refcount_inc,
  refcount_t,
  remap_pfn_range,
  VM_MAYWRITE,
  VMA_DONTDUMP_BIT,
  VMA_MAYWRITE_BIT,
  type vm_area_desc,
  type vm_area_struct,
  vm_flags_clear,
  type vm_operations_struct,
  vma_desc_clear_flags,
  vma_desc_set_flags,
} from '../../src/index.ts'
import { equivalent, minimise, programText } from '../../src/trace/index.ts'

const legacy = (act: (vma: vm_area_struct) => number | undefined): file_operations => ({
  mmap: (_, vma) => act(vma) ?? 0,
})
const prepare = (act: (desc: vm_area_desc) => number | undefined): file_operations => ({
  mmap_prepare: (desc) => act(desc) ?? 0,
})
const size = (vma: vm_area_struct): number => vma.vm_end - vma.vm_start
const setting = (fields: Partial<vm_area_struct>): file_operations =>
  legacy((vma) => {
    Object.assign(vma, fields)
    return 0
  })
const nothing = (): undefined => undefined

const remap = (pfn: number) => legacy((vma) => remap_pfn_range(vma, vma.vm_start, pfn, size(vma)))
const remapAction = (pfn: number) =>
  prepare((desc) => {
    mmap_action_remap_full(desc, pfn)
    return 0
  })

/** Counts its mappings: where the first one is counted is the driver's choice. */
function counter(where: 'mmap' | 'mapped' | 'mmap_prepare'): () => file_operations {
  return () => {
    const users = new refcount_t('users', 1)
    const vm_ops: vm_operations_struct = {
      open: () => refcount_inc(users),
      close: () => refcount_dec(users),
      ...(where === 'mapped' && {
        mapped: () => {
          refcount_inc(users)
          return 0
        },
      }),
    }
    const set = (it: { vm_ops: vm_operations_struct | null }): undefined => {
      if (where !== 'mapped') refcount_inc(users)
      it.vm_ops = vm_ops
      return undefined
    }
    return where === 'mmap' ? legacy(set) : prepare(set)
  }
}

/** Takes its lock and forgets it. */
function locker(): file_operations {
  const lock = new mutex('dev->lock')
  return prepare(() => {
    mutex_lock(lock)
    return 0
  })
}

const clamp = legacy((vma) => {
  vm_flags_clear(vma, VM_MAYWRITE)
  return 0
})
const clampPrepared = prepare((desc) => {
  vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT)
  return 0
})

const small: Partial<Matrix> = { prots: [1, 3], sizes: [1, 3], pgoffs: [0, 1] }

it.each<[string, Driver, Driver]>([
  ['nothing', legacy(nothing), prepare(nothing)],
  ['a remap', remap(100), remapAction(100)],
  ['a counter', counter('mmap'), counter('mapped')],
  ['a refusal', legacy(() => -22), prepare(() => -22)],
  ['legacy and legacy', remap(5), remap(5)],
])('finds the same of %s', (_what, before, after) => {
  const found = equivalent(before, after, small)
  expect([found.equal, found.differences, found.expected]).toEqual([true, [], []])
})

it('finds the same of an action that fails and whose error a hook turns into another', () => {
  const turning = prepare((desc) => {
    mmap_action_remap(desc, desc.start, 5, PAGE_SIZE)
    desc.action.error_hook = () => -5
    return 0
  })
  const found = equivalent(turning, turning, { ...small, release: linux('6.19') })
  expect([found.differences, found.mapped > 0]).toEqual([[], true])
})

it.each<[string, Driver, Driver, string]>([
  [
    'another page frame',
    remap(100),
    remapAction(101),
    'page tables: page 0: pfn 100 | page 0: pfn 101',
  ],
  [
    'a flag',
    legacy(nothing),
    prepare((desc) => vma_desc_set_flags(desc, VMA_DONTDUMP_BIT) as undefined),
    'flags: page 0: without DONTDUMP | page 0: has DONTDUMP',
  ],
  ['an errno', legacy(() => -22), prepare(() => -5), 'errno: -EINVAL | -EIO'],
  [
    'the hooks',
    setting({ vm_ops: { fault: () => 0 } }),
    prepare(nothing),
    'vm_ops: page 0: fault | page 0: no hook',
  ],
  [
    'private data',
    setting({ vm_private_data: { n: 1 } }),
    prepare(nothing),
    'private data: page 0: { n: 1 } | page 0: NULL',
  ],
  [
    'a throw',
    legacy(nothing),
    prepare(() => {
      throw new Error('oh')
    }),
    'a hook threw: ok | Error: oh',
  ],
  [
    'no number',
    legacy(nothing),
    prepare(() => Number.NaN),
    'a hook threw: ok | TypeError: mmap_prepare of /dev/demo returned NaN: a hook returns 0, or a negative errno such as -EINVAL',
  ],
  [
    'an endless hook',
    legacy(nothing),
    prepare((desc) => {
      for (;;) desc.mm.listener?.('warn', 'again', 0, 0, 0)
    }),
    'a hook threw: ok | Error: the call takes more than 10000 steps: a hook loops',
  ],
  [
    'a warning',
    legacy(nothing),
    prepare((desc) => {
      desc.start = 0
      return 0
    }),
    'warning: none | the hook of /dev/demo assigned start of its description: ignored',
  ],
  [
    'the protection',
    legacy(nothing),
    prepare((desc) => {
      desc.page_prot = pgprot_noncached(desc.page_prot)
      return 0
    }),
    'page protection: page 0: r--s | page 0: r--s uncached',
  ],
  [
    'the caching of entries',
    legacy((vma) => {
      vma.vm_page_prot = pgprot_noncached(vma.vm_page_prot)
      return remap_pfn_range(vma, vma.vm_start, 100, size(vma), vma.vm_page_prot)
    }),
    prepare((desc) => {
      mmap_action_remap_full(desc, 100)
      desc.page_prot = pgprot_noncached(desc.page_prot)
      return 0
    }),
    'page tables: page 0: pfn 100 uncached | page 0: pfn 100',
  ],
  ['a lock', legacy(nothing), locker, 'lock held: none | lock dev->lock 1'],
])('finds a difference in %s', (_what, before, after, first) => {
  const found = equivalent(before, after, { ...small, neighbours: ['none'] })
  const { aspect, before: one, after: other } = found.differences[0]!
  expect(`${aspect}: ${one} | ${other}`).toBe(first)
  expect([found.equal, programText(found.differences[0]!).length]).toEqual([false, 2])
})

it('finds a counter in mmap_prepare that merges and failures leak', () => {
  const found = equivalent(counter('mmap'), counter('mmap_prepare'), small)
  const kinds = found.differences.map(
    ({ aspect, before, after }) => `${aspect}: ${before} | ${after}`,
  )
  expect(kinds).toEqual([
    'resources: none | reference users 1',
    'not given back: none | reference users 1',
    'resources: reference users 1 | reference users 2',
  ])
  for (const difference of found.differences)
    expect(programText(difference).length).toBeLessThanOrEqual(5)
})

it('tells apart what the protocol brings', () => {
  const found = equivalent(clamp, clampPrepared, small)
  expect(found.equal).toBe(true)
  expect(found.expected.map(({ name }) => name)).toEqual(['merges now'])
  expect(String(found)).toContain('mm/vma.c:__mmap_region(), 7.3')
})

it.each<[string, Partial<Matrix>, string[]]>([
  [
    'its own release',
    { beforeRelease: linux('6.12') },
    ['merges now', 'the releases charge differently'],
  ],
  ['the same release', {}, ['merges now']],
])('compares a hook on %s', (_what, matrix, expected) => {
  const found = equivalent(clamp, clampPrepared, { ...small, ...matrix })
  expect([
    found.differences.map(({ aspect }) => aspect),
    found.expected.map(({ name }) => name),
  ]).toEqual([[], expected])
})

it('makes a hook of later calls fail where both have it', () => {
  // What the veto is about is noted, although the veto of another may come first.
  const vetoing = (notes: boolean) => () => {
    const noted = new refcount_t('noted')
    const vm_ops: vm_operations_struct = {
      may_split: () => {
        if (notes) refcount_inc(noted)
        return 0
      },
      open: () => {
        if (notes) refcount_dec(noted)
      },
    }
    return prepare((desc) => {
      desc.vm_ops = vm_ops
      return 0
    })
  }
  const matrix: Partial<Matrix> = { ...small, neighbours: ['none'], following: ['split'] }
  const programs = equivalent(vetoing(false), vetoing(false), matrix)
  expect(programs.equal).toBe(true)
  const without = equivalent(vetoing(false), vetoing(false), { ...matrix, failures: false })
  expect(programs.cases - without.cases).toBeGreaterThan(without.cases)
  expect(equivalent(vetoing(false), vetoing(true), matrix).differences[0]?.aspect).toBe('resources')
})

it('prints the release that was asked for', () => {
  const invalid: file_operations = { mmap_prepare: () => 0, mmap_abort: () => {} }
  const found = equivalent(legacy(nothing), invalid, { ...small, release: linux('rfc-complete') })
  expect(programText(found.differences[0]!)[0]).toContain("new Mm(linux('rfc-complete'))")
})

it('notices a driver that keeps state between programs', () => {
  let calls = 0
  const sticky = prepare(() => (calls++ === 0 ? 0 : -16))
  const found = equivalent(legacy(nothing), sticky, small)
  expect(found.problems.join()).toContain('keeps state between programs')
  expect(found.equal).toBe(false)
})

it('notes that nothing was mapped', () => {
  expect(equivalent({}, {}, small).problems.join()).toContain('no mapping ever succeeded')
})

it.each<[string, () => unknown, string]>([
  [
    'no driver',
    () => equivalent(null as unknown as Driver, {}),
    'before is null: give file_operations',
  ],
  [
    'a maker of none',
    () => equivalent({}, (() => 5) as unknown as Driver),
    'after makes 5: give file_operations',
  ],
  [
    'a hook that is none',
    () => equivalent({ mmap: 5 } as unknown as Driver, {}),
    'mmap of before is no function',
  ],
  ['an empty axis', () => equivalent({}, {}, { sizes: [] }), 'matrix.sizes: give an array'],
  [
    'a bad size',
    () => equivalent({}, {}, { sizes: [0.5] }),
    'matrix.sizes 0.5: give whole numbers from 1 to 16',
  ],
  [
    'a bad word',
    () => equivalent({}, {}, { neighbours: ['up' as 'left'] }),
    'matrix.neighbours up: known are none, left',
  ],
])('refuses %s', (_what, act, message) => expect(act).toThrow(message))

describe('a program', () => {
  /** What the driver's file and the address space are like after the program was run as it is printed. */
  function run(lines: readonly string[], after: Driver): string {
    const names = Object.keys(front)
    const made = typeof after === 'function' ? after() : after
    const body = `${lines.join('\n')}\nreturn mm.vmas().length + ' VMAs, ' + dev.f_count + ' references'`
    const act = new Function(...names, 'after', body)
    return String(act(...Object.values(front), made))
  }

  it('runs as it is printed', () => {
    const [difference] = equivalent(
      counter('mmap'),
      counter('mmap_prepare'),
      small,
    ).differences.slice(-1)
    expect(run(programText(difference!), counter('mmap_prepare'))).toBe('1 VMAs, 2 references')
  })

  it('is minimised by what it must show', () => {
    const long = [1, 2, 3].map((page) => ({ call: 'munmap', page, pages: 4 }) as const)
    expect(minimise(long, (program) => program.some((op) => op.call === 'munmap'))).toEqual([
      { call: 'munmap', page: 0, pages: 1 },
    ])
  })
})

it('is a value with text and HTML', () => {
  const found = equivalent(remap(1), remapAction(2), { ...small, following: ['nothing'] })
  expect(found).toBeInstanceOf(Equivalence)
  expect(front.display(found)['text/html']).toContain('<pre>const mm = new Mm(linux())')
  expect(front.display(found)['text/plain']).toBe(String(found))
})

it('reports progress', () => {
  const told: string[] = []
  equivalent({}, {}, { ...small, onProgress: (done, total) => told.push(`${done}/${total}`) })
  expect(told.at(-1)).toBe('128/128')
})
