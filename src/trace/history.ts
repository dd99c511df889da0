// SPDX-License-Identifier: GPL-2.0-only
// Many calls on one address space, one row each.
import { errno_name, KernelError, type mm_struct, PAGE_SIZE } from '../mm/index.ts'
import { requestOf } from './compare.ts'
import type { FigureVma, HistoryFigure, HistoryRow } from './figure.ts'
import { stripText } from './layout_text.ts'
import { type AddressRange, SINGLE_VMAS } from './layout_view.ts'
import { Recording, record } from './record.ts'
import { counted, hexText } from './units.ts'

/** A history of more calls is shown a page at a time. */
const HISTORY_CALLS = 60

/** Which part of a history is shown. */
export interface HistoryOptions {
  readonly title?: string
  /** The number of the first call shown, from 0; at most 60 are. */
  readonly from?: number
}

/**
 * The figure of many calls on one address space: of a recording, or of functions that are run one after the other. A
 * refusal is a row like any other, and the next call follows. RangeError for a `from` that is no call.
 */
export function history<M extends mm_struct>(
  mm: M,
  calls: readonly ((mm: M) => unknown)[],
  options?: HistoryOptions,
): HistoryFigure
export function history(recording: Recording, options?: HistoryOptions): HistoryFigure
export function history<M extends mm_struct>(
  source: M | Recording,
  given: readonly ((mm: M) => unknown)[] | HistoryOptions = {},
  more: HistoryOptions = {},
): HistoryFigure {
  if (source instanceof Recording) return figureOf(source, given as HistoryOptions)
  const calls = given as readonly ((mm: M) => unknown)[]
  const recording = record(source, () => {
    for (const call of calls) attempt(() => call(source))
  })
  return figureOf(recording, more)
}

function attempt(call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
  }
}

function figureOf(recording: Recording, { title, from = 0 }: HistoryOptions): HistoryFigure {
  const { calls } = recording
  if (!Number.isInteger(from) || from < 0 || from > Math.max(0, calls.length - 1))
    throw new RangeError(`from ${from}: the calls are 0 to ${calls.length - 1}`)
  const layoutAfterCall = (i: number): readonly FigureVma[] =>
    recording.layoutAt((calls[i]?.steps[1] ?? 0) - 1).filter(({ state }) => state === undefined)
  const rows = calls.slice(from, from + HISTORY_CALLS).map((call, i): HistoryRow => {
    const { start, end } = requestOf(call)
    return {
      call: compactCall(call.text),
      ...(call.ret < 0 && { errno: errno_name(call.ret) }),
      ...(end > start && { touched: [start, end] as const }),
      layout: layoutAfterCall(from + i),
    }
  })
  const before = from === 0 ? recording.before : layoutAfterCall(from - 1)
  const near = nearRange(rows)
  const shown = (vmas: readonly FigureVma[]) =>
    vmas.length <= SINGLE_VMAS
      ? vmas
      : vmas.filter((vma) => vma.start <= near.end && near.start <= vma.end)
  return {
    kind: 'history',
    data: {
      calls: rows.map((row) => ({ ...row, layout: shown(row.layout) })),
      before: shown(before),
      first: from,
    },
    options: title === undefined ? {} : { title },
  }
}

/** From the first to the last address that a call is about. */
function nearRange(rows: readonly HistoryRow[]): AddressRange {
  let [start, end] = [Number.POSITIVE_INFINITY, 0]
  for (const { touched } of rows) {
    start = Math.min(start, touched?.[0] ?? start)
    end = Math.max(end, touched?.[1] ?? end)
  }
  return { start, end }
}

const access = ['---', 'r--', '-w-', 'rw-', '--x', 'r-x', '-wx', 'rwx']

/** A call in little room: `mmap 0x10000 +4 /dev/demo` for `mmap(0x10000, 16384, MAP_SHARED, /dev/demo)`. */
function compactCall(text: string): string {
  const [, name, addr, bytes, rest] = /^(\w+)\((0x[\da-f]+), (\d+)(?:, (.*))?\)$/.exec(text) ?? []
  if (name === undefined) return text
  const pages = `+${Math.ceil(Number(bytes) / PAGE_SIZE)}`
  const last = name === 'mprotect' ? access[Number(rest)] : rest?.replace(/^MAP_\w+, /, '')
  return [name, addr, pages, last].filter(Boolean).join(' ')
}

/** The sentence over a history. */
export function historyTitle({ options, data }: HistoryFigure): string {
  if (options.title) return options.title
  const failed = data.calls.filter(({ errno }) => errno !== undefined).length
  const refused = failed > 0 ? `, ${failed} refused` : ''
  return `${counted(data.calls.length, 'call')} on one address space${refused}`
}

/** The text twin: a numbered line for each call, with the strip after it. */
export function historyText(figure: HistoryFigure): string {
  const { calls, first } = figure.data
  const width = Math.max(0, ...calls.map(({ call }) => call.length))
  const lines = calls.map(({ call, errno, layout }, i) => {
    const number = String(first + i).padStart(2)
    const end = errno === undefined ? '' : `-${errno}`
    return `${number}  ${call.padEnd(width)}  ${end.padEnd(8)}  ${stripOf(layout)}`.trimEnd()
  })
  return [historyTitle(figure), ...lines].join('\n')
}

function stripOf(vmas: readonly FigureVma[]): string {
  const [first] = vmas
  if (!first) return 'nothing is mapped'
  return vmas.length > 16
    ? counted(vmas.length, 'VMA')
    : `${hexText(first.start)} ${stripText(vmas)}`
}
