// SPDX-License-Identifier: GPL-2.0-only
// What every figure has around its picture: a heading, a legend and notes.
import { KIND_WORDS, kindsIn, type VmaKind } from '../trace/index.ts'
import { type Block, type Label, label, type Shape } from './scene.ts'
import { textWidth, wrapText } from './text.ts'
import type { Colour, Edge, Fill, TypeName } from './theme.ts'

const SWATCH = { width: 18, height: 14 }
const LEGEND_LINE = 22
const NOTE_LINE = 15

/** Shapes that fill a part of the canvas down to `bottom` px. */
export interface Part {
  readonly shapes: readonly Shape[]
  readonly bottom: number
}

/** A swatch and its word, beside those of the kinds. */
export interface Entry {
  readonly word: string
  /** Draws the swatch: `x` is its left end, `y` its middle; it is as wide as those of the kinds. */
  readonly draw: (x: number, y: number) => readonly Shape[]
}

/** A sentence below the picture. */
export interface Note {
  readonly text: string
  readonly type?: TypeName
  readonly colour?: Colour
}

/** The picture itself, and what must be said below it. */
export interface Body extends Part {
  readonly notes: readonly Note[]
}

/** The author's sentence above the picture, in as many lines as it needs. */
export function layHeading(title: string | undefined, left: number, right: number): Part {
  if (!title) return { shapes: [], bottom: 0 }
  const lines = wrapText(title, 'heading', right - left, 4)
  const shapes = lines.map((text, i) => label(text, left, 12 + i * 17, 'heading'))
  return { shapes, bottom: 6 + lines.length * 17 }
}

/** One swatch and word for each kind, flowing over as many lines as it needs, then the notes. */
export function layFooter(
  kinds: Iterable<VmaKind>,
  notes: readonly Note[],
  top: number,
  left: number,
  right: number,
  more: readonly Entry[] = [],
): Part {
  const shapes: Shape[] = []
  let x = left
  let y = top + 18
  const entries: Entry[] = kindsIn(kinds).map((kind) => ({
    word: KIND_WORDS[kind],
    draw: (at, middle) => [swatch(kind, 'thin', at, middle)],
  }))
  for (const { word, draw } of [...entries, ...more]) {
    const width = SWATCH.width + 6 + textWidth(word, 'label')
    if (x > left && x + width > right) {
      x = left
      y += LEGEND_LINE
    }
    shapes.push(...draw(x, y), label(word, x + SWATCH.width + 6, y, 'label'))
    x += width + 18
  }
  return layNotes(notes, shapes, x, y, left, right)
}

/** A small block for a legend. */
export function swatch(fill: Fill, edge: Edge, x: number, y: number): Block {
  const { width, height } = SWATCH
  return { shape: 'block', x, y: y - height / 2, width, height, fill, edge }
}

/** A single short note stands at the right of the legend's last line, others below it. */
function layNotes(
  notes: readonly Note[],
  legend: Shape[],
  x: number,
  y: number,
  left: number,
  right: number,
): Part {
  if (legend.length === 0 && notes.length === 0) return { shapes: [], bottom: y - 10 }
  const { text = '', type = 'small', colour = 'ink2' } = notes[0] ?? {}
  if (legend.length > 0 && notes.length === 1 && x + textWidth(text, type) <= right) {
    const aside = label(text, right, y, type, { colour, anchor: 'end' })
    return { shapes: [...legend, aside], bottom: y + 12 }
  }
  const first = legend.length > 0 ? y + 20 : y
  const lines = notes.flatMap((each) => noteLines(each, first, left, right))
  const placed = lines.map((each, i) => ({ ...each, y: first + i * NOTE_LINE }))
  return { shapes: [...legend, ...placed], bottom: (placed.at(-1)?.y ?? y) + 12 }
}

function noteLines(
  { text, type = 'small', colour = 'ink2' }: Note,
  y: number,
  left: number,
  right: number,
): Label[] {
  return wrapText(text, type, right - left).map((each) => label(each, left, y, type, { colour }))
}
