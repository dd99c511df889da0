// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import type { Figure } from './figure.ts'
import {
  also,
  fields,
  isFields,
  list,
  maybe,
  oneOf,
  type Shape,
  shown,
  text,
  whole,
} from './shape.ts'

/** Above any max_map_count that a reader will set, and still drawn in seconds. */
const MAX_VMAS = 1_000_000
/** PATH_MAX, with room for ` (deleted)` and escapes. */
const MAX_NAME = 4200
const MAX_ID = 16
const MAX_FLAGS = 64
const MAX_FLAG = 40
const MAX_TITLE = 500
const ADDRESS_END = 2 ** 64
/** Rows of a timeline, a history, verdicts: more are no figure to look at. */
const MAX_ROWS = 64
const MAX_LANES = 64
/** VMAs in one of several layouts of a figure. */
const MAX_ROW_VMAS = 2000
/** Runs of pages: a page table can change its state at every page. */
const MAX_RUNS = 20_000
const STATES = ['detached', 'closed', 'desc', 'new', 'hole']
const KINDS = ['anon', 'file', 'driver', 'special']

type Fields = Readonly<Record<string, unknown>>

/** Whether a value from anywhere is a figure that can be drawn. */
export function isFigure(value: unknown): value is Figure {
  return figureFault(value) === undefined
}

/** What keeps a value from being a figure, with the place: `data.vmas[2].end: 4096 is not above start`. */
export function figureFault(value: unknown): string | undefined {
  if (!isFields(value)) return `${shown(value)} is no object {kind, data, options}`
  const { kind, data, options } = value
  const shape = isKind(kind) ? SHAPES[kind] : undefined
  if (!shape) return `kind: ${shown(kind)} is not one of ${Object.keys(SHAPES).join(', ')}`
  if (!isFields(data)) return `data: ${shown(data)} is no object`
  if (!isFields(options)) return `options: ${shown(options)} is no object`
  const fault = OPTIONS(options)
  if (fault !== undefined) return `options${fault}`
  const wrong = shape(data)
  return wrong === undefined ? undefined : `data${wrong}`
}

function isKind(kind: unknown): kind is Figure['kind'] {
  return typeof kind === 'string' && Object.hasOwn(SHAPES, kind)
}

const address: Shape = (value) =>
  isAddress(value, 1) ? undefined : `: ${shown(value)} is no address`

const OPTIONS = also(
  fields({ title: maybe(text(MAX_TITLE)), from: maybe(address), to: maybe(address) }),
  ({ from, to }) =>
    from !== undefined && to !== undefined && Number(to) <= Number(from)
      ? `.to: ${shown(to)} is not above from`
      : undefined,
)

const word = text(MAX_TITLE)
const request = also(fields({ start: address, end: address, label: word }), ({ start, end }) =>
  Number(end) < Number(start) ? `.end: ${shown(end)} is below start` : undefined,
)
const result = fields({
  ret: maybe(whole(Number.MIN_SAFE_INTEGER, ADDRESS_END)),
  errno: maybe(text(MAX_FLAG, 1)),
  at: maybe(text(MAX_FLAG * 2)),
})
const rows = whole(0, MAX_ROWS)
const lane = fields({
  name: word,
  style: oneOf('mmap', 'vma', 'i_mmap', 'driver'),
  forReading: maybe(oneOf(true)),
  held: list(
    (value) =>
      list(rows, 2)(value) ?? ((value as unknown[]).length === 2 ? undefined : ': not [from, to]'),
    MAX_ROWS,
  ),
})
const timelineRow = fields({
  name: word,
  fn: word,
  note: maybe(word),
  hook: maybe(text(MAX_FLAG)),
  errno: maybe(text(MAX_FLAG, 1)),
  noWayBack: maybe(oneOf(true, false)),
  layout: vmas(MAX_ROW_VMAS),
})
const historyRow = fields({
  call: word,
  errno: maybe(text(MAX_FLAG, 1)),
  touched: maybe(list(address, 2)),
  layout: vmas(MAX_ROW_VMAS),
})
const pageRun = fields({
  state: oneOf('pre', 'fault', 'none', 'bus', 'guard'),
  count: whole(1, ADDRESS_END),
  order: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
  pfn: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
})
const mergeRow = fields({
  what: word,
  left: word,
  right: word,
  ok: oneOf(true, false, null),
  fn: word,
})
const name = text(MAX_FLAG, 1)
const span = fields({ kind: name, from: name, to: name })
const pipelineEra = fields({
  id: name,
  name: word,
  when: word,
  gets: word,
  steps: list(name, MAX_ROWS),
  hooks: list(fields({ at: name, name: word, sub: word }), MAX_ROWS),
  core: list(fields({ at: name, text: word }), MAX_ROWS),
  ground: list(span, MAX_ROWS),
  locks: list(span, MAX_LANES),
  exits: list(fields({ at: list(name, MAX_ROWS), s: word }), MAX_ROWS),
  merge: maybe(fields({ at: name, to: name, price: word })),
})
const amount: Shape = (value) =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? undefined
    : `: ${shown(value)} is no number from 0 to ${Number.MAX_SAFE_INTEGER}`
const measuredGroup = fields({
  name: word,
  unit: text(MAX_FLAG),
  bars: list(fields({ name: word, value: amount }), MAX_ROWS),
  said: maybe(word),
  met: maybe(oneOf(true, false)),
  goal: maybe(amount),
})
const one: Shape = (value) =>
  isFields(value) ? vmaFault(value, 0) : `: ${shown(value)} is no object`

/** The data of each kind of figure. */
const SHAPES: Readonly<Record<Figure['kind'], Shape>> = {
  layout: fields({ vmas: vmas(MAX_VMAS) }),
  compare: fields({
    before: vmas(MAX_ROW_VMAS),
    after: vmas(MAX_ROW_VMAS),
    request: maybe(request),
    result: maybe(result),
  }),
  timeline: fields({
    steps: list(timelineRow, MAX_ROWS),
    lanes: list(lane, MAX_LANES),
    folded: whole(0, Number.MAX_SAFE_INTEGER),
    request: maybe(request),
    result: maybe(result),
  }),
  history: fields({
    calls: list(historyRow, MAX_ROWS),
    before: vmas(MAX_ROW_VMAS),
    first: whole(0, Number.MAX_SAFE_INTEGER),
  }),
  pages: fields({
    parts: list(
      fields({ name: word, note: maybe(word), start: address, pages: list(pageRun, MAX_RUNS) }),
      MAX_ROWS,
    ),
  }),
  pipeline: fields({
    stages: list(fields({ id: name, name: word, fn: word }), MAX_ROWS),
    noWayBack: name,
    eras: list(pipelineEra, MAX_LANES),
  }),
  whyNotMerged: fields({
    left: one,
    right: one,
    merged: oneOf(true, false),
    verdict: word,
    rows: list(mergeRow, MAX_ROWS),
    also: maybe(word),
  }),
  measures: fields({ groups: list(measuredGroup, MAX_ROWS) }),
}

function vmas(most: number): Shape {
  return (value) => {
    if (!Array.isArray(value)) return `: ${shown(value)} is no array`
    if (value.length > most) return `: ${value.length} VMAs are more than ${most}`
    let last = 0
    for (const [i, vma] of value.entries()) {
      const fault = isFields(vma) ? vmaFault(vma, last) : `: ${shown(vma)} is no object`
      if (fault) return `[${i}]${fault}`
      last = Number((vma as Fields).end)
    }
    return undefined
  }
}

function vmaFault(vma: Fields, last: number): string | undefined {
  const { id, start, end, perms, pgoff, name, kind, flags, state } = vma
  if (!isText(id, 1, MAX_ID)) return `.id: not a text of 1 to ${MAX_ID} characters`
  if (!isAddress(start, PAGE_SIZE)) return `.start: ${shown(start)} is no page-aligned address`
  if (!isAddress(end, PAGE_SIZE)) return `.end: ${shown(end)} is no page-aligned address`
  if (Number(end) <= Number(start)) return `.end: ${shown(end)} is not above start`
  if (Number(start) < last) return `.start: ${shown(start)} is below the end of the VMA before it`
  if (typeof perms !== 'string' || !/^[r-][w-][x-][ps]$/.test(perms))
    return `.perms: ${shown(perms)} is not written like rw-p`
  if (!isAddress(pgoff, 1)) return `.pgoff: ${shown(pgoff)} is no number of pages`
  if (name !== undefined && !isText(name, 0, MAX_NAME))
    return `.name: not a text of at most ${MAX_NAME} characters`
  if (kind !== undefined && !KINDS.includes(kind as string))
    return `.kind: ${shown(kind)} is not one of ${KINDS.join(', ')}`
  if (state !== undefined && !STATES.includes(state as string))
    return `.state: ${shown(state)} is not one of ${STATES.join(', ')}`
  if (flags !== undefined && !isFlags(flags))
    return `.flags: not at most ${MAX_FLAGS} texts of 1 to ${MAX_FLAG} characters`
  return undefined
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most
}

function isFlags(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= MAX_FLAGS &&
    value.every((flag) => isText(flag, 1, MAX_FLAG))
  )
}

function isAddress(value: unknown, unit: number): value is number {
  return (
    typeof value === 'number' &&
    value >= 0 &&
    value <= ADDRESS_END &&
    Number.isInteger(value / unit)
  )
}
