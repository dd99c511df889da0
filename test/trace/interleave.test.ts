// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { drivers, hooksIn } from '../../src/drivers/index.ts'
import { linux } from '../../src/eras/index.ts'
import { Mm, openFile } from '../../src/mm/index.ts'
import { display, interleave, populationRace, populationRaces } from '../../src/trace/index.ts'

/** `race: after A, before B`, the first of them, or `none in N`. */
function told(release: string, path: 'direct' | 'compat'): string {
  const on = linux(release)
  const found = populationRace(() => hooksIn(drivers.devMem, on), on, path)
  const [race] = found.races
  if (found.refusal) return `mmap() ${found.refusal.split(' = ')[1]!.slice(0, 7)}`
  return race
    ? `race: after ${race.after}, before ${race.before}`
    : `none in ${found.tried.length > 3 ? 'all' : 'few'}`
}

// A remap in .mmap fills page tables of a VMA that the file does not know yet; an action, one that it knows.
it.each<[string, 'direct' | 'compat', string]>([
  ['6.12', 'direct', 'race: after return_mmap, before vma_iter_store'],
  ['6.12', 'compat', 'race: after return_mmap, before return_mmap'],
  ['rfc-proto', 'direct', 'race: after return_mmap, before vma_iter_store'],
  ['rfc-proto', 'compat', 'mmap() -EINVAL'],
  ['6.16', 'direct', 'race: after return_mmap, before vma_iter_store'],
  ['6.16', 'compat', 'race: after return_mmap, before return_mmap'],
  ['rfc-complete', 'direct', 'none in all'],
  ['rfc-complete', 'compat', 'race: after return_mmap_complete, before return_mmap'],
  ['6.19', 'direct', 'none in all'],
  ['6.19', 'compat', 'race: after return_mmap, before vma_start_write'],
  ['7.3', 'direct', 'none in all'],
  ['7.3', 'compat', 'race: after return_mmap, before vma_start_write'],
])('unmap_mapping_range() against population on %s, %s: %s', (release, path, want) =>
  expect(told(release, path)).toBe(want),
)

it('tells every era and path in a table', () => {
  const table = populationRaces(
    (release) => hooksIn(drivers.devMem, release),
    [linux('6.12'), linux()],
  )
  expect(
    table.rows.map(({ names, found }) => [...names, found.races.length > 0].join(' ')),
  ).toEqual([
    '6.12.117 legacy direct true',
    '6.12.117 legacy compat true',
    '7.3.4 mapped direct false',
    '7.3.4 mapped compat true',
  ])
  expect(String(table)).toMatch(/mapped +direct +none +\d+ tried, \d+ kept out/)
  expect(display(table)['text/html']).toContain('<table>')
})

/** a writes 1 and 2 around an mmap(); b sees what is written. */
function meeting(mayRun?: () => boolean) {
  return () => {
    const mm = new Mm(linux())
    let written = 0
    let seen = 0
    return {
      mm,
      a: () => {
        written = 1
        mm.mmap({ len: 4096, prot: 1, flags: 1, file: openFile('f', { mmap_prepare: () => 0 }) })
        written = 2
      },
      b: () => {
        seen = written
      },
      ...(mayRun && { mayRun }),
      wrong: () => (seen === 1 ? 'half of it is seen' : null),
    }
  }
}

it('runs b before, at each step and after', () => {
  const { tried, races, excluded } = interleave(meeting())
  expect([tried[0]!.wrong, tried.at(-1)!.after, excluded]).toEqual([null, 'syscall', 0])
  expect(races.length).toBeGreaterThan(5)
})

it('leaves out what a lock keeps out', () => {
  const found = interleave(meeting(() => false))
  expect([found.tried.length, found.races.length, found.excluded > 3]).toEqual([0, 0, true])
  expect(String(found)).toMatch(/^no race in 0 interleavings, \d+ more kept out by locks$/)
})
