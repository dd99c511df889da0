// SPDX-License-Identifier: GPL-2.0-only
import {
  type AddressRange,
  countText,
  type FigureVma,
  hexText,
  kindOf,
  mappedBytes,
  mapsLine,
  pagesIn,
  sizeText,
  vmaFacts,
} from '../trace/index.ts'
import type { Body } from './furniture.ts'
import { breakMark } from './layout_blocks.ts'
import { baseName, LETTER_NOTE, letterOf } from './names.ts'
import { type Block, fittedLabel, label, line, px, type Shape } from './scene.ts'
import { shorten, textWidth } from './text.ts'

const BLOCK = 24
const NAME_LINE = 15
const ROW_SPACE = 12
const LEAST_BLOCK = 13
/** px for each doubling of a VMA's size. */
const DOUBLING = 2.6
/** Room between two groups. */
const GROUP_SPACE = 6
/** A name may make its group wider than its blocks, up to this. */
const NAME = 76
/** Few VMAs, as in an example, have their letters below them; in a real process they would say nothing. */
const LETTERED_VMAS = 26
const LETTER_LINE = 12
const LETTER = 30
/** A gap longer than this breaks the row. */
const GREAT_GAP = 2 ** 30
const RULE_LINE = 26
/** On a narrow canvas the address stands above its row. */
const NARROW = 560

/** A VMA with the width of its block and, where there are few, its letter. */
interface Cell extends AddressRange {
  readonly vma: FigureVma
  readonly letter: string
  readonly width: number
  /** Bytes to the next VMA; 0 when it follows at once. */
  readonly gap: number
}

/** VMAs that touch in memory and map the same file, under one name, with the gap that follows. */
interface Group extends AddressRange {
  readonly cells: readonly Cell[]
  readonly width: number
  readonly gap: number
}

/** A line of groups; what follows a great gap starts with the rule that names it. */
interface Row {
  readonly groups: Group[]
  readonly greatGap: number
}

/** Real maps: the VMAs in rows that wrap like text. */
export function layRows(
  vmas: readonly FigureVma[],
  top: number,
  left: number,
  right: number,
): Body {
  const isNarrow = right - left < NARROW
  const start = isNarrow ? left : left + addressRoom(vmas)
  const isLettered = vmas.length <= LETTERED_VMAS
  const cells = vmas.map((vma, i) => makeCell(vma, gapAfter(vmas, i), isLettered))
  const rows = wrapGroups(groupCells(cells, right - start), right - start)
  const shapes: Shape[] = []
  let y = top
  for (const row of rows) {
    if (row.greatGap > 0) {
      shapes.push(...ruleShapes(row.greatGap, y + 6, left, right))
      y += RULE_LINE
    }
    const names = isNarrow ? y + NAME_LINE : y
    const address = hexText(row.groups[0]?.start ?? 0)
    const addressY = isNarrow ? y + 8 : names + NAME_LINE + BLOCK / 2
    shapes.push(label(address, left, addressY, 'mono', { colour: 'ink2' }))
    const rowStart = isNarrow ? left : Math.max(start, left + addressRoom(row.groups))
    shapes.push(...rowShapes(row, rowStart, names))
    y = names + NAME_LINE + BLOCK + (isLettered ? LETTER_LINE : 0) + ROW_SPACE
  }
  const counts = `${countText(vmas.length)} VMAs, ${sizeText(mappedBytes(vmas))} mapped.`
  return {
    shapes,
    bottom: y - ROW_SPACE + 6,
    notes: [{ text: `${counts} ${LETTER_NOTE}. Wider is larger (log₂).` }],
  }
}

/** Room for the addresses of rows. [vsyscall], alone at the end of 64 bits, must not push all others to the right. */
function addressRoom(ranges: readonly AddressRange[]): number {
  const isApart = (ranges.at(-1)?.start ?? 0) - (ranges.at(-2)?.end ?? Infinity) > GREAT_GAP
  const usual = isApart ? ranges.slice(0, -1) : ranges
  return (
    14 + usual.reduce((most, { start }) => Math.max(most, textWidth(hexText(start), 'mono')), 0)
  )
}

function gapAfter(vmas: readonly FigureVma[], i: number): number {
  const [vma, next] = [vmas[i], vmas[i + 1]]
  return vma && next ? next.start - vma.end : 0
}

function makeCell(vma: FigureVma, gap: number, isLettered: boolean): Cell {
  const letter = isLettered ? shorten(vma.id, 'smallLetter', LETTER) : ''
  const least = letter ? Math.max(LEAST_BLOCK, textWidth(letter, 'smallLetter') + 4) : LEAST_BLOCK
  const width = least + DOUBLING * Math.log2(pagesIn(vma))
  return { vma, start: vma.start, end: vma.end, letter, width, gap }
}

function groupCells(cells: readonly Cell[], room: number): Group[] {
  const groups: Cell[][] = []
  let width = 0
  for (const [i, cell] of cells.entries()) {
    const before = cells[i - 1]
    const joins = before?.vma.name === cell.vma.name && before?.gap === 0
    width += cell.width
    if (joins && width + gapWidth(cell.gap) <= room) groups.at(-1)?.push(cell)
    else {
      groups.push([cell])
      width = cell.width
    }
  }
  return groups.map(makeGroup)
}

function makeGroup(cells: readonly Cell[]): Group {
  const [first, last] = [cells[0], cells.at(-1)]
  const blocks = cells.reduce((sum, cell) => sum + cell.width, 0)
  const name = first?.vma.name ? textWidth(baseName(first.vma.name), 'small') : 0
  const width = Math.max(blocks, Math.min(name + 2, NAME))
  return { start: first?.start ?? 0, end: last?.end ?? 0, cells, width, gap: last?.gap ?? 0 }
}

/** Groups keep together where they can; the gap after a group stays with it, as a hyphen does. */
function wrapGroups(groups: readonly Group[], room: number): Row[] {
  const rows: Row[] = []
  let used = room
  let greatGap = 0
  for (const group of groups) {
    const width = group.width + gapWidth(group.gap)
    if (greatGap > 0 || used + GROUP_SPACE + width > room) {
      rows.push({ groups: [], greatGap })
      used = -GROUP_SPACE
    }
    rows.at(-1)?.groups.push(group)
    used += GROUP_SPACE + width
    greatGap = group.gap > GREAT_GAP ? group.gap : 0
  }
  return rows
}

/** Room for `//` and the size of a gap in the row. */
function gapWidth(gap: number): number {
  return gap === 0 || gap > GREAT_GAP ? 0 : GROUP_SPACE + textWidth(shortSize(gap), 'small')
}

/** `654 MiB` as `654M`. */
function shortSize(bytes: number): string {
  return sizeText(bytes).replace(/ (.)iB$/, '$1')
}

function ruleShapes(gap: number, y: number, left: number, right: number): Shape[] {
  const text = `gap of ${sizeText(gap)}`
  const middle = (left + right) / 2
  const half = textWidth(text, 'label') / 2 + 10
  const d = `M${px(left)},${px(y)}H${px(middle - half)}M${px(middle + half)},${px(y)}H${px(right)}`
  return [line(d, 'rule'), label(text, middle, y, 'label', { colour: 'ink2', anchor: 'middle' })]
}

function rowShapes(row: Row, start: number, top: number): Shape[] {
  const y = top + NAME_LINE
  let x = start
  return row.groups.flatMap((group) => {
    const shapes = groupShapes(group, x, y)
    x += group.width + GROUP_SPACE
    const gap = gapWidth(group.gap)
    if (gap === 0) return shapes
    const middle = x + (gap - GROUP_SPACE) / 2
    const size = label(shortSize(group.gap), middle, y + 5, 'small', {
      colour: 'ink2',
      anchor: 'middle',
    })
    x += gap
    return [...shapes, size, line(breakMark(middle, y + BLOCK - 6), 'ink2', 1.2)]
  })
}

function groupShapes(group: Group, start: number, y: number): Shape[] {
  const path = group.cells[0]?.vma.name
  const name = path ? baseName(path) : 'anon'
  // Colour and legend say it too: the word is left out where it does not fit.
  const names =
    path || textWidth(name, 'small') <= group.width
      ? fittedLabel(
          group.width + GROUP_SPACE - 2,
          name,
          start,
          y - 7,
          'small',
          path ? { hover: path } : {},
        )
      : []
  let x = start
  const cells = group.cells.flatMap((cell) => {
    const shapes = cellShapes(cell, x, y)
    x += cell.width
    return shapes
  })
  return [...names, ...cells]
}

function cellShapes({ vma, letter, width }: Cell, x: number, y: number): Shape[] {
  const hover = `${mapsLine(vma)}\n${vmaFacts(vma)}`
  const fill = kindOf(vma)
  const block: Block = { shape: 'block', x, y, width, height: BLOCK, fill, edge: 'thin', hover }
  const text = textWidth(vma.perms, 'mono') + 7 <= width ? vma.perms : letterOf(vma.perms)
  const middle = x + width / 2
  const inside = label(text, middle, y + BLOCK / 2, 'mono', { anchor: 'middle', halo: fill })
  const below = label(letter, middle, y + BLOCK + 9, 'smallLetter', { anchor: 'middle' })
  return letter ? [block, inside, below] : [block, inside]
}
