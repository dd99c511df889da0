// SPDX-License-Identifier: GPL-2.0-only
// A VMA in one row of a figure, and what may lie in its place.
import { hexText, kindOf, mapsLine, type StepVma, vmaFacts } from '../trace/index.ts'
import { type Entry, swatch } from './furniture.ts'
import type { Scale } from './scale.ts'
import { type Block, label, type Shape } from './scene.ts'
import { shorten, textWidth } from './text.ts'
import { type Edge, type Fill, lineOf } from './theme.ts'

/** Where a row of blocks is, in px. */
export interface Row {
  readonly scale: Scale
  readonly top: number
  readonly height: number
}

/** A VMA, a hole, a description as a block with its letter; `details` adds permissions and offset where they fit. */
export function vmaShapes(
  vma: StepVma,
  { scale, top, height }: Row,
  edge: Edge = 'thin',
  details = false,
): Shape[] {
  const [x, end] = [scale.x(vma.start), scale.x(vma.end)]
  const look = lookOf(vma, edge)
  const block: Block = {
    shape: 'block',
    x,
    y: top,
    width: end - x,
    height,
    ...look,
    hover: hoverOf(vma),
  }
  return [block, ...labelsOf(vma, block, details)]
}

function lookOf(vma: StepVma, edge: Edge): { readonly fill: Fill; readonly edge: Edge } {
  switch (vma.state) {
    case 'hole':
      return { fill: 'bad', edge: 'broken' }
    case 'desc':
      return { fill: 'desc', edge: 'broken' }
    case 'new':
      return { fill: 'unseen', edge: 'broken' }
    case 'detached':
    case 'closed':
      return { fill: 'unseen', edge: 'dashed' }
    default:
      return { fill: kindOf(vma), edge }
  }
}

function hoverOf(vma: StepVma): string {
  if (vma.state === 'hole')
    return `${hexText(vma.start)}-${hexText(vma.end)}: what was mapped is lost`
  if (vma.state === 'desc') return 'a description: no VMA exists yet'
  return `${mapsLine(vma)}\n${vmaFacts(vma)}, VMA ${vma.id}`
}

function labelsOf(vma: StepVma, block: Block, details: boolean): Shape[] {
  const { x, y, width, height, fill } = block
  const middle = x + width / 2
  const colour = textColour(vma)
  const look = { anchor: 'middle', halo: fill, colour } as const
  const name = vma.state === 'closed' ? `${vma.id}×` : vma.id
  const room = width - 4
  const type = textWidth(name, 'letter') <= room ? 'letter' : 'smallLetter'
  const letter = shorten(name, type, room)
  if (!letter) return []
  const lines = details && vma.state === undefined ? detailsOf(vma, room) : []
  const first = y + height / 2 - (lines.length * 15) / 2
  return [
    label(letter, middle, first, type, look),
    ...lines.map((text, i) => label(text, middle, first + 15 * (i + 1), 'mono', look)),
  ]
}

function textColour(vma: StepVma): ReturnType<typeof lineOf> | 'ink' | 'ink2' {
  if (vma.state === 'hole') return lineOf('bad')
  return vma.state === 'detached' || vma.state === 'closed' ? 'ink2' : 'ink'
}

/** Permissions and offset in one line, or the permissions alone, or nothing. */
function detailsOf(vma: StepVma, room: number): string[] {
  const hasOffset = kindOf(vma) !== 'anon' && !vma.name?.startsWith('[')
  const pgoff = vma.pgoff < 10 ? String(vma.pgoff) : hexText(vma.pgoff)
  const choices = [...(hasOffset ? [`${vma.perms} pgoff ${pgoff}`] : []), vma.perms]
  return choices.filter((text) => textWidth(text, 'mono') <= room).slice(0, 1)
}

/** The legend of the states that occur. */
export function stateEntries(vmas: readonly StepVma[]): Entry[] {
  const present = new Set(vmas.map(({ state }) => state))
  const entries: readonly (readonly [StepVma['state'], string, Fill, Edge])[] = [
    ['detached', 'taken out', 'unseen', 'dashed'],
    ['closed', 'taken out, × closed', 'unseen', 'dashed'],
    ['desc', 'only a description', 'desc', 'broken'],
    ['new', 'a VMA nobody can see', 'unseen', 'broken'],
    ['hole', 'a hole: lost', 'bad', 'broken'],
  ]
  return entries
    .filter(([state]) => present.has(state) && !(state === 'detached' && present.has('closed')))
    .map(([, word, fill, edge]) => ({ word, draw: (x, y) => [swatch(fill, edge, x, y)] }))
}

/** The kinds of the VMAs that are there. */
export function kindsOf(vmas: readonly StepVma[]): ReturnType<typeof kindOf>[] {
  return vmas.filter(({ state }) => state === undefined).map(kindOf)
}
