// SPDX-License-Identifier: GPL-2.0-only
import { type AddressRange, foldLimit, pagesIn } from '../trace/index.ts'

/** The least px for a block whose width is true to size: room for its letter. */
const TRUE_BLOCK = 16
/** The least px on the logarithmic scale: room for the permissions and a short name. */
const LOG_BLOCK = 40
const GAP = 4
/** A folded gap: room for its size in words. */
export const FOLD = 46
/** Blocks need this many px each, on average: no less than LOG_BLOCK + GAP. */
const ROOM = 44

/** A piece of a strip, from left to right: a mapping, free addresses, or a gap that is folded. */
export interface Slot extends AddressRange {
  readonly use: 'mapped' | 'free' | 'folded'
  readonly x: number
  readonly width: number
}

/** Addresses laid out from left to right in px. */
export interface Strip {
  readonly slots: readonly Slot[]
  /** Whether mapped and free addresses are drawn true to size; else their widths follow the logarithm. */
  readonly isTrue: boolean
}

/** Whether ranges can be drawn as blocks one beside the other. */
export function stripFits(ranges: readonly AddressRange[], width: number): boolean {
  const folded = cut(ranges).filter((slot) => slot.use === 'folded').length
  return ranges.length * ROOM + folded * FOLD <= width
}

/** Lays sorted ranges and the gaps between them out over `width` px. Preconditions: stripFits(). */
export function layStrip(ranges: readonly AddressRange[], left: number, width: number): Strip {
  const pieces = cut(ranges)
  const open = width - pieces.filter((piece) => piece.use === 'folded').length * FOLD
  const trueWidths = share(pieces, open, (piece) => piece.end - piece.start, 0, GAP)
  const isTrue = pieces.every(
    (piece, i) => piece.use !== 'mapped' || at(trueWidths, i) >= TRUE_BLOCK,
  )
  const widths = isTrue
    ? trueWidths
    : share(pieces, open, (piece) => 1 + 0.7 * Math.log2(pagesIn(piece)), LOG_BLOCK, GAP)
  let x = left
  const slots = pieces.map((piece, i) => {
    const slot = { ...piece, x, width: at(widths, i) }
    x += slot.width
    return slot
  })
  return { slots, isTrue }
}

/** A slot before it has its place. */
export type Piece = Pick<Slot, 'use' | 'start' | 'end'>

/** Ranges and gaps in order; long gaps are folded. */
function cut(ranges: readonly AddressRange[]): Piece[] {
  const limit = foldLimit(ranges)
  return ranges.flatMap(({ start, end }, i) => {
    const before = ranges[i - 1]?.end ?? start
    const gap: Piece = {
      use: start - before > limit ? 'folded' : 'free',
      start: before,
      end: start,
    }
    const mapped: Piece = { use: 'mapped', start, end }
    return before < start ? [gap, mapped] : [mapped]
  })
}

/** Shares px out by weight; a piece whose share is below its floor gets the floor, and the others the rest. */
export function share(
  pieces: readonly Piece[],
  width: number,
  weigh: (piece: Piece) => number,
  blockFloor: number,
  gapFloor: number,
): number[] {
  const floors = pieces.map(({ use }) => (use === 'free' ? gapFloor : blockFloor))
  const weights = pieces.map((piece) => (piece.use === 'folded' ? 0 : weigh(piece)))
  const fixed = new Set(pieces.flatMap((piece, i) => (piece.use === 'folded' ? [i] : [])))
  const onFloor = new Set<number>()
  for (;;) {
    const room = width - sum([...onFloor].map((i) => at(floors, i)))
    const weight = sum(weights.filter((_, i) => !onFloor.has(i)))
    const widthOf = (i: number) =>
      onFloor.has(i) ? at(floors, i) : (room * at(weights, i)) / weight
    const low = pieces.findIndex(
      (_, i) => !fixed.has(i) && !onFloor.has(i) && widthOf(i) < at(floors, i),
    )
    if (low < 0) return pieces.map((_, i) => (fixed.has(i) ? FOLD : widthOf(i)))
    onFloor.add(low)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function at(numbers: readonly number[], i: number): number {
  return numbers[i] ?? 0
}
