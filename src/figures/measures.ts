// SPDX-License-Identifier: GPL-2.0-only
import {
  figureText,
  figureTitle,
  type MeasuredGroup,
  type MeasuresFigure,
  measuredVerdict,
  valueText,
} from '../trace/index.ts'
import { type Entry, layFooter, layHeading, type Part, swatch } from './furniture.ts'
import { layered } from './layers.ts'
import { fittedLabel, label, line, px, type Scene, type Shape } from './scene.ts'
import { textWidth, wrapText } from './text.ts'
import type { Fill } from './theme.ts'

const MARGIN = 4
const BAR = 14
const ROW = 18
/** Between a name and its bar, a bar and its value. */
const GAP = 6
/** The least that a bar of anything is wide. */
const LEAST = 2

/** Where everything is in a picture of what was measured. */
export function measuresScene(figure: MeasuresFigure, width: number): Scene {
  const { groups } = figure.data
  const right = width - MARGIN
  const heading = layHeading(figureTitle(figure), MARGIN, right)
  const shapes: Shape[] = [...heading.shapes]
  const columns = columnsOf(groups, width)
  let { bottom } = heading
  for (const group of groups) {
    const part = layGroup(group, bottom + 8, right, columns)
    shapes.push(...part.shapes)
    bottom = part.bottom
  }
  const footer = layFooter([], [], bottom, MARGIN, right, entries(groups))
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: layeredWithGoals([...shapes, ...footer.shapes]),
  }
}

/** A goal lies over the bar that reaches beyond it. */
function layeredWithGoals(shapes: readonly Shape[]): Shape[][] {
  const [goals = [], bars = [], words = []] = layered(shapes)
  return [bars, goals, words]
}

/** Where all bars begin, and how long the longest of a group is. */
interface Columns {
  readonly left: number
  readonly most: number
}

function columnsOf(groups: readonly MeasuredGroup[], width: number): Columns {
  const bars = groups.flatMap((group) => group.bars.map((bar) => ({ ...bar, unit: group.unit })))
  const names = Math.max(0, ...bars.map(({ name }) => textWidth(name, 'label')))
  const values = Math.max(0, ...bars.map(({ value, unit }) => valueWidth(value, unit)))
  const left = MARGIN + Math.min(names, width * 0.4) + (names > 0 ? GAP : 0)
  return { left, most: Math.max(LEAST, width - MARGIN - left - GAP - values) }
}

function valueWidth(value: number, unit: string): number {
  return textWidth(valueText(value, unit), 'label')
}

function layGroup(group: MeasuredGroup, top: number, right: number, columns: Columns): Part {
  const head = layHead(group, top, right)
  const { left, most } = columns
  const scale = most / Math.max(group.goal ?? 0, ...group.bars.map(({ value }) => value), 1e-9)
  const shapes: Shape[] = [...head.shapes]
  for (const [i, { name, value }] of group.bars.entries()) {
    const y = head.bottom + i * ROW
    const width = Math.max(LEAST, value * scale)
    const goal = i === 0 && group.goal !== undefined ? left + group.goal * scale : 0
    if (goal > 0) shapes.push(goalMark(goal, y, y + ROW))
    const words = valueText(value, group.unit)
    const end = left + width
    const crossed = end < goal && goal < end + 2 * GAP + textWidth(words, 'label')
    shapes.push(
      ...fittedLabel(left - GAP - MARGIN, name, MARGIN, y + ROW / 2, 'label'),
      {
        shape: 'block',
        x: left,
        y: y + (ROW - BAR) / 2,
        width,
        height: BAR,
        fill: fillOf(group, i),
        edge: 'thin',
      },
      label(words, (crossed ? goal : end) + GAP, y + ROW / 2, 'label'),
    )
  }
  return { shapes, bottom: head.bottom + group.bars.length * ROW }
}

/** The name of what was measured, and at the right or below it what came of it. */
function layHead(group: MeasuredGroup, top: number, right: number): Part {
  const said = measuredVerdict(group)
  const type = group.met === false ? 'strong' : 'label'
  const colour = group.met === false ? 'bad-line' : 'ink2'
  const room = right - MARGIN
  const beside = textWidth(group.name, 'body') + 16 + textWidth(said, type) <= room
  const names = wrapText(group.name, 'body', room, 3)
  const shapes: Shape[] = names.map((text, i) => label(text, MARGIN, top + 8 + i * 15, 'body'))
  if (beside) {
    shapes.push(label(said, right, top + 8, type, { colour, anchor: 'end' }))
    return { shapes, bottom: top + 17 }
  }
  const below = top + names.length * 15
  shapes.push(...fittedLabel(room, said, MARGIN, below + 7, type, { colour }))
  return { shapes, bottom: below + (said === '' ? 2 : 16) }
}

/** Across a bar. */
function goalMark(x: number, top: number, bottom: number): Shape {
  return line(`M${px(x)},${px(top)}V${px(bottom)}`, 'ink', 2)
}

function fillOf(group: MeasuredGroup, bar: number): Fill {
  if (bar > 0) return 'file'
  return group.met === false ? 'bad' : 'anon'
}

function entries(groups: readonly MeasuredGroup[]): Entry[] {
  const block =
    (fill: Fill): Entry['draw'] =>
    (x, y) => [swatch(fill, 'thin', x, y)]
  const all: (Entry & { readonly there: boolean })[] = [
    { word: 'measured', draw: block('anon'), there: groups.some(({ met }) => met !== false) },
    { word: 'misses its goal', draw: block('bad'), there: groups.some(({ met }) => met === false) },
    { word: 'beside it', draw: block('file'), there: groups.some(({ bars }) => bars.length > 1) },
    {
      word: 'goal',
      draw: (x, y) => [goalMark(x + 9, y - 7, y + 7)],
      there: groups.some(({ goal }) => goal !== undefined),
    },
  ]
  return all.filter(({ there }) => there)
}
