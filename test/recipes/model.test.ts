// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { compareTranscripts, recipes, runInModel, scenarioOf } from '../../src/recipes/index.ts'

const release = { '6.12': linux('6.12'), '7.3': linux('7.3') }

it.each(
  recipes.flatMap(({ name }) => [
    { name, which: 'before', on: '6.12' } as const,
    { name, which: 'before', on: '7.3' } as const,
    { name, which: 'after', on: '7.3' } as const,
  ]),
)('$name, $which on $on: every step of its scenario is known', ({ name, which, on }) => {
  const steps = scenarioOf(name)
  const lines = runInModel(name, which, release[on], steps)
  expect(lines.filter((line) => line.startsWith('> ')).length).toBe(steps.length + 2)
  expect(lines.filter((line) => /^= (unknown|unreadable|undefined)/.test(line))).toEqual([])
})

// A recipe, a kernel, steps; what the model writes for the last one.
it.each([
  [
    'fault_driven',
    'after',
    ['map 0 4 rw shared 0'],
    '= ok|! mmap_prepare 0-4|: 0-4 rw-s 0 device rd wr sh mr mw me ms de dd sd',
  ],
  ['fault_driven', 'after', ['map 0 1 r shared 3', 'read 0'], '= page 3'],
  [
    'reference_counted',
    'after',
    ['map 0 1 r shared 0', 'map 4 1 r shared 2', 'map 8 1 r shared 3'],
    '= EBUSY|! mmap_prepare 8-9|! mapped 8-9|! vma_close 8-9|: 0-1 r--s 0 device rd sh mr mw me ms sd|: 4-5 r--s 2 device rd sh mr mw me ms sd',
  ],
  [
    'dev_mem',
    'after',
    ['map 0 1 rw private 1'],
    '= ok|! mmap_prepare 0-1|: 0-1 rw-p frame+1 device rd wr mr mw me pf io de ac dd sd',
  ],
  [
    'one_errno',
    'after',
    ['conflict 20 1', 'map 0 1 r shared 0'],
    '= EAGAIN|! mmap_prepare 0-1|: 20-21 r--s 0 other rd sh mr mw me ms pf io de dd sd',
  ],
  ['stacked_file', 'before', ['map 0 1 r shared 0'], '= ENODEV|! mmap 0-1'],
] as const)('%s/%s.c: %s', (name, which, steps, expected) => {
  const lines = runInModel(name, which, release['7.3'], steps)
  const last = lines.lastIndexOf(`> ${steps.at(-1)}`)
  expect(lines.slice(last + 1, lines.indexOf('> unload')).join('|')).toBe(expected)
})

const kernel = ['> map', '= ok', '! mmap 0-1', ': 0-1 r--s 0 device rd sh']
it.each([
  ['nothing', kernel, []],
  ['another result', ['> map', '= EINVAL', ...kernel.slice(2)], ['result']],
  ['a hook less', kernel.filter((line) => !line.startsWith('!')), ['hooks']],
  ['another flag', [...kernel.slice(0, 3), ': 0-1 r--s 0 device rd sh de'], ['VMA 1 flags']],
  ['another offset', [...kernel.slice(0, 3), ': 0-1 r--s 1 device rd sh'], ['VMA 1 offset']],
  ['a VMA more', [...kernel, ': 1-2 r--s 1 device rd sh'], ['VMAs']],
  ['a complaint', [...kernel, '# WARNING: at mm/vma.c'], ['complaint']],
  ['an early end', [], ['step']],
])('tells of %s', (_what, lines, fields) => {
  expect(compareTranscripts(lines, kernel).map(({ field }) => field)).toEqual(fields)
})
