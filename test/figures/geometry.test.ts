// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutForm, layoutScene } from '../../src/figures/layout.ts'
import { binVmas, densest, evenCeiling } from '../../src/figures/layout_bins.ts'
import { letterOf } from '../../src/figures/names.ts'
import { layStrip, stripFits } from '../../src/figures/strip.ts'
import { shortAddress } from '../../src/figures/ticks.ts'
import {
  type FigureVma,
  foldLimit,
  KIND_WORDS,
  kindOf,
  mappedBytes,
} from '../../src/trace/index.ts'
import { sceneFaults } from './scene_faults.ts'
import { DEMO_MAPS, figure, many, maps, strip } from './vmas.ts'

const WIDTHS = [343, 560, 760, 960]

/** What a strip becomes on 760 px: `true block357 //46 block357`; `.` is free. */
function laid(text: string): string {
  const vmas = strip(text)
  const { slots, isTrue } = layStrip(vmas, 0, 760)
  const names = { mapped: 'block', free: '.', folded: '//' }
  const parts = slots.map(({ use, width }) => `${names[use]}${Math.round(width)}`)
  return `${isTrue ? 'true' : 'log'} ${parts.join(' ')}`
}

describe('blocks', () => {
  test.each([
    ['AAAA', 'true block760'],
    ['AAABBBBB', 'true block285 block475'],
    ['AA.BB', 'true block304 .152 block304'],
    ['AAAA//BBBB', 'true block357 //46 block357'],
    // The gap is as long as the largest may be without folding, then a page longer.
    ['Ax10.x12Bx10', 'true block238 .285 block238'],
    ['Ax10.x13Bx10', 'true block357 //46 block357'],
    // Among many small ones, a gap folds only when it is longer than half of what is mapped.
    ['AABBCCDD...E', 'true block127 block127 block127 block127 .190 block63'],
    ['ABx1000', 'log block85 block675'],
    ['ABx70000000', 'log block40 block720'],
  ])('%s', (text, expected) => expect(laid(text)).toBe(expected))
})

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(40, 1000, 1_000_000, 2 ** 30))
const gap = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom(1000, 2 ** 18, 2 ** 30),
)
const name = fc.constantFrom(
  undefined,
  undefined,
  '/dev/demo',
  '[heap]',
  '[vdso]',
  '/usr/lib/libwide-WWWWWWWWWWWWWWWWWWMMMMMMMMMMMMM.so.1.2.3 (deleted)',
  '/home/地址空间/映射 <&">.so',
  '/',
)
const vmaShape = fc.record({
  size,
  gap,
  name,
  id: fc.constantFrom('A', 'A′', 'ABC', 'WWWWWWWWWWWWWWWW'),
  perms: fc.constantFrom('rw-p', 'r-xp', '---p', 'rwxs'),
  pgoff: fc.constantFrom(0, 9, 10, 2 ** 40),
  flags: fc.constantFrom(
    [],
    [],
    ['IO'],
    ['IO', 'PFNMAP', 'DONTEXPAND', 'DONTDUMP', 'VERY_LONG_FLAG_NAME'],
  ),
})

/** Any sorted VMAs: few, many, tiny, huge, with and without gaps, with names of all kinds. */
function anyVmas(maxLength: number): fc.Arbitrary<FigureVma[]> {
  return fc.array(vmaShape, { minLength: 1, maxLength }).map((shapes) => {
    let address = 0x10000
    return shapes.map(({ size: pages, gap: free, name: named, ...rest }) => {
      const start = address + free * 4096
      address = start + pages * 4096
      return { ...rest, start, end: address, ...(named === undefined ? {} : { name: named }) }
    })
  })
}

test('widths and gaps add up to the width, whatever the VMAs', () => {
  fc.assert(
    fc.property(anyVmas(20), fc.constantFrom(...WIDTHS), (vmas, width) => {
      fc.pre(stripFits(vmas, width))
      const { slots, isTrue } = layStrip(vmas, 0, width)
      let x = 0
      for (const slot of slots) {
        expect(slot.x).toBeCloseTo(x, 6)
        const least = { mapped: isTrue ? 16 : 40, free: 4, folded: 46 }[slot.use]
        expect(slot.width).toBeGreaterThan(least - 1e-6)
        expect(slot.use === 'folded').toBe(
          slot.use !== 'mapped' && slot.end - slot.start > foldLimit(vmas),
        )
        x += slot.width
      }
      expect(x).toBeCloseTo(width, 6)
    }),
  )
})

describe.each(WIDTHS)('at %d px', (width) => {
  test('no text leaves the canvas or covers another, whatever the VMAs', () => {
    const title = fc.constantFrom(
      undefined,
      'A sentence',
      'A sentence that goes on and on '.repeat(9),
    )
    fc.assert(
      fc.property(fc.oneof(anyVmas(8), anyVmas(60)), title, (vmas, text) => {
        expect(sceneFaults(layoutScene(figure(vmas, text ? { title: text } : {}), width))).toEqual(
          [],
        )
      }),
    )
  })

  test.each([0, 1, 3, 163, 300, 301, 65_530])('%d VMAs', (count) => {
    const scene = layoutScene(figure(many(count)), width)
    expect(sceneFaults(scene)).toEqual([])
    expect(scene.width).toBe(width)
  })

  test('every kind that is present has its word in the legend, and no other', () => {
    fc.assert(
      fc.property(anyVmas(30), (vmas) => {
        const scene = layoutScene(figure(vmas), width)
        const words = scene.layers
          .flat()
          .flatMap((shape) => (shape.shape === 'label' ? [shape.text] : []))
        const present = new Set(vmas.map(kindOf))
        for (const [kind, word] of Object.entries(KIND_WORDS))
          expect(words.includes(word)).toBe(present.has(kind as never))
      }),
    )
  })
})

test.each([
  [0, 760, 'empty'],
  [3, 760, 'blocks'],
  [17, 760, 'blocks'],
  [18, 760, 'rows'],
  [7, 343, 'blocks'],
  [8, 343, 'rows'],
  [300, 960, 'rows'],
  [301, 960, 'bins'],
])('%d VMAs without a gap on %d px are drawn as %s', (count, width, form) => {
  const vmas =
    strip('A'.repeat(count)).length === 0 ? [] : [...Array(count).keys()].map((i) => oneAt(i))
  expect(layoutForm(vmas, width - 8)).toBe(form)
})

function oneAt(i: number): FigureVma {
  return { id: 'A', start: 0x10000 + i * 4096, end: 0x11000 + i * 4096, perms: 'rw-p', pgoff: 0 }
}

test.each([
  [0x7f2a40004000, 0x7f2a40000000, '…4000'],
  [0x7f2a40010000, 0x7f2a40000000, '…10000'],
  [0x7f2a40000000, 0x7f2a3ffff000, '…40000000'],
  [0x13000, 0x10000, '0x13000'],
  [0x1000000, 0xfff000, '0x1000000'],
  [0x8f2a40000000, 0x7f2a40000000, '0x8f2a40000000'],
])('%#x after %#x is %s', (address, full, expected) =>
  expect(shortAddress(address, full)).toBe(expected),
)

test.each(['r--p r', 'rw-p w', 'r-xp x', 'rwxp !', '--xp x', '-w-p w', '---p –', 'rwxs !'])(
  '%s',
  (text) => {
    const [perms = '', letter] = text.split(' ')
    expect(letterOf(perms)).toBe(letter)
  },
)

describe('columns', () => {
  test('hold every mapped byte once and every VMA at least once', () => {
    fc.assert(
      fc.property(anyVmas(50), fc.integer({ min: 1, max: 400 }), (vmas, most) => {
        const bins = binVmas(vmas, most)
        const bytes = [...bins.kinds.values()].flatMap((each) => [...each])
        expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(mappedBytes(vmas))
        expect(bins.counts.length).toBeLessThanOrEqual(most)
        expect(bins.columnBytes % 4096).toBe(0)
        const counted = bins.counts.reduce((sum, each) => sum + each, 0)
        expect(counted).toBeGreaterThanOrEqual(vmas.length)
        expect(counted).toBeLessThan(vmas.length + bins.counts.length)
      }),
    )
  })

  test('tell where the most VMAs are', () => {
    const vmas = strip('Ax100..BCDEFGx5..Hx100')
    const { from, to, count } = densest(vmas, binVmas(vmas, 21))
    expect([from, to, count]).toEqual([vmas[1]?.start, vmas[6]?.end, 6])
  })

  test.each([
    [1, 2],
    [2, 2],
    [7, 8],
    [9, 10],
    [22, 24],
    [41, 50],
    [847, 1000],
    [1001, 1200],
    [65_530, 80_000],
  ])('%d at most stand below %d', (count, top) => expect(evenCeiling(count)).toBe(top))
})

test('real maps keep the VMAs of a file under its name and break at great gaps', () => {
  const texts = layoutScene(figure(maps(DEMO_MAPS)), 760)
    .layers.flat()
    .flatMap((shape) => (shape.shape === 'label' ? [shape.text] : []))
  expect(texts.filter((text) => text === 'libc.so.6')).toHaveLength(1)
  expect(texts.filter((text) => text.startsWith('gap of'))).toEqual([
    'gap of 41.6 TiB',
    'gap of 843 GiB',
    'gap of 16 EiB',
  ])
})
