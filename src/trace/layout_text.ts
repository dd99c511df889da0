// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import type { FigureVma, LayoutFigure } from './figure.ts'
import {
  foldLimit,
  kindCounts,
  layoutTitle,
  mappedBytes,
  SINGLE_VMAS,
  shownVmas,
} from './layout_view.ts'
import { counted, pagesIn, sizeText } from './units.ts'

/** With more VMAs than this a strip of letters is no picture any more. */
const STRIP_VMAS = 16
const STRIP_COLUMNS = 76
/** Runs longer than this many pages are counted; the smaller ones are for strips that would not fit a line. */
const RUN_LIMITS = [40, 20, 10, 5, 0]
/** Lines kept at either end of a list with more than {@link SINGLE_VMAS} VMAs. */
const LISTED_ENDS = 20

/**
 * A VMA as its line in /proc/PID/maps, without device and inode: `7f2a40000000-7f2a40004000 rw-p 00000000 [heap]`. The
 * offset is in bytes, and 0 where no file is mapped.
 */
export function mapsLine(vma: FigureVma): string {
  const offset = !vma.name || vma.name.startsWith('[') ? 0 : vma.pgoff * PAGE_SIZE
  const line = `${hex8(vma.start)}-${hex8(vma.end)} ${vma.perms} ${hex8(offset)}`
  return vma.name ? `${line} ${vma.name}` : line
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/**
 * The text twin of a layout figure: its title, a strip with one letter a page (`AAA..BB//C`: `.` is free, `Ax57` a run
 * of 57 pages, `//` a folded gap) and a line of /proc/PID/maps for each VMA, led by its letter and followed by its
 * flags. Many VMAs get no strip; more than 300 are listed with the middle left out, and counted.
 */
export function layoutText(figure: LayoutFigure): string {
  const vmas = shownVmas(figure)
  const lines = [layoutTitle(figure)]
  if (vmas.length === 0 && figure.options.title) lines.push('nothing is mapped')
  if (vmas.length > 0 && vmas.length <= STRIP_VMAS) lines.push(stripText(vmas))
  lines.push(...(vmas.length > SINGLE_VMAS ? shortList(vmas) : vmas.map(vmaLine(vmas))))
  return lines.map(printable).join('\n')
}

function shortList(vmas: readonly FigureVma[]): string[] {
  const line = vmaLine(vmas)
  const left = vmas.length - 2 * LISTED_ENDS
  return [
    `${counted(vmas.length, 'VMA')}, ${sizeText(mappedBytes(vmas))} mapped: ${kindCounts(vmas)}`,
    ...vmas.slice(0, LISTED_ENDS).map(line),
    `... ${counted(left, 'VMA')} more ...`,
    ...vmas.slice(-LISTED_ENDS).map(line),
  ]
}

/** Writes one VMA's line; the letters of all get the same width. */
function vmaLine(vmas: readonly FigureVma[]): (vma: FigureVma) => string {
  const width = vmas.reduce((most, vma) => Math.max(most, vma.id.length), 0)
  return (vma) =>
    [vma.id.padEnd(width), mapsLine(vma), vma.flags?.join(' ')].filter(Boolean).join('  ')
}

/** The strip alone, `AAAA..BB//CCC`: one character a page, long runs counted, long gaps folded. */
export function stripText(vmas: readonly FigureVma[]): string {
  const limit = foldLimit(vmas)
  const draw = (runLimit: number) =>
    vmas
      .map((vma, i) => {
        const before = vmas[i - 1]
        const gap = before ? vma.start - before.end : 0
        const free = gap > limit ? '//' : run('.', gap / PAGE_SIZE, runLimit)
        return free + run(vma.id, pagesIn(vma), runLimit)
      })
      .join('')
  const texts = RUN_LIMITS.map(draw)
  return texts.find((text) => text.length <= STRIP_COLUMNS) ?? texts[texts.length - 1] ?? ''
}

/** Two letters in a row could be one VMA's or two: a long name goes in brackets and is counted. */
function run(id: string, pages: number, limit: number): string {
  const isLetter = /^.[′″‴]?$/u.test(id)
  if (isLetter && (pages <= limit || pages <= 1)) return id.repeat(pages)
  return pages === 0 ? '' : `${isLetter ? id : `(${id})`}x${pages}`
}

/** A name may hold any byte but a terminal must not obey it. */
function printable(line: string): string {
  return line.replace(/\p{Cc}|\p{Cs}/gu, '�')
}
