// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import { hexText } from './units.ts'

/** One line of /proc/PID/maps. Linux: fs/proc/task_mmu.c:show_map_vma() */
export interface MapsLine {
  /** In bytes; exact even for [vsyscall] near 2^64, as it is page aligned. */
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** `rwxp` with `-` for what is missing; `s` in place of `p` for a mapping that may be shared. */
  readonly perms: string
  /** Into the file, in bytes. */
  readonly offset: number
  /** The device of the file; 0 and 0 without a file. */
  readonly major: number
  readonly minor: number
  /** A bigint, since file systems use all 64 bits. */
  readonly inode: bigint
  /** A path, `[heap]`, `[anon:NAME]`, `anon_inode:[NAME]`, ...; empty for plain anonymous memory. */
  readonly name: string
  /** The file has no name any more: the line ended in ` (deleted)`, which `name` leaves out. */
  readonly deleted: boolean
}

/** A line is not one of /proc/PID/maps, or cannot follow the one above it. */
export class MapsError extends Error {
  override name = 'MapsError'
  /** From 1. */
  readonly line: number
  /** The line itself. */
  readonly text: string
  /** What the line should have been. */
  readonly rule: string

  constructor(line: number, text: string, rule: string) {
    const shown = text.length > 120 ? `${text.slice(0, 120)}...` : text
    super(`line ${line}: ${rule}\n  ${JSON.stringify(shown)}`)
    this.line = line
    this.text = text
    this.rule = rule
  }
}

/** What happens at a bad line: `throw`, `skip` it and read on, or call a function with the error and read on. */
export type OnMapsError = 'throw' | 'skip' | ((error: MapsError) => void)

/**
 * Reads the text of /proc/PID/maps; blank lines, indentation and CRLF do no harm. Every bad line is a
 * {@link MapsError}: thrown unless `onError` says otherwise.
 */
export function parseMaps(
  text: string,
  { onError = 'throw' }: { readonly onError?: OnMapsError } = {},
): MapsLine[] {
  const lines: MapsLine[] = []
  let end = 0
  for (const [index, raw] of text.split('\n').entries()) {
    const written = raw.trimStart().replace(/\r$/, '')
    if (written.trim() === '') continue
    const line = parseLine(written, end)
    if (typeof line !== 'string') {
      lines.push(line)
      end = line.end
      continue
    }
    const error = new MapsError(index + 1, written, line)
    if (onError === 'throw') throw error
    if (onError !== 'skip') onError(error)
  }
  return lines
}

const shape =
  /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) ([0-9]+)(?: +(.*))?$/is

/** The line, or the rule that it breaks; it must not begin below `lowest`. */
function parseLine(text: string, lowest: number): MapsLine | string {
  const fields = shape.exec(text)
  if (!fields) return whatElse(text)
  const [, start, end, perms, offset, major, minor, inode, rest] = fields.map(
    (field) => field ?? '',
  )
  const line = {
    start: hex(start),
    end: hex(end),
    perms: perms ?? '',
    offset: hex(offset),
    major: hex(major),
    minor: hex(minor),
    inode: BigInt(inode ?? 0),
    ...nameOf(rest ?? ''),
  }
  return brokenRule(line, lowest) ?? line
}

const hex = (digits: string | undefined): number => Number.parseInt(digits ?? '', 16)

function brokenRule(line: MapsLine, lowest: number): string | undefined {
  const { start, end, perms, offset } = line
  if (!/^[r-][w-][x-][sp]$/.test(perms))
    return `"${perms}" is no permission: write r, w, x or - in this order, then s or p`
  for (const [what, value] of Object.entries({ start, end, offset })) {
    if (value > 2 ** 64) return `the ${what} has more than 64 bits`
    if (value % PAGE_SIZE !== 0)
      return `the ${what} is not a multiple of the page size, ${hexText(PAGE_SIZE)}`
  }
  if (start >= end) return `the end ${hexText(end)} is not above the start ${hexText(start)}`
  if (start < lowest)
    return `it begins below ${hexText(lowest)}, where the line above ends: lines ascend and never overlap`
  return undefined
}

/** Why a line of another shape is none of ours. */
function whatElse(text: string): string {
  if (/^(?:[A-Z]\w*:\s+.*(?: kB|\d)|VmFlags:.*)$/.test(text))
    return 'this is a line of /proc/PID/smaps: give /proc/PID/maps'
  if (/^[0-9a-f]+-[0-9a-f]+(?: |$)/i.test(text))
    return 'the line is cut or damaged: write START-END PERMS OFFSET MAJOR:MINOR INODE [NAME]'
  return 'not a line of /proc/PID/maps, which is START-END PERMS OFFSET MAJOR:MINOR INODE [NAME]'
}

const gone = ' (deleted)'

/**
 * The kernel writes only a line end of a name differently, as \012; a name that contains those four characters reads
 * the same.
 */
function nameOf(text: string): { name: string; deleted: boolean } {
  const deleted = text.endsWith(gone)
  const name = deleted ? text.slice(0, -gone.length) : text
  return { name: name.replaceAll('\\012', '\n'), deleted }
}

/** The column at which the kernel writes the name. */
const nameColumn = 73

/** The line as the kernel writes it, without its line end: `formatMapsLine(parseMaps(line)[0])` is `line`. */
export function formatMapsLine(line: MapsLine): string {
  const { start, end, perms, offset, major, minor, inode, name, deleted } = line
  const digits = (value: number, width: number) => value.toString(16).padStart(width, '0')
  const range = `${digits(start, 8)}-${digits(end, 8)} ${perms} ${digits(offset, 8)}`
  const head = `${range} ${digits(major, 2)}:${digits(minor, 2)} ${inode} `
  if (name === '') return head
  return head.padEnd(nameColumn) + name.replaceAll('\n', '\\012') + (deleted ? gone : '')
}
