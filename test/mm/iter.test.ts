// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { RangeTree } from '../../src/mm/iter.ts'
import { Mm } from '../../src/mm/mm.ts'
import { vm_area_struct } from '../../src/mm/mm_types.ts'

const SPAN = 4096
const mm = new Mm(linux())
const made = (start: number, end: number) => new vm_area_struct(mm, 1, 0, start, end)

/** What the tree must say, from a sorted array. */
class Sorted {
  readonly list: vm_area_struct[] = []

  fits(start: number, end: number, but?: vm_area_struct): boolean {
    return (
      start < end && this.list.every((v) => v === but || v.vm_end <= start || v.vm_start >= end)
    )
  }

  sort(): void {
    this.list.sort((a, b) => a.vm_start - b.vm_start)
  }

  gaps(low: number, high: number): [number, number][] {
    const edges = [low, ...this.list.flatMap((v) => [v.vm_start, v.vm_end]), high]
    const clamp = (x: number) => Math.min(Math.max(x, low), high)
    const pairs: [number, number][] = []
    for (let i = 0; i < edges.length; i += 2) pairs.push([clamp(edges[i]!), clamp(edges[i + 1]!)])
    return pairs
  }
}

function agree(
  tree: RangeTree<vm_area_struct>,
  sorted: Sorted,
  low: number,
  high: number,
  length: number,
): void {
  expect([...tree].map((vma, i) => vma === sorted.list[i])).toEqual(sorted.list.map(() => true))
  expect(tree.size).toBe(sorted.list.length)
  for (const [i, vma] of sorted.list.entries()) {
    expect(tree.next(vma)).toBe(sorted.list[i + 1] ?? null)
    expect(tree.prev(vma)).toBe(sorted.list[i - 1] ?? null)
  }
  for (const addr of [low, high, 0, SPAN]) {
    expect(tree.find(addr)).toBe(sorted.list.find((v) => v.vm_end > addr) ?? null)
    expect(tree.findBelow(addr)).toBe(sorted.list.filter((v) => v.vm_start < addr).at(-1) ?? null)
  }
  const fitting = sorted.gaps(low, high).filter(([from, to]) => to - from >= length)
  expect(tree.highestGapEnd(length, low, high)).toBe(fitting.at(-1)?.[1] ?? -1)
  expect(tree.lowestGapStart(length, low, high)).toBe(fitting[0]?.[0] ?? -1)
}

const operation = fc.tuple(
  fc.constantFrom(
    'insert',
    'insert',
    'insert',
    'remove',
    'range',
    'split below',
    'split above',
    'build',
  ),
  fc.nat(SPAN - 1),
  fc.integer({ min: 1, max: 12 }),
)

it('agrees with a sorted array after any insertions, removals and changes of range', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 400 }),
      fc.nat(SPAN),
      fc.nat(SPAN),
      fc.integer({ min: 1, max: 200 }),
      (operations, a, b, length) => {
        const tree = new RangeTree<vm_area_struct>()
        const sorted = new Sorted()
        for (const [kind, at, size] of operations) {
          const chosen = sorted.list[at % Math.max(1, sorted.list.length)]
          if (kind === 'insert' && sorted.fits(at, at + size)) {
            const vma = made(at, at + size)
            tree.insert(vma)
            sorted.list.push(vma)
            sorted.sort()
          } else if (kind === 'remove' && chosen) {
            tree.remove(chosen)
            sorted.list.splice(sorted.list.indexOf(chosen), 1)
          } else if (kind === 'split below' && chosen && size < chosen.vm_end - chosen.vm_start) {
            const [start, cut] = [chosen.vm_start, chosen.vm_start + size]
            sorted.list.push(made(start, cut))
            tree.insert(sorted.list.at(-1)!, tree.prev(chosen))
            tree.setRange(chosen, cut, chosen.vm_end)
            sorted.sort()
          } else if (kind === 'split above' && chosen && size < chosen.vm_end - chosen.vm_start) {
            const [cut, end] = [chosen.vm_end - size, chosen.vm_end]
            sorted.list.push(made(cut, end))
            tree.insert(sorted.list.at(-1)!, chosen)
            tree.setRange(chosen, chosen.vm_start, cut)
            sorted.sort()
          } else if (
            kind === 'range' &&
            chosen &&
            sorted.fits(chosen.vm_start, chosen.vm_start + size, chosen)
          )
            tree.setRange(chosen, chosen.vm_start, chosen.vm_start + size)
          else if (kind === 'build') tree.build([...sorted.list])
        }
        agree(tree, sorted, Math.min(a, b), Math.max(a, b), length)
      },
    ),
    { numRuns: 150 },
  )
})

it.each([
  ['upwards', (i: number) => i * 3],
  ['downwards', (i: number) => 30_000 - i * 3],
  ['from both ends', (i: number) => (i % 2 ? i * 3 : 60_000 - i * 3)],
])('holds 10,000 VMAs inserted %s, and none after all are removed', (_, place) => {
  const tree = new RangeTree<vm_area_struct>()
  const sorted = new Sorted()
  for (let i = 0; i < 10_000; i++) {
    const vma = made(place(i), place(i) + 1 + (i % 2))
    tree.insert(vma)
    sorted.list.push(vma)
  }
  sorted.sort()
  agree(tree, sorted, 100, 50_000, 2)
  for (const vma of [...sorted.list]) tree.remove(vma)
  expect([tree.size, tree.first()]).toEqual([0, null])
  // The nodes are used again: what was an inner one may be a leaf now.
  const close = new Sorted()
  for (let i = 0; i < 2000; i += 2) close.list.push(made(i, i + (i % 20 === 0 ? 1 : 2)))
  for (const vma of close.list) tree.insert(vma)
  for (let high = 100; high <= 2000; high += 100) agree(tree, close, 0, high, 1)
})

it('finds every piece of 1,000 VMAs without gaps that are split and joined again in turns', () => {
  const tree = new RangeTree<vm_area_struct>()
  const sorted = new Sorted()
  for (let i = 0; i < 1000; i++) {
    const vma = made(i * 3, i * 3 + 3)
    tree.insert(vma)
    sorted.list.push(vma)
  }
  for (let turn = 0, random = 1; turn < 5000; turn++) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    const at = ((random >>> 4) % 1000) * 3
    const vma = tree.find(at)!
    const [below, above] = [made(at, at + 1), made(at + 2, at + 3)]
    tree.insert(below, tree.prev(vma))
    tree.setRange(vma, at + 1, at + 3)
    tree.insert(above, vma)
    tree.setRange(vma, at + 1, at + 2)
    expect([at, at + 1, at + 2].map((addr) => tree.find(addr))).toEqual([below, vma, above])
    tree.setRange(below, at, at + 3)
    tree.remove(vma)
    tree.remove(above)
    sorted.list[at / 3] = below
  }
  agree(tree, sorted, 0, 3000, 1)
})
