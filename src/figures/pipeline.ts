// SPDX-License-Identifier: GPL-2.0-only
import {
  figureText,
  figureTitle,
  GROUND_WORDS,
  type LockClass,
  PIPELINE_LOCKS,
  type PipelineEra,
  type PipelineFigure,
} from '../trace/index.ts'
import { type Entry, layFooter, layHeading, swatch } from './furniture.ts'
import { layLane } from './lanes.ts'
import { layColumn, layMoves } from './pipeline_column.ts'
import { BAND, type Buckets, emptyBuckets, type Grid, ROW, ring, rowTop } from './pipeline_grid.ts'
import { type Label, label, line, px, type Scene, type Shape } from './scene.ts'
import { shorten, wrapText } from './text.ts'
import type { Fill } from './theme.ts'

const MARGIN = 4

/** Where everything is in a picture of the hooks of some eras. */
export function pipelineScene(figure: PipelineFigure, width: number): Scene {
  const { data, options } = figure
  const heading = layHeading(options.title, MARGIN, width - MARGIN)
  const buckets = emptyBuckets()
  buckets.labels.push(...heading.shapes)
  let top = heading.bottom + 4
  for (const eras of groups(data.eras, width)) top = layGroup(data, eras, top, width, buckets) + 12
  const note =
    'Hole: what was mapped in the range is gone. Nothing was there? Nothing is lost. Function names as in 7.3. The order is that of recorded runs.'
  const footer = layFooter(
    [],
    [{ text: note }],
    top - 8,
    MARGIN,
    width - MARGIN,
    entries(data.eras),
  )
  const flat = footer.shapes
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: [
      buckets.grounds,
      [...buckets.lines, ...flat.filter(({ shape }) => shape === 'path')],
      flat.filter(({ shape }) => shape === 'block'),
      buckets.badges,
      buckets.rings,
      [...buckets.labels, ...flat.filter(({ shape }) => shape === 'label')],
    ],
  }
}

/** Columns side by side: four on a wide screen, two on a narrower, one on a phone; rows of them are even. */
function groups(eras: readonly PipelineEra[], width: number): PipelineEra[][] {
  const most = width >= 900 ? 4 : width >= 560 ? 2 : 1
  const rows = Math.ceil(eras.length / most)
  const each = Math.ceil(eras.length / Math.max(1, rows))
  return Array.from({ length: rows }, (_, i) => eras.slice(i * each, (i + 1) * each))
}

function layGroup(
  data: PipelineFigure['data'],
  eras: readonly PipelineEra[],
  top: number,
  width: number,
  buckets: Buckets,
): number {
  const isNarrow = width < 560
  const words = isNarrow ? 114 : width >= 900 ? 176 : 172
  const column = (width - words - MARGIN) / eras.length
  const heads = eras.map((era, i) => headLabels(era, words + i * column, top, column - 8))
  const below = Math.max(...heads.map(({ bottom }) => bottom))
  for (const { labels } of heads) buckets.labels.push(...labels)
  const grid: Grid = {
    ids: data.stages.map(({ id }) => id),
    top: below + 8,
    noWayBack: data.stages.findIndex(({ id }) => id === data.noWayBack),
    width,
  }
  stageRows(data, grid, words, isNarrow, buckets)
  for (const [i, era] of eras.entries()) layColumn(era, grid, words + i * column, column, buckets)
  layMoves(eras, grid, words, column, buckets)
  return layExits(eras, rowTop(grid, grid.ids.length) + 10, words, column, width, buckets)
}

interface Head {
  readonly labels: Label[]
  readonly bottom: number
}

function headLabels(era: PipelineEra, x: number, top: number, room: number): Head {
  const name = shorten(era.name, 'heading', room)
  const when = wrapText(era.when, 'small', room, 2)
  const gets = wrapText(era.gets, 'flag', room, 5)
  const first = top + 12
  return {
    labels: [
      label(name, x, first, 'heading'),
      ...when.map((text, i) => label(text, x, first + 17 + i * 14, 'small', { colour: 'ink2' })),
      ...gets.map((text, i) =>
        label(text, x, first + 18 + when.length * 14 + i * 14, 'flag', { colour: 'driver-line' }),
      ),
    ],
    bottom: first + 14 + (when.length + gets.length) * 14,
  }
}

/** The words at the left, the stripes, and the band that crosses all columns. */
function stageRows(
  { stages }: PipelineFigure['data'],
  grid: Grid,
  words: number,
  isNarrow: boolean,
  buckets: Buckets,
): void {
  const room = words - MARGIN - 6
  for (const [row, { name, fn }] of stages.entries()) {
    const top = rowTop(grid, row)
    if (row % 2 === 0) buckets.grounds.push(rectangle(0, top, grid.width, ROW, 'wash'))
    const lines = isNarrow ? wrapText(name, 'label', room, 2) : [shorten(name, 'body', room)]
    const first = isNarrow ? top + ROW / 2 - (lines.length - 1) * 7 : top + 12
    for (const [i, text] of lines.entries())
      buckets.labels.push(label(text, MARGIN, first + i * 14, isNarrow ? 'label' : 'body'))
    const code = isNarrow ? '' : shorten(fn, 'smallMono', room)
    if (code) buckets.labels.push(label(code, MARGIN, top + 27, 'smallMono', { colour: 'ink2' }))
  }
  const band = rowTop(grid, grid.noWayBack) + ROW
  buckets.grounds.push(rectangle(0, band, grid.width, BAND, 'bad'))
  buckets.lines.push(line(`M0,${px(band)}H${grid.width}`, 'bad-line', 2))
  buckets.labels.push(
    label('No way back', MARGIN, band + BAND / 2, 'strong', { colour: 'bad-line' }),
  )
}

/** A rectangle as a ground. */
export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: 'wash' | 'bad',
): Shape {
  return {
    shape: 'path',
    d: `M${px(x)},${px(y)}h${px(width)}v${px(height)}h-${px(width)}z`,
    fill,
  }
}

/** The numbered exits below their columns: what has to be undone. */
function layExits(
  eras: readonly PipelineEra[],
  top: number,
  words: number,
  column: number,
  width: number,
  buckets: Buckets,
): number {
  buckets.lines.push(line(`M0,${px(top)}H${width}`, 'rule'))
  const title = wrapText('If it fails there, core must', 'strong', words - MARGIN - 8)
  for (const [i, text] of title.entries())
    buckets.labels.push(label(text, MARGIN, top + 18 + i * 16, 'strong'))
  let bottom = top + 18 + title.length * 16
  for (const [i, era] of eras.entries()) {
    const x = words + i * column
    let y = top + 18
    for (const [number, { s }] of era.exits.entries()) {
      ring(String(number + 1), x + 7, y, buckets)
      const lines = wrapText(s, 'small', column - 30)
      for (const [row, text] of lines.entries())
        buckets.labels.push(label(text, x + 19, y + row * 14, 'small'))
      y += lines.length * 14 + 4
    }
    bottom = Math.max(bottom, y)
  }
  return bottom
}

const GROUND_FILLS: Readonly<Record<string, Fill>> = { desc: 'desc', new: 'unseen' }

function entries(eras: readonly PipelineEra[]): Entry[] {
  const locks = new Set(eras.flatMap((era) => era.locks.map(({ kind }) => kind)))
  const grounds = new Set(eras.flatMap((era) => era.ground.map(({ kind }) => kind)))
  const merges = eras.some(({ merge }) => merge)
  return [
    ...Object.entries(PIPELINE_LOCKS)
      .filter(([kind]) => locks.has(kind))
      .map(([kind, word]): Entry => {
        return { word, draw: (x, y) => layLane({ style: kind as LockClass }, x + 9, y - 7, y + 7) }
      }),
    ...Object.entries(GROUND_WORDS)
      .filter(([kind]) => grounds.has(kind))
      .map(([kind, word]): Entry => ({ word, draw: (x, y) => [groundSwatch(kind, x, y)] })),
    ...(merges
      ? [{ word: 'the way of a merge', draw: (x: number, y: number) => [mergeLine(x, y)] }]
      : []),
  ]
}

function groundSwatch(kind: string, x: number, y: number): Shape {
  const fill = GROUND_FILLS[kind]
  if (fill) return swatch(fill, 'broken', x, y)
  return {
    shape: 'path',
    d: `M${px(x)},${px(y - 7)}h18v14h-18z`,
    fill: 'wash2',
    stroke: 'lock2',
    strokeWidth: 1.2,
  }
}

function mergeLine(x: number, y: number): Shape {
  return { ...line(`M${px(x)},${px(y)}h18`, 'good', 1.6), dash: '4 2' }
}
