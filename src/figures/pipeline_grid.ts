// SPDX-License-Identifier: GPL-2.0-only
// What the columns of a pipeline share: their rows, their layers, their numbered rings.
import { label, px, type Shape } from './scene.ts'
import { textWidth } from './text.ts'

/** The height of a row, in px. */
export const ROW = 37
/** The height of the band that crosses all columns, in px. */
export const BAND = 22

/** The rows of a group of columns, in px. */
export interface Grid {
  readonly ids: readonly string[]
  /** The top of the first row. */
  readonly top: number
  /** The row after which there is no way back. */
  readonly noWayBack: number
  readonly width: number
}

/** The top of a row. */
export function rowTop({ top, noWayBack }: Grid, row: number): number {
  return top + row * ROW + (row > noWayBack ? BAND : 0)
}

/** The middle of the row of a stage; undefined for a stage that is none. */
export function rowMiddle(grid: Grid, id: string): number | undefined {
  const row = grid.ids.indexOf(id)
  return row < 0 ? undefined : rowTop(grid, row) + ROW / 2
}

/** The layers of a pipeline, from back to front. */
export interface Buckets {
  readonly grounds: Shape[]
  readonly lines: Shape[]
  readonly badges: Shape[]
  readonly rings: Shape[]
  readonly labels: Shape[]
}

/** Layers with nothing in them. */
export function emptyBuckets(): Buckets {
  return { grounds: [], lines: [], badges: [], rings: [], labels: [] }
}

/** A number in a ring: where the call leaves, and what that costs. */
export function ring(text: string, x: number, y: number, buckets: Buckets): void {
  const r = Math.max(7, textWidth(text, 'smallLetter') / 2 + 3)
  buckets.rings.push({
    shape: 'path',
    d: `M${px(x - r)},${px(y)}a${px(r)},${px(r)},0,1,0,${px(2 * r)},0a${px(r)},${px(r)},0,1,0,-${px(2 * r)},0z`,
    fill: 'bad',
    stroke: 'bad-line',
    strokeWidth: 1.3,
  })
  buckets.labels.push(label(text, x, y, 'smallLetter', { anchor: 'middle', colour: 'bad-line' }))
}
