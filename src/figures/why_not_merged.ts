// SPDX-License-Identifier: GPL-2.0-only
import { figureText, figureTitle, type MergeRow, type WhyNotMergedFigure } from '../trace/index.ts'
import { layHeading, type Part } from './furniture.ts'
import { layered } from './layers.ts'
import { layScale } from './scale.ts'
import { label, line, px, type Scene, type Shape } from './scene.ts'
import { vmaShapes } from './states.ts'
import { shorten, wrapText } from './text.ts'
import type { Colour } from './theme.ts'

const MARGIN = 4
const STRIP = 42
const ROW = 27
const WIDE = 560

/** Where everything is in a picture of why two VMAs are two. Without `table` only the two blocks are drawn. */
export function whyNotMergedScene(figure: WhyNotMergedFigure, width: number, table = true): Scene {
  const { data, options } = figure
  const right = width - MARGIN
  const heading = layHeading(options.title, MARGIN, right)
  const blocks = layPair(data, heading.bottom + 10, width)
  const rows = table ? layTable(data, blocks.bottom, width) : { shapes: [], bottom: blocks.bottom }
  return {
    width,
    height: Math.ceil(rows.bottom + 4),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: [...layered([...heading.shapes, ...blocks.shapes, ...rows.shapes]), [blocks.border]],
  }
}

function layPair(
  data: WhyNotMergedFigure['data'],
  top: number,
  width: number,
): Part & { readonly border: Shape } {
  const { left, right, merged, verdict } = data
  const scale = layScale([left, right], MARGIN, width - 2 * MARGIN, 60)
  const row = { scale, top, height: STRIP }
  const border = (scale.x(left.end) + scale.x(right.start)) / 2
  const colour = merged ? 'good' : 'bad-line'
  const text = merged ? 'they merge' : `not merged: ${verdict}`
  const lines = wrapText(text, 'heading', width - 2 * MARGIN, 3)
  return {
    shapes: [
      ...vmaShapes(left, row, 'thin', true),
      ...vmaShapes(right, row, 'thin', true),
      ...lines.map((each, i) =>
        label(each, width / 2, top + STRIP + 22 + i * 17, 'heading', { anchor: 'middle', colour }),
      ),
    ],
    bottom: top + STRIP + 16 + lines.length * 17,
    border: line(`M${px(border)},${px(top - 9)}V${px(top + STRIP + 9)}`, colour, 3),
  }
}

/** Where the columns of the table begin, in px. */
interface Columns {
  readonly what: number
  readonly left: number
  readonly right: number
  /** null: no room for the function. */
  readonly fn: number | null
  readonly end: number
}

function layTable(data: WhyNotMergedFigure['data'], top: number, width: number): Part {
  const isWide = width >= WIDE
  const inner = width - 2 * MARGIN - 22
  const columns: Columns = isWide
    ? {
        what: MARGIN + 22,
        left: MARGIN + 22 + inner * 0.31,
        right: MARGIN + 22 + inner * 0.52,
        fn: MARGIN + 22 + inner * 0.74,
        end: width - MARGIN,
      }
    : {
        what: MARGIN + 22,
        left: MARGIN + 22,
        right: MARGIN + 22 + inner / 2,
        fn: null,
        end: width - MARGIN,
      }
  const shapes: Shape[] = isWide ? headShapes(data, columns, top + 12) : []
  let y = top + (isWide ? 24 : 8)
  for (const row of data.rows) {
    const height = rowHeight(row, isWide)
    shapes.push(...rowShapes(row, columns, y, height, width))
    y += height
  }
  const also = wrapText(data.also ?? '', 'small', width - 2 * MARGIN)
  shapes.push(
    ...also.map((text, i) => label(text, MARGIN, y + 16 + i * 15, 'small', { colour: 'ink2' })),
  )
  return { shapes, bottom: y + 10 + also.length * 15 }
}

function headShapes(data: WhyNotMergedFigure['data'], columns: Columns, y: number): Shape[] {
  const head = (text: string, x: number) => label(text, x, y, 'flag', { colour: 'ink2' })
  return [
    head('must hold', columns.what),
    head(data.left.id, columns.left),
    head(data.right.id, columns.right),
    ...(columns.fn === null ? [] : [head('decided in', columns.fn)]),
  ]
}

function rowHeight(row: MergeRow, isWide: boolean): number {
  return isWide || (!row.left && !row.right) ? ROW : ROW + 16
}

function rowShapes(
  row: MergeRow,
  columns: Columns,
  top: number,
  height: number,
  width: number,
): Shape[] {
  const { what, left, right, fn } = columns
  const failed = row.ok === false
  const colour: Colour = row.ok === null ? 'ink2' : 'ink'
  const isStacked = fn === null
  const y = isStacked && height > ROW ? top + 13 : top + ROW / 2
  const valueY = isStacked ? top + 30 : y
  const ground: Shape[] = failed
    ? [{ shape: 'path', d: `M0,${px(top)}H${width}V${px(top + height)}H0Z`, fill: 'bad' }]
    : []
  const value = (text: string, from: number, to: number) => {
    const short = shorten(text, 'mono', to - from - 8)
    return short ? [label(short, from, valueY, 'mono', { colour })] : []
  }
  const room = (isStacked ? columns.end : left) - what - 8
  return [
    ...ground,
    line(`M0,${px(top)}H${width}`, 'rule'),
    ...mark(row.ok, MARGIN + 2, y),
    label(
      shorten(row.what, failed ? 'strong' : 'body', room),
      what,
      y,
      failed ? 'strong' : 'body',
      { colour },
    ),
    ...value(row.left, left, right),
    ...value(row.right, right, fn ?? columns.end),
    ...(fn === null
      ? []
      : [
          label(shorten(row.fn, 'smallMono', columns.end - fn), fn, y, 'smallMono', {
            colour: 'ink2',
          }),
        ]),
  ]
}

/** A tick, a cross, or a dash for what was not asked. */
function mark(ok: boolean | null, x: number, y: number): Shape[] {
  if (ok === null) return [line(`M${px(x)},${px(y)}h11`, 'ink2', 1.8)]
  return ok
    ? [line(`M${px(x)},${px(y)}l4,5l8,-10`, 'good', 2)]
    : [line(`M${px(x)},${px(y - 5)}l10,10m0,-10l-10,10`, 'bad-line', 2)]
}
