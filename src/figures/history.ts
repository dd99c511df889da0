// SPDX-License-Identifier: GPL-2.0-only
import {
  type AddressRange,
  counted,
  type FigureVma,
  figureText,
  figureTitle,
  type HistoryFigure,
  kindOf,
  mapsLine,
} from '../trace/index.ts'
import { layFooter, layHeading, type Note } from './furniture.ts'
import { layered } from './layers.ts'
import { layScale, type Scale } from './scale.ts'
import { label, line, px, type Scene, type Shape } from './scene.ts'
import { shorten, textWidth } from './text.ts'
import { layTicks } from './ticks.ts'

const MARGIN = 4
const ROW = 17
const RULE_EVERY = 5
/** Narrower than this the calls are a list below the picture. */
const WIDE = 560
/** More VMAs in a row than this: those that no call touches are left out. */
const MOST_VMAS = 40

/** Where everything is in a picture of many calls on one address space. */
export function historyScene(figure: HistoryFigure, width: number): Scene {
  const { options, data } = figure
  const rows = rowsOf(data)
  const heading = layHeading(options.title, MARGIN, width - MARGIN)
  const top = heading.bottom + 6
  const isWide = width >= WIDE
  const left = isWide ? Math.min(252, width * 0.4) : 28 + errnoWidth(data)
  const right = width - MARGIN
  const ranges = [...rows.flatMap(({ vmas }) => vmas), ...rows.flatMap(({ touched }) => touched)]
  const scale = layScale(ranges, left, right - left, 0)
  const shapes: Shape[] = [
    ...heading.shapes,
    ...rules(rows.length, top, width),
    ...rows.flatMap((row, i) => rowShapes(row, rows[i - 1], top + i * ROW, scale)),
    ...data.calls.flatMap((call, i) =>
      callShapes(data.first + i, call, top + i * ROW + ROW / 2, left, isWide),
    ),
  ]
  const bottom = top + rows.length * ROW
  const ticks = layTicks(scale, bottom + 2, left, right)
  shapes.push(...ticks.marks, ...ticks.labels)
  const list = isWide ? [] : listShapes(data, ticks.bottom + 8, width)
  const listBottom = ticks.bottom + (isWide ? 0 : 8 + data.calls.length * 15)
  const footer = layFooter(
    rows.flatMap(({ vmas }) => vmas.map(kindOf)),
    notesOf(rows, scale),
    listBottom,
    MARGIN,
    right,
    [{ word: 'range of the call', draw: (x, y) => [line(`M${px(x)},${px(y)}h18`, 'ink', 2)] }],
  )
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: layered([...shapes, ...list, ...footer.shapes]),
  }
}

interface HistoryState {
  readonly vmas: readonly FigureVma[]
  readonly before: ReadonlySet<string>
  readonly touched: readonly AddressRange[]
  readonly isRefused: boolean
  readonly leftOut: number
}

function rowsOf({ calls, before }: HistoryFigure['data']): HistoryState[] {
  const steady = steadyVmas(calls.map(({ layout }) => layout))
  let last = before
  return calls.map(({ layout, touched, errno }) => {
    const known = new Set(last.map((vma) => JSON.stringify(vma)))
    last = layout
    const [start, end] = touched ?? []
    const vmas = layout.filter((vma) => !steady.has(JSON.stringify(vma)))
    return {
      vmas,
      before: known,
      touched: start === undefined || end === undefined ? [] : [{ start, end }],
      isRefused: errno !== undefined,
      leftOut: layout.length - vmas.length,
    }
  })
}

/** VMAs that are the same in every row, where there are too many to show. */
function steadyVmas(layouts: readonly (readonly FigureVma[])[]): ReadonlySet<string> {
  if (layouts.every((vmas) => vmas.length <= MOST_VMAS)) return new Set()
  const counts = new Map<string, number>()
  for (const vmas of layouts)
    for (const vma of vmas) {
      const key = JSON.stringify(vma)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  return new Set([...counts].filter(([, count]) => count === layouts.length).map(([key]) => key))
}

function rowShapes(
  row: HistoryState,
  above: HistoryState | undefined,
  top: number,
  scale: Scale,
): Shape[] {
  return [
    ...row.vmas.flatMap((vma) =>
      row.before.has(JSON.stringify(vma)) && above
        ? faintShapes(vma, top, scale)
        : changedShapes(vma, top, scale),
    ),
    ...row.touched.map(({ start, end }) => {
      const colour = row.isRefused ? 'bad-line' : 'ink'
      const [from, to] = [scale.x(start), scale.x(end)]
      return line(`M${px(from)},${px(top + ROW - 1)}H${px(Math.max(to, from + 2))}`, colour, 2)
    }),
  ]
}

/** What the call left alone: a band without edge, so that a life reads downwards. */
function faintShapes(vma: FigureVma, top: number, scale: Scale): Shape[] {
  const [from, to] = [scale.x(vma.start) + 0.6, scale.x(vma.end) - 0.6]
  const d = `M${px(from)},${px(top)}H${px(Math.max(to, from + 0.4))}V${px(top + ROW)}H${px(from)}Z`
  return [{ shape: 'path', d, fill: kindOf(vma), opacity: 0.6 }]
}

function changedShapes(vma: FigureVma, top: number, scale: Scale): Shape[] {
  const [x, end] = [scale.x(vma.start), scale.x(vma.end)]
  const width = end - x
  const fill = kindOf(vma)
  const both = `${vma.id} ${vma.perms}`
  const text = [both, vma.id].find((each) => textWidth(each, 'strongMono') <= width - 4)
  return [
    {
      shape: 'block',
      x,
      y: top + 1,
      width,
      height: ROW - 3,
      fill,
      edge: 'thin',
      hover: `${vma.id}  ${mapsLine(vma)}`,
    },
    ...(text
      ? [label(text, x + width / 2, top + ROW / 2, 'strongMono', { anchor: 'middle', halo: fill })]
      : []),
  ]
}

function callShapes(
  number: number,
  { call, errno }: HistoryFigure['data']['calls'][number],
  y: number,
  left: number,
  isWide: boolean,
): Shape[] {
  const colour = errno === undefined ? 'ink' : 'bad-line'
  const shapes: Shape[] = [label(String(number), 20, y, 'smallMono', { anchor: 'end', colour })]
  const error = errno === undefined ? '' : `-${errno}`
  const errorWidth = error ? textWidth(error, 'strongMono') + 6 : 0
  if (error) shapes.push(label(error, left - 6, y, 'strongMono', { anchor: 'end', colour }))
  const text = isWide ? shorten(call, 'smallMono', left - 34 - errorWidth) : ''
  if (text) shapes.push(label(text, 27, y, 'smallMono', { colour }))
  return shapes
}

function errnoWidth({ calls }: HistoryFigure['data']): number {
  const widths = calls.map(({ errno }) => (errno ? textWidth(`-${errno}`, 'strongMono') + 8 : 0))
  return Math.max(0, ...widths)
}

/** The calls below the picture, where there is no room beside it. */
function listShapes({ calls, first }: HistoryFigure['data'], top: number, width: number): Shape[] {
  return calls.flatMap(({ call, errno }, i) => {
    const colour = errno === undefined ? 'ink' : 'bad-line'
    const y = top + i * 15 + 7
    const text = shorten(call, 'smallMono', width - 27 - MARGIN)
    return [
      label(String(first + i), 20, y, 'smallMono', { anchor: 'end', colour }),
      ...(text ? [label(text, 27, y, 'smallMono', { colour })] : []),
    ]
  })
}

function rules(rows: number, top: number, width: number): Shape[] {
  const lines: string[] = []
  for (let row = 0; row < rows; row += RULE_EVERY) lines.push(`M0,${px(top + row * ROW)}H${width}`)
  return lines.length > 0 ? [line(lines.join(''), 'rule')] : []
}

function notesOf(rows: readonly HistoryState[], scale: Scale): Note[] {
  const leftOut = rows[0]?.leftOut ?? 0
  const isFolded = scale.slots.some(({ use }) => use === 'folded')
  return [
    ...(leftOut > 0
      ? [{ text: `${counted(leftOut, 'VMA')} that no call touches are left out` }]
      : []),
    ...(isFolded ? [{ text: 'Wide gaps are narrowed' }] : []),
  ]
}
