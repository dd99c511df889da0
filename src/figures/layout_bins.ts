// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import {
  countText,
  type FigureVma,
  hexText,
  kindOf,
  kindsIn,
  mappedBytes,
  sizeText,
  type VmaKind,
} from '../trace/index.ts'
import type { Body } from './furniture.ts'
import { label, line, type Path, px, type Shape } from './scene.ts'
import { textWidth, wrapText } from './text.ts'
import { lineOf, paintOf } from './theme.ts'

const CURVE = 72
const BAND = 32
/** px of a column: narrower ones could not be told apart. */
const COLUMN = 2
/** A few VMAs to a column, or the curve would show nothing but single ones. */
const COLUMN_VMAS = 5
const LEAST_COLUMNS = 48
/** The closer look that is offered shows as many VMAs as rows show well. */
const CLOSER = 100

/** What the columns of a binned layout hold: each covers the same number of mapped bytes, gaps left out. */
export interface Bins {
  readonly columnBytes: number
  readonly total: number
  /** How many VMAs are in each column, whole or in part. */
  readonly counts: Uint32Array
  /** The first of them. */
  readonly firsts: Uint32Array
  /** The bytes of each kind in each column. */
  readonly kinds: ReadonlyMap<VmaKind, Float64Array>
}

/** Sorts VMAs into at most `mostColumns` columns of whole pages. */
export function binVmas(vmas: readonly FigureVma[], mostColumns: number): Bins {
  const total = mappedBytes(vmas)
  const columnBytes = Math.ceil(total / PAGE_SIZE / mostColumns) * PAGE_SIZE
  const columns = Math.ceil(total / columnBytes)
  const counts = new Uint32Array(columns)
  const firsts = new Uint32Array(columns)
  const kinds = new Map<VmaKind, Float64Array>()
  let offset = 0
  for (const [i, vma] of vmas.entries()) {
    const kind = kindOf(vma)
    const bytes = kinds.get(kind) ?? new Float64Array(columns)
    kinds.set(kind, bytes)
    const end = offset + vma.end - vma.start
    for (let column = Math.floor(offset / columnBytes); column * columnBytes < end; column++) {
      if (counts[column] === 0) firsts[column] = i
      counts[column] = (counts[column] ?? 0) + 1
      const from = Math.max(offset, column * columnBytes)
      const to = Math.min(end, (column + 1) * columnBytes)
      bytes[column] = (bytes[column] ?? 0) + to - from
    }
    offset = end
  }
  return { columnBytes, total, counts, firsts, kinds }
}

/** Very many VMAs: how many there are in columns of equal mapped bytes, and of which kinds. */
export function layBins(
  vmas: readonly FigureVma[],
  top: number,
  left: number,
  right: number,
): Body {
  const words = ['VMAs', 'kinds', countText(vmas.length)]
  const start = left + Math.max(...words.map((word) => textWidth(word, 'small'))) + 8
  const mostColumns = Math.max(LEAST_COLUMNS, Math.ceil(vmas.length / COLUMN_VMAS))
  const bins = binVmas(vmas, Math.min(Math.floor((right - start) / COLUMN), mostColumns))
  const x = (column: number) =>
    start + (Math.min(column * bins.columnBytes, bins.total) / bins.total) * (right - start)
  const heading = headingLines(vmas, bins, start, top, right)
  const curveTop = top + heading.length * 14 + 8
  const bandTop = curveTop + CURVE + 8
  const shapes = [
    ...heading,
    label('VMAs', left, top + 8, 'small', { colour: 'ink2' }),
    ...curveShapes(bins, x, curveTop, start, right),
    label('kinds', left, bandTop + BAND / 2, 'small', { colour: 'ink2' }),
    ...bandShapes(bins, x, bandTop),
    ...addressTicks(vmas, start, right, bandTop + BAND),
  ]
  return { shapes, bottom: bandTop + BAND + 22, notes: notesFor(vmas, bins) }
}

function headingLines(
  vmas: readonly FigureVma[],
  bins: Bins,
  start: number,
  top: number,
  right: number,
): Shape[] {
  const columns = countText(bins.counts.length)
  const text = `${countText(vmas.length)} VMAs in ${columns} columns of ${sizeText(bins.columnBytes)} mapped each`
  return wrapText(text, 'flag', right - start).map((each, i) =>
    label(each, start, top + 8 + i * 14, 'flag'),
  )
}

/** VMAs in each column as a step curve over three ticks. */
function curveShapes(
  { counts }: Bins,
  x: (column: number) => number,
  top: number,
  start: number,
  right: number,
): Shape[] {
  const highest = evenCeiling(counts.reduce((most, count) => Math.max(most, count), 0))
  const base = top + CURVE
  const ticks = [0, highest / 2, highest].flatMap((count) => {
    const y = base - (count / highest) * CURVE
    const text = label(countText(count), start - 6, y, 'small', { colour: 'ink2', anchor: 'end' })
    return [line(`M${px(start - 3)},${px(y)}H${px(right)}`, 'rule'), text]
  })
  const heights = Array.from(counts, (count) => base - (count / highest) * CURVE)
  const d = `M${px(start)},${px(base)}${steps(heights, x)}V${px(base)}Z`
  return [...ticks, { shape: 'path', d, fill: 'lock2', opacity: 0.6 }]
}

/** Round numbers whose half is whole too, in tens. */
const ROUND = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10]

/** The least round number that is not below a count and has a whole half: 2, 4, 6, 8, 10, 12, 16, 20, 24, ... */
export function evenCeiling(count: number): number {
  const power = 10 ** Math.max(1, Math.ceil(Math.log10(count)) - 1)
  return (ROUND.find((each) => each * power >= count) ?? 10) * power
}

/** The top of each column from left to right; runs of one height are one line. */
function steps(heights: readonly number[], x: (column: number) => number): string {
  return heights
    .map((height, i) => {
      const isSame = px(height) === px(heights[i - 1] ?? Number.NaN)
      const isLast = i + 1 === heights.length || px(height) !== px(heights[i + 1] ?? Number.NaN)
      return `${isSame ? '' : `V${px(height)}`}${isLast ? `H${px(x(i + 1))}` : ''}`
    })
    .join('')
}

/** The share of each kind in each column as one band of full height. */
function bandShapes(bins: Bins, x: (column: number) => number, top: number): Path[] {
  const columns = bins.counts.length
  const floors = new Array<number>(columns).fill(top + BAND)
  const sums = new Float64Array(columns)
  for (const bytes of bins.kinds.values())
    for (const [i, each] of bytes.entries()) sums[i] = (sums[i] ?? 0) + each
  return kindsIn(bins.kinds.keys()).map((kind) => {
    const shares = bins.kinds.get(kind) ?? []
    const tops = floors.map((floor, i) => floor - (BAND * (shares[i] ?? 0)) / (sums[i] ?? 1))
    const d = areas(tops, floors, x)
    tops.forEach((each, i) => {
      floors[i] = each
    })
    return { shape: 'path', d, fill: paintOf(kind), stroke: lineOf(kind), strokeWidth: 0.8 }
  })
}

/** The area between two step lines, one path for each run of columns where they differ. */
function areas(
  tops: readonly number[],
  floors: readonly number[],
  x: (column: number) => number,
): string {
  let d = ''
  for (let i = 0; i < tops.length; i++) {
    if (isEmpty(tops, floors, i)) continue
    const first = i
    while (i + 1 < tops.length && !isEmpty(tops, floors, i + 1)) i++
    const upper = steps(tops.slice(first, i + 1), (column) => x(first + column))
    const back = floors.slice(first, i + 1).reverse()
    const lower = steps(back, (column) => x(i + 1 - column))
    d += `M${px(x(first))},${px(floors[first] ?? 0)}${upper}${lower}Z`
  }
  return d
}

function isEmpty(tops: readonly number[], floors: readonly number[], i: number): boolean {
  return px(tops[i] ?? 0) === px(floors[i] ?? 0)
}

/** Addresses at equal parts of the mapped bytes, as many as have room. */
function addressTicks(
  vmas: readonly FigureVma[],
  start: number,
  right: number,
  y: number,
): Shape[] {
  const last = vmas.at(-1)?.end ?? 0
  const room = textWidth(hexText(last), 'mono') + 24
  const parts = Math.min(4, Math.max(1, Math.floor((right - start) / room) - 1))
  const total = mappedBytes(vmas)
  return Array.from({ length: parts + 1 }, (_, i) => {
    const x = start + ((right - start) * i) / parts
    const address = i === parts ? last : addressAt(vmas, (total * i) / parts)
    const anchor = i === 0 ? 'start' : i === parts ? 'end' : 'middle'
    return [
      line(`M${px(x)},${px(y)}v5`, 'ink2'),
      label(hexText(address), x, y + 13, 'mono', { colour: 'ink2', anchor }),
    ]
  }).flat()
}

/** The page that holds the mapped byte with this number. */
function addressAt(vmas: readonly FigureVma[], offset: number): number {
  let before = 0
  for (const { start, end } of vmas) {
    if (offset < before + end - start)
      return start + Math.floor((offset - before) / PAGE_SIZE) * PAGE_SIZE
    before += end - start
  }
  return vmas.at(-1)?.end ?? 0
}

function notesFor(vmas: readonly FigureVma[], bins: Bins): Body['notes'] {
  const { from, to } = densest(vmas, bins)
  return [
    {
      text: 'The axis counts mapped bytes: every gap is left out. A closer look at the densest part:',
    },
    { text: `layout(mm, { from: ${hexText(from)}, to: ${hexText(to)} })`, type: 'smallMono' },
  ]
}

/** A window on the column with most VMAs, or on its beginning. */
export function densest(
  vmas: readonly FigureVma[],
  { counts, firsts }: Bins,
): { readonly from: number; readonly to: number; readonly count: number } {
  const count = counts.reduce((most, each) => Math.max(most, each), 0)
  const first = firsts[counts.indexOf(count)] ?? 0
  const last = first + Math.min(count, CLOSER) - 1
  return { from: vmas[first]?.start ?? 0, to: vmas[last]?.end ?? 0, count }
}
