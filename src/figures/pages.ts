// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import {
  counted,
  figureText,
  figureTitle,
  hexText,
  PAGE_WORDS,
  type PageState,
  type PagesFigure,
  type PagesPart,
  pageCounts,
  pagesNote,
} from '../trace/index.ts'
import { type Entry, layFooter, layHeading, type Note } from './furniture.ts'
import { layered } from './layers.ts'
import { label, line, type Path, px, type Scene, type Shape } from './scene.ts'
import { shorten, textWidth, wrapText } from './text.ts'
import { type Colour, lineOf, type Paint } from './theme.ts'

const MARGIN = 4
const GAP = 2
const WIDE = 560
/** More pages than this are binned. */
const SINGLE_PAGES = 512
const BINS = 64

/** A cell's look: what is there is filled, what a touch would miss is not. */
const looks: Readonly<Record<PageState, { readonly fill: Paint; readonly edge: Colour }>> = {
  pre: { fill: 'driver-line', edge: 'driver-line' },
  fault: { fill: 'anon', edge: 'anon-line' },
  none: { fill: 'paper', edge: 'rule' },
  bus: { fill: 'bad', edge: 'bad-line' },
  guard: { fill: 'texture-special', edge: lineOf('special') },
}

interface Cell {
  readonly state: PageState
  readonly order?: number
  /** The share of a bin that is present, 0 to 1; absent for a single page. */
  readonly share?: number
  readonly address: number
}

/** Where everything is in a picture of what the page tables hold. */
export function pagesScene(figure: PagesFigure, width: number): Scene {
  const { options, data } = figure
  const right = width - MARGIN
  const heading = layHeading(options.title, MARGIN, right)
  const shapes: Shape[] = [...heading.shapes]
  let bottom = heading.bottom
  for (const part of data.parts) {
    const laid = layPart(part, bottom + 6, width)
    shapes.push(...laid.shapes)
    bottom = laid.bottom
  }
  const footer = layFooter([], notesOf(data.parts), bottom, MARGIN, right, entries(data.parts))
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: layered([...shapes, ...footer.shapes]),
  }
}

function layPart(
  part: PagesPart,
  top: number,
  width: number,
): { readonly shapes: Shape[]; readonly bottom: number } {
  const right = width - MARGIN
  const perRow = width >= WIDE ? 32 : 16
  const cells = cellsOf(part)
  const left = MARGIN + offsetWidth(part, cells, perRow)
  const size = Math.min(22, (right - left) / perRow)
  const head = headShapes(part, top, right)
  const shapes: Shape[] = [...head.shapes]
  for (const [i, cell] of cells.entries()) {
    const [x, y] = [left + (i % perRow) * size, head.bottom + Math.floor(i / perRow) * size]
    if (i % perRow === 0)
      shapes.push(
        label(offsetText(part, cell), left - 8, y + size / 2, 'mono', {
          anchor: 'end',
          colour: 'ink2',
        }),
      )
    shapes.push(...cellShapes(cell, x, y, size - GAP))
  }
  return { shapes, bottom: head.bottom + Math.ceil(cells.length / perRow) * size + 6 }
}

function headShapes(
  part: PagesPart,
  top: number,
  right: number,
): { readonly shapes: Shape[]; readonly bottom: number } {
  const name = shorten(part.name, 'heading', right - MARGIN)
  const note = pagesNote(part)
  const shapes: Shape[] = [label(name, MARGIN, top + 10, 'heading')]
  const beside = MARGIN + textWidth(name, 'heading') + 16
  if (beside + textWidth(note, 'label') <= right) {
    shapes.push(label(note, beside, top + 10, 'label', { colour: 'ink2' }))
    return { shapes, bottom: top + 22 }
  }
  const lines = wrapText(note, 'label', right - MARGIN, 3)
  shapes.push(
    ...lines.map((text, i) => label(text, MARGIN, top + 27 + i * 14, 'label', { colour: 'ink2' })),
  )
  return { shapes, bottom: top + 24 + lines.length * 14 }
}

function offsetText(part: PagesPart, cell: Cell): string {
  return `+${hexText(cell.address - part.start)}`
}

function offsetWidth(part: PagesPart, cells: readonly Cell[], perRow: number): number {
  const rows = cells.filter((_, i) => i % perRow === 0)
  return Math.max(...rows.map((cell) => textWidth(offsetText(part, cell), 'mono')), 30) + 8
}

/** A cell for each page, or for each bin where there are many. */
function cellsOf(part: PagesPart): Cell[] {
  const all = countOf(part)
  if (all > SINGLE_PAGES) return binsOf(part, all)
  let page = 0
  return part.pages.flatMap(({ state, count, order }) =>
    Array.from({ length: count }, (_, i): Cell => {
      const address = part.start + page++ * PAGE_SIZE
      return { state, address, ...(order !== undefined && { order: order + i }) }
    }),
  )
}

function countOf(part: PagesPart): number {
  return part.pages.reduce((sum, { count }) => sum + count, 0)
}

/** Bins of equal page count; each is of the state that most of its pages have, filled by what is present. */
function binsOf(part: PagesPart, all: number): Cell[] {
  const counts = Array.from({ length: BINS }, () => new Map<PageState, number>())
  let page = 0
  for (const { state, count } of part.pages) {
    const end = page + count
    for (let bin = Math.floor((page * BINS) / all); bin < BINS && (bin * all) / BINS < end; bin++) {
      const low = Math.max(page, (bin * all) / BINS)
      const high = Math.min(end, ((bin + 1) * all) / BINS)
      const found = counts[bin]
      if (high > low) found?.set(state, (found.get(state) ?? 0) + high - low)
    }
    page = end
  }
  return counts.map((found, bin): Cell => {
    const [[state = 'none'] = []] = [...found].sort((one, other) => other[1] - one[1])
    const present = (found.get('pre') ?? 0) + (found.get('fault') ?? 0)
    const share = present / (all / BINS)
    const address = part.start + Math.floor((bin * all) / BINS) * PAGE_SIZE
    const shown = present > 0 ? ((found.get('pre') ?? 0) >= present / 2 ? 'pre' : 'fault') : state
    return { state: shown, share, address }
  })
}

function cellShapes(cell: Cell, x: number, y: number, size: number): Shape[] {
  const look = looks[cell.state]
  const d = boxPath(x, y, size, size)
  if (cell.share !== undefined && cell.share > 0 && cell.share < 1) {
    const height = Math.max(1, size * cell.share)
    return [
      { shape: 'path', d, fill: 'paper', stroke: 'rule', strokeWidth: 1 },
      { shape: 'path', d: boxPath(x, y + size - height, size, height), fill: look.edge },
    ]
  }
  const box: Path = { shape: 'path', d, fill: look.fill, stroke: look.edge, strokeWidth: 1.1 }
  const [l, t] = [x + size * 0.3, y + size * 0.3]
  const s = px(size * 0.4)
  if (cell.state === 'bus')
    return [box, line(`M${px(l)},${px(t)}l${s},${s}m0,-${s}l-${s},${s}`, 'bad-line', 1.6)]
  if (cell.state !== 'fault' || cell.order === undefined) return [box]
  const text = String(cell.order)
  const type = 'smallLetter'
  return textWidth(text, type) <= size
    ? [box, label(text, x + size / 2, y + size / 2, type, { anchor: 'middle' })]
    : [box]
}

function boxPath(x: number, y: number, width: number, height: number): string {
  return `M${px(x)},${px(y)}h${px(width)}v${px(height)}h-${px(width)}z`
}

function entries(parts: readonly PagesPart[]): Entry[] {
  const present = new Set(parts.flatMap((part) => [...pageCounts(part).keys()]))
  return (Object.keys(PAGE_WORDS) as PageState[])
    .filter((state) => present.has(state))
    .map((state) => ({
      word: PAGE_WORDS[state],
      draw: (x, y) => cellShapes({ state, address: 0, order: 3 }, x, y - 8, 16),
    }))
}

function notesOf(parts: readonly PagesPart[]): Note[] {
  const binned = parts.filter((part) => countOf(part) > SINGLE_PAGES)
  return binned.map((part) => ({
    text: `${parts.length > 1 ? `${part.name}: each` : 'Each'} cell stands for ${counted(Math.round(countOf(part) / BINS), 'page')} and is filled by the share that is present`,
  }))
}
