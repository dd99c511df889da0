// SPDX-License-Identifier: GPL-2.0-only
// One scale of addresses for many rows.
import { type AddressRange, foldLimit, pagesIn } from '../trace/index.ts'
import { FOLD, type Piece, type Slot, type Strip, share } from './strip.ts'

/** Addresses to px. */
export interface Scale extends Strip {
  /** The px of an address; what lies outside is at the end next to it. */
  x(address: number): number
}

/**
 * A scale on which all ranges have their place: true to size when each gets `least` px, else by the logarithm. Gaps
 * that no range covers are folded when they are long.
 */
export function layScale(
  ranges: readonly AddressRange[],
  left: number,
  width: number,
  least = 16,
): Scale {
  const pieces = cutAll(ranges)
  const folds = pieces.filter(({ use }) => use === 'folded').length
  // Where even the folds would leave nothing they are ordinary gaps: the scale is logarithmic then.
  const open = width - folds * FOLD
  const trueWidths = share(pieces, open, ({ start, end }) => end - start, 0, least > 0 ? 4 : 1)
  const perPage = trueScale(pieces, trueWidths)
  const isTrue = ranges.every((range) => pagesIn(range) * perPage >= least)
  const floor = Math.min(40, (0.8 * open) / Math.max(1, pieces.length))
  const widths =
    isTrue || open <= 0
      ? trueWidths
      : share(
          pieces,
          open,
          (piece) => 1 + 0.7 * Math.log2(pagesIn(piece)),
          floor,
          Math.min(4, floor),
        )
  let x = left
  const slots = pieces.map((piece, i): Slot => {
    const slot = { ...piece, x, width: widths[i] ?? 0 }
    x += slot.width
    return slot
  })
  return { slots, isTrue, x: (address) => place(slots, address, left) }
}

function place(slots: readonly Slot[], address: number, left: number): number {
  let [low, high] = [0, slots.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((slots[middle] as Slot).end < address) low = middle + 1
    else high = middle
  }
  const slot = slots[low]
  if (!slot) {
    const last = slots.at(-1)
    return last ? last.x + last.width : left
  }
  if (address <= slot.start) return slot.x
  return slot.x + (slot.width * (address - slot.start)) / (slot.end - slot.start)
}

/** The px of a page where everything is true to size. */
function trueScale(pieces: readonly Piece[], widths: readonly number[]): number {
  const i = pieces.findIndex(({ use }) => use === 'mapped')
  const piece = pieces[i]
  return piece ? (widths[i] ?? 0) / pagesIn(piece) : 0
}

/** Every edge of every range cuts; what no range covers is free, or folded. */
function cutAll(ranges: readonly AddressRange[]): Piece[] {
  const limit = foldLimit(joined(ranges))
  const edges = [...new Set(ranges.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b)
  const covers = joined(ranges)
  let cover = 0
  return edges.slice(1).map((end, i): Piece => {
    const start = edges[i] ?? end
    while ((covers[cover]?.end ?? end) < end) cover++
    const isMapped = (covers[cover]?.start ?? end) <= start
    return { use: isMapped ? 'mapped' : end - start > limit ? 'folded' : 'free', start, end }
  })
}

/** The ranges where they overlap or touch made one, in order. */
function joined(ranges: readonly AddressRange[]): AddressRange[] {
  const found: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = found.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else found.push({ start, end })
  }
  return found
}
