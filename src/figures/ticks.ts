// SPDX-License-Identifier: GPL-2.0-only
import { hexText } from '../trace/index.ts'
import { type Label, label, labelBox, line, px, type Shape } from './scene.ts'
import type { Strip } from './strip.ts'
import { textWidth } from './text.ts'

const TICK = 5
const LINE = 13
/** The least room between two labels. */
const SPACE = 6
/** Addresses of one island repeat their beginning: it is left out when that saves at least this many digits. */
const SAVED = 3

/** Ticks below a strip, and how far down they reach. */
export interface Ticks {
  readonly marks: readonly Shape[]
  readonly labels: readonly Label[]
  readonly bottom: number
}

interface Tick {
  readonly x: number
  readonly text: string
  /** The first of an island: its address is in full, and the others of the island depend on it. */
  readonly leads: boolean
}

/**
 * The addresses of a strip's edges: the first of an island in full, then only the digits that change. Labels that would
 * touch are left out, but the first of an island moves to a second line.
 */
export function layTicks(strip: Strip, y: number, left: number, right: number): Ticks {
  const ticks = ticksOf(strip)
  const rows: Label[][] = [[], []]
  const marks: Shape[] = []
  const place = (tick: Tick, mostRows: number): boolean => {
    for (let row = 0; row < mostRows; row++) {
      const placed = placeIn(rows[row] ?? [], tick, y + TICK + 8 + row * LINE, left, right)
      if (!placed) continue
      rows[row]?.push(placed)
      if (row > 0) marks.push(line(`M${px(tick.x)},${px(y + TICK)}V${px(y + LINE + 4)}`, 'ink2'))
      return true
    }
    return false
  }
  for (const tick of ticks.filter((each) => each.leads)) place(tick, 2)
  const others = ticks.filter((each) => !each.leads)
  const last = others.pop()
  for (const tick of last ? [last, ...others] : []) place(tick, 1)
  marks.push(line(ticks.map((tick) => `M${px(tick.x)},${px(y)}V${px(y + TICK)}`).join(''), 'ink2'))
  const used = rows[1]?.length ? 2 : 1
  return { marks, labels: rows.flat(), bottom: y + TICK + 2 + used * LINE }
}

function ticksOf(strip: Strip): Tick[] {
  const ticks: Tick[] = []
  let first = 0
  let previous: number | undefined
  for (const slot of strip.slots) {
    if (slot.use !== 'mapped') {
      if (slot.use === 'folded') previous = undefined
      continue
    }
    const leads = previous === undefined
    if (leads) first = slot.start
    if (slot.start !== previous)
      ticks.push({
        x: slot.x,
        text: leads ? hexText(first) : shortAddress(slot.start, first),
        leads,
      })
    ticks.push({ x: slot.x + slot.width, text: shortAddress(slot.end, first), leads: false })
    previous = slot.end
  }
  return ticks
}

/** An address beside another one that is written in full: `…4000` after `0x7f2a40000000`. */
export function shortAddress(address: number, full: number): string {
  const digits = address.toString(16)
  const other = full.toString(16)
  let same = 0
  while (same < digits.length && digits[same] === other[same]) same++
  if (digits.length !== other.length || same < SAVED) return hexText(address)
  return `…${digits.slice(Math.min(same, digits.length - 4))}`
}

/** Under its tick if there is room, else beside it. */
function placeIn(
  row: readonly Label[],
  tick: Tick,
  y: number,
  left: number,
  right: number,
): Label | undefined {
  const width = textWidth(tick.text, 'mono')
  const starts = [tick.x - width / 2, tick.x - 2, tick.x - width + 2]
  for (const start of starts) {
    const x = Math.min(Math.max(start, left), right - width)
    const candidate = label(tick.text, x, y, 'mono', { colour: 'ink2' })
    const isFree = row.every((other) => {
      const box = labelBox(other)
      return x >= box.x + box.width + SPACE || x + width + SPACE <= box.x
    })
    if (isFree && Math.abs(x + width / 2 - tick.x) <= width / 2 + 2) return candidate
  }
  return undefined
}
