// SPDX-License-Identifier: GPL-2.0-only
import {
  counted,
  countText,
  type FigureVma,
  hexText,
  kindOf,
  mapsLine,
  pagesIn,
  sizeText,
  vmaFacts,
} from '../trace/index.ts'
import type { Body, Note } from './furniture.ts'
import { layFlags, type Pair } from './layout_flags.ts'
import { baseName, LETTER_NOTE, letterOf } from './names.ts'
import { type Block, type Label, label, line, px, type Shape } from './scene.ts'
import { layStrip, type Slot, type Strip } from './strip.ts'
import { shorten, textWidth } from './text.ts'
import { layTicks } from './ticks.ts'

const LETTERS = 18
const BLOCK = 56
const INSIDE = 15

/** The blocks of a few VMAs, one beside the other. Preconditions: stripFits(vmas, right - left). */
export function layBlocks(
  vmas: readonly FigureVma[],
  top: number,
  left: number,
  right: number,
): Body {
  const strip = layStrip(vmas, left, right - left)
  const y = top + LETTERS
  const mapped = strip.slots.filter((slot) => slot.use === 'mapped')
  const pairs = vmas.flatMap((vma, i) => (mapped[i] ? [{ vma, slot: mapped[i] }] : []))
  const ticks = layTicks(strip, y + BLOCK, left, right)
  const flags = layFlags(pairs, ticks.bottom, left, right)
  const shapes = [
    ...strip.slots.filter((slot) => slot.use !== 'mapped').flatMap((slot) => gapShapes(slot, y)),
    ...pairs.map(({ vma, slot }) => block(vma, slot, y)),
    ...ticks.marks,
    ...ticks.labels,
    ...layLetters(pairs, top + 9, left, right),
    ...pairs.flatMap(({ vma, slot }) => insideLabels(vma, slot, y)),
    ...flags.shapes,
  ]
  const isShort = pairs.some(({ vma, slot }) => !permsFit(vma, slot))
  const notes = [scaleNote(strip), ...(isShort ? [{ text: LETTER_NOTE }] : [])]
  return { shapes, bottom: flags.bottom, notes }
}

function scaleNote({ isTrue, slots }: Strip): Note {
  const scale = isTrue ? 'Width is true to size' : 'Width grows with the logarithm of the size'
  const isFolded = slots.some((slot) => slot.use === 'folded')
  return { text: isFolded ? `${scale}; gaps between // are folded` : scale }
}

function block(vma: FigureVma, slot: Slot, y: number): Block {
  const hover = `${mapsLine(vma)}\n${vmaFacts(vma)}, VMA ${vma.id}`
  const { x, width } = slot
  return { shape: 'block', x, y, width, height: BLOCK, fill: kindOf(vma), edge: 'thin', hover }
}

/** The letter goes last: it shrinks before it is left out for touching its neighbour. */
function layLetters(pairs: readonly Pair[], y: number, left: number, right: number): Label[] {
  let reached = left
  return pairs.flatMap(({ vma, slot }) => {
    const middle = slot.x + slot.width / 2
    for (const type of ['letter', 'smallLetter'] as const) {
      const text = shorten(vma.id, type, Math.max(slot.width, 60))
      const half = textWidth(text, type) / 2
      const x = Math.min(Math.max(middle, left + half), right - half)
      if (!text || x - half < reached) continue
      reached = x + half + 2
      return [label(text, x, y, type, { anchor: 'middle' })]
    }
    return []
  })
}

/**
 * Permissions, name and page offset: what does not fit is left out, the page offset first; permissions shrink to a
 * letter.
 */
function insideLabels(vma: FigureVma, slot: Slot, top: number): Label[] {
  const room = roomIn(slot)
  const pgoff = pgoffText(vma)
  const texts = permsFit(vma, slot)
    ? [nameText(vma, room), textWidth(pgoff, 'label') <= room ? pgoff : ''].filter(Boolean)
    : []
  const perms = permsFit(vma, slot) ? vma.perms : letterOf(vma.perms)
  const first = top + BLOCK / 2 - (texts.length * INSIDE) / 2
  const x = slot.x + slot.width / 2
  const look = { anchor: 'middle', halo: kindOf(vma) } as const
  return [
    label(perms, x, first, 'perms', look),
    ...texts.map((text, i) => label(text, x, first + (i + 1) * INSIDE, 'label', look)),
  ]
}

function roomIn(slot: Slot): number {
  return slot.width - 6
}

function permsFit(vma: FigureVma, slot: Slot): boolean {
  return textWidth(vma.perms, 'perms') <= roomIn(slot)
}

function nameText(vma: FigureVma, room: number): string {
  if (!vma.name) return shorten('anon', 'label', room)
  if (vma.name.length <= 24 && textWidth(vma.name, 'label') <= room) return vma.name
  return shorten(baseName(vma.name), 'label', room)
}

/** Decimal below 10, else hex; anonymous memory has one too, but it only repeats the address. */
function pgoffText(vma: FigureVma): string {
  if (kindOf(vma) === 'anon' || vma.name?.startsWith('[')) return ''
  return `pgoff ${vma.pgoff < 10 ? vma.pgoff : hexText(vma.pgoff)}`
}

function gapShapes(slot: Slot, top: number): Shape[] {
  const base = top + BLOCK
  const middle = slot.x + slot.width / 2
  const from = px(slot.x + 1)
  const to = px(slot.x + slot.width - 1)
  if (slot.use === 'free')
    return [
      line(`M${from},${px(base)}H${to}`, 'ink2'),
      ...freeLabels(slot, middle, top + BLOCK / 2),
    ]
  const axis = `M${from},${px(base)}H${px(middle - 6)}M${px(middle + 6)},${px(base)}H${to}`
  return [
    line(axis, 'ink2'),
    line(breakMark(middle, base), 'ink2', 1.4),
    ...middleLines(sizeText(slot.end - slot.start).split(' '), middle, top + BLOCK / 2),
  ]
}

/** The `//` of a folded gap. */
export function breakMark(x: number, y: number): string {
  return `M${px(x - 7)},${px(y + 5)}l6,-10M${px(x + 1)},${px(y + 5)}l6,-10`
}

function freeLabels(slot: Slot, x: number, y: number): Label[] {
  const pages = pagesIn(slot)
  const [count = '', noun = ''] = counted(pages, 'page').split(' ')
  const choices = [[`${count} ${noun}`], [count, noun], [countText(pages)]]
  const room = slot.width - 4
  const texts = choices.find((each) => each.every((text) => textWidth(text, 'label') <= room))
  return texts ? middleLines(texts, x, y) : []
}

function middleLines(texts: readonly string[], x: number, y: number): Label[] {
  const first = y - ((texts.length - 1) * 13) / 2
  return texts.map((text, i) =>
    label(text, x, first + i * 13, 'label', { anchor: 'middle', colour: 'ink2' }),
  )
}
