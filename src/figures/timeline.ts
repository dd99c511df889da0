// SPDX-License-Identifier: GPL-2.0-only
import {
  counted,
  figureText,
  figureTitle,
  type TimelineFigure,
  type TimelineLane,
  type TimelineRow,
} from '../trace/index.ts'
import { type Entry, layFooter, layHeading, type Note } from './furniture.ts'
import { laneEntries, layLane } from './lanes.ts'
import { layered } from './layers.ts'
import { layScale, type Scale } from './scale.ts'
import { label, line, type Path, px, type Scene, type Shape } from './scene.ts'
import { kindsOf, stateEntries, vmaShapes } from './states.ts'
import { shorten, textWidth, wrapText } from './text.ts'
import { layTicks } from './ticks.ts'

const MARGIN = 4
const LANE = 9
const STRIP = 30
/** From these widths on the strip stands beside the words, and the notes beside the strip. */
const BESIDE = 560
const NOTED = 760

/** Where the columns of a timeline are, in px. */
interface Columns {
  readonly words: number
  readonly strip: readonly [left: number, right: number]
  /** null: no room for notes. */
  readonly notes: readonly [left: number, right: number] | null
  readonly row: number
  /** How far below a row's top its strip begins. */
  readonly stripAt: number
}

/** Where the rows of a picture of one call are, in px: row i begins at `top + i * height`. */
export interface FigureRows {
  readonly top: number
  readonly height: number
}

/** Where the rows of {@link timelineScene} are. */
export function timelineRows(figure: TimelineFigure, width: number): FigureRows {
  const { steps, lanes } = figure.data
  const { bottom } = layHeading(figure.options.title, MARGIN, width - MARGIN)
  return { top: bottom + 4, height: columnsOf(width, lanes.length, steps).row }
}

/** Where everything is in a picture of one call as it happened. */
export function timelineScene(figure: TimelineFigure, width: number): Scene {
  const { steps, lanes, folded } = figure.data
  const columns = columnsOf(width, lanes.length, steps)
  const heading = layHeading(figure.options.title, MARGIN, width - MARGIN)
  const top = heading.bottom + 4
  const scale = layScale(
    steps.flatMap(({ layout }) => layout),
    columns.strip[0],
    columns.strip[1] - columns.strip[0],
  )
  const shapes = [
    ...heading.shapes,
    ...steps.flatMap((row, i) => rowShapes(row, i, top + i * columns.row, columns, scale, width)),
    ...lanes.flatMap((lane, i) => laneShapes(lane, i, top, columns.row)),
  ]
  const bottom = top + steps.length * columns.row
  const ticks = scale.slots.length > 0 ? layTicks(scale, bottom + 2, ...columns.strip) : null
  if (ticks) shapes.push(...ticks.marks, ...ticks.labels)
  const all = steps.flatMap(({ layout }) => layout)
  const footer = layFooter(
    kindsOf(all),
    notesOf(folded, steps, scale),
    ticks?.bottom ?? bottom,
    MARGIN,
    width - MARGIN,
    [...stateEntries(all), ...laneEntries(lanes), ...ruleEntry(steps)],
  )
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: layered([...shapes, ...footer.shapes]),
  }
}

function columnsOf(width: number, lanes: number, steps: readonly TimelineRow[]): Columns {
  const words = MARGIN + lanes * LANE + 8
  const right = width - MARGIN
  if (width < BESIDE) return { words, strip: [words, right], notes: null, row: 82, stripAt: 43 }
  const notes = width >= NOTED ? 150 : 0
  const widest = Math.max(0, ...steps.map(({ name }) => textWidth(`00  ${name}`, 'strong') + 16))
  const wordsWidth = Math.min(widest, 280)
  return {
    words,
    strip: [words + wordsWidth, right - notes],
    notes: notes > 0 ? [right - notes + 8, right] : null,
    row: 56,
    stripAt: (56 - STRIP) / 2,
  }
}

function rowShapes(
  row: TimelineRow,
  i: number,
  top: number,
  { words, strip, notes, row: height, stripAt }: Columns,
  scale: Scale,
  width: number,
): Shape[] {
  const shapes: Shape[] = []
  if (i % 2 === 0)
    shapes.push({
      shape: 'path',
      d: `M0,${px(top)}H${px(width)}V${px(top + height)}H0Z`,
      fill: 'wash',
    })
  const isBeside = notes !== null || stripAt < 20
  const room = (isBeside ? strip[0] : strip[1]) - words - 10
  shapes.push(...wordShapes(row, i, top, words, room))
  for (const vma of row.layout)
    shapes.push(...vmaShapes(vma, { scale, top: top + stripAt, height: STRIP }))
  if (notes && row.note) shapes.push(...noteShapes(row, top, height, notes))
  if (row.noWayBack) shapes.push(line(`M0,${px(top + height)}H${px(width)}`, 'bad-line', 2.6))
  return shapes
}

/** Number, name and function; driver code wears the badge. */
function wordShapes(row: TimelineRow, i: number, top: number, left: number, room: number): Shape[] {
  const isHook = row.hook !== undefined
  const colour = row.errno !== undefined && !isHook ? 'bad-line' : 'ink'
  const name = shorten(`${i + 1}  ${row.name}`, 'strong', room)
  const fn = shorten(row.fn, 'smallMono', room)
  const badge: Path = {
    shape: 'path',
    d: roundBox(left - 5, top + 7, room + 10, 34),
    fill: 'driver',
    stroke: 'driver-line',
    strokeWidth: 1.4,
  }
  return [
    ...(isHook ? [badge] : []),
    label(name, left, top + 17, 'strong', { colour }),
    ...(fn ? [label(fn, left, top + 32, 'smallMono', { colour: isHook ? 'ink' : 'ink2' })] : []),
  ]
}

function roundBox(x: number, y: number, width: number, height: number): string {
  return `M${px(x + 4)},${px(y)}h${px(width - 8)}q4,0,4,4v${px(height - 8)}q0,4,-4,4h-${px(width - 8)}q-4,0,-4,-4v-${px(height - 8)}q0,-4,4,-4z`
}

function noteShapes(
  row: TimelineRow,
  top: number,
  height: number,
  [left, right]: readonly [number, number],
): Shape[] {
  const isBad = row.layout.some(({ state }) => state === 'hole')
  const lines = wrapText(row.note ?? '', 'label', right - left, 3)
  const first = top + height / 2 - ((lines.length - 1) * 14) / 2
  const colour = isBad ? 'bad-line' : 'ink2'
  return lines.map((text, i) => label(text, left, first + i * 14, 'label', { colour }))
}

function laneShapes(lane: TimelineLane, i: number, top: number, row: number): Shape[] {
  const x = MARGIN + i * LANE + 3
  return lane.held.flatMap(([from, to]) =>
    layLane(lane, x, top + from * row + 8, top + (to + 1) * row - 8),
  )
}

function ruleEntry(steps: readonly TimelineRow[]): Entry[] {
  if (!steps.some(({ noWayBack }) => noWayBack)) return []
  const draw = (x: number, y: number): Shape[] => [line(`M${px(x)},${px(y)}h18`, 'bad-line', 2.6)]
  return [{ word: 'no way back: an error leaves a hole', draw }]
}

function notesOf(folded: number, steps: readonly TimelineRow[], scale: Scale): Note[] {
  const isFolded = scale.slots.some(({ use }) => use === 'folded')
  return [
    ...(folded > 0 ? [{ text: `${counted(folded, 'step')} more, not shown` }] : []),
    ...(scale.isTrue || steps.length === 0
      ? []
      : [{ text: 'Width grows with the logarithm of the size' }]),
    ...(isFolded ? [{ text: 'A wide gap is narrowed' }] : []),
  ]
}
