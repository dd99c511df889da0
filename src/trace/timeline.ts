// SPDX-License-Identifier: GPL-2.0-only
// A recording as rows: what a person would call one thing that happened.
import type { StepName } from '../mm/index.ts'
import { requestOf, resultOf, resultText } from './compare.ts'
import type { FigureVma, StepVma, TimelineFigure, TimelineLane, TimelineRow } from './figure.ts'
import { stripText } from './layout_text.ts'
import type { AddressRange } from './layout_view.ts'
import type { Call, Recording, Step } from './record.ts'
import type { HeldLock } from './step_locks.ts'
import { counted } from './units.ts'

/** More rows are no story any more: the middle is folded. */
const MOST_ROWS = 16

/** A row's words and function; steps of one `id` that follow each other share a row. */
interface RowKind {
  readonly id: string
  readonly name: string
  readonly fn: string
}

const kinds: Readonly<Partial<Record<StepName, RowKind>>> = {
  mmap_write_lock: { id: 'begin', name: 'lock, check the request', fn: 'vm_mmap_pgoff, do_mmap' },
  vms_gather_munmap_vmas: {
    id: 'gather',
    name: 'detach the VMAs in the way',
    fn: 'vms_gather_munmap_vmas',
  },
  __split_vma: { id: 'split', name: 'split', fn: '__split_vma' },
  unmap_region: { id: 'zap', name: 'zap their pages', fn: 'vms_clear_ptes' },
  vma_merge_new_range: {
    id: 'merge',
    name: 'merge with a neighbour?',
    fn: 'vma_merge_new_range',
  },
  commit_merge: { id: 'merge', name: 'merge', fn: 'commit_merge' },
  vm_area_alloc: { id: 'alloc', name: 'allocate a VMA', fn: '__mmap_new_vma' },
  vma_iter_store: { id: 'insert', name: 'insert in tree and i_mmap', fn: 'vma_iter_store_new' },
  remove_vma: { id: 'free', name: 'free the old VMAs', fn: 'remove_vma' },
  remap_pfn_range: { id: 'fill', name: 'fill in pages', fn: 'remap_pfn_range' },
  vm_insert_pages: { id: 'fill', name: 'fill in pages', fn: 'vm_insert_pages' },
  vm_flags_reset: { id: 'flags', name: 'set the new flags', fn: 'vm_flags_reset' },
  reattach_vmas: { id: 'reattach', name: 'put the VMAs back', fn: 'reattach_vmas' },
  vms_clear_range: { id: 'abort', name: 'unwind: finish the unmap', fn: 'vms_abort_munmap_vmas' },
  lock_vma_under_rcu: { id: 'fault', name: 'find the VMA, lock it', fn: 'lock_vma_under_rcu' },
  vma_end_read: { id: 'end', name: 'unlock, return', fn: 'vma_end_read' },
  mmap_write_unlock: { id: 'end', name: 'unlock, return', fn: 'vm_mmap_pgoff' },
  refuse: { id: 'refuse', name: 'refuse', fn: '' },
  warn: { id: 'warn', name: 'warn', fn: '' },
}

/** Steps that make no row of their own but belong to the row that comes. */
const leads: ReadonlySet<string> = new Set([
  'vma_start_write',
  'i_mmap_lock_write',
  'driver_lock',
  'driver_get',
  'driver_alloc',
])

/** Closing what was detached goes with the zapping, or with the freeing. */
const closers: ReadonlySet<string> = new Set(['zap', 'free', 'abort'])

/** A row and the steps in it. */
interface Group {
  kind: RowKind
  hook?: string
  first: number
  last: number
}

/** Which call of a recording a timeline shows. */
export interface TimelineOptions {
  readonly title?: string
  /** Counted from 0; the last one unless told. */
  readonly call?: number
}

/**
 * The figure of one call as it happened: rows of steps, the locks held at each, and the layout after it. RangeError
 * when the recording has no such call.
 */
export function timeline(recording: Recording, options: TimelineOptions = {}): TimelineFigure {
  const { calls, steps } = recording
  const number = options.call ?? Math.max(0, calls.length - 1)
  const call = calls[number]
  if (options.call !== undefined && !call)
    throw new RangeError(`call ${number}: the recording has ${counted(calls.length, 'call')}`)
  const [from, to] = call?.steps ?? [0, steps.length]
  const groups = fold(grouped(steps, from, to))
  const layouts = [from - 1, ...groups.map(({ last }) => last)].map((at) => recording.layoutAt(at))
  const near = neighbourhood(layouts, call && requestOf(call))
  const shown = layouts.map((vmas) =>
    vmas.filter((vma) => vma.start <= near.end && near.start <= vma.end),
  )
  const taken = layouts.flat().filter(({ state }) => state === 'detached' || state === 'closed')
  const takenIds = [...new Set(taken.map(({ id }) => id))]
  const rows = groups.map((group, i) =>
    rowOf(group, steps, shown[i + 1] ?? [], shown[i] ?? [], call, groups.slice(i + 1), takenIds),
  )
  return {
    kind: 'timeline',
    data: {
      steps: rows,
      lanes: lanesOf(groups, steps),
      folded: countFolded(groups, from, to),
      ...(call && { request: requestOf(call), result: resultOf(call) }),
    },
    options: options.title === undefined ? {} : { title: options.title },
  }
}

function grouped(steps: readonly Step[], from: number, to: number): Group[] {
  const groups: Group[] = []
  let lead = from
  for (let i = from; i < to; i++) {
    const step = steps[i] as Step
    if (leads.has(step.fn)) continue
    const last = groups.at(-1)
    const kind = kindOfStep(step, last)
    if (!kind || (last && joins(last, kind, step))) {
      if (last) last.last = i
      if (last && kind && last.kind.id === 'gather' && kind.id === 'split')
        last.kind = { ...last.kind, name: 'split the edges, detach the rest' }
    } else {
      groups.push({
        kind,
        first: lead,
        last: i,
        ...(step.hook !== undefined && { hook: step.hook }),
      })
    }
    lead = i + 1
  }
  return groups
}

function kindOfStep(step: Step, last: Group | undefined): RowKind | undefined {
  if (step.fn === 'vm_acct_memory')
    return step.text.includes('charged')
      ? { id: 'charge', name: 'check limits, charge memory', fn: '__mmap_setup' }
      : undefined
  if (step.hook === 'close' && last && closers.has(last.kind.id)) return undefined
  if (step.hook === 'open' && last?.kind.id === 'gather') return undefined
  if (step.hook !== undefined) return { id: `hook ${step.hook}`, name: step.hook, fn: step.fn }
  if (step.fn === 'remove_vma' && (last?.kind.id === 'abort' || last?.kind.id === 'merge'))
    return undefined
  if (step.fn === 'refuse' && last?.hook !== undefined) return undefined
  if (step.fn === 'mmap_read_lock' && last?.kind.id === 'fault')
    return { id: 'owner', name: 'make the owner of its pages', fn: '__anon_vma_prepare' }
  return kinds[step.fn]
}

/** Whether a step goes on with what the row before it began. */
function joins(last: Group, kind: RowKind, step: Step): boolean {
  if (last.kind.id === 'gather' && kind.id === 'split') return true
  return step.hook === undefined && last.kind.id === kind.id && kind.id !== 'refuse'
}

function fold(groups: readonly Group[]): Group[] {
  if (groups.length <= MOST_ROWS) return [...groups]
  return [...groups.slice(0, MOST_ROWS - 6), ...groups.slice(-6)]
}

function countFolded(groups: readonly Group[], from: number, to: number): number {
  let shown = 0
  for (const { first, last } of groups) shown += last - first + 1
  return Math.max(0, to - from - shown)
}

function neighbourhood(
  layouts: readonly (readonly StepVma[])[],
  request: AddressRange | undefined,
): AddressRange {
  const [first = []] = layouts
  const known = new Set(first.map((vma) => JSON.stringify(vma)))
  const changed: AddressRange[] = request && request.end > request.start ? [request] : []
  for (const vmas of layouts)
    for (const vma of vmas) if (!known.has(JSON.stringify(vma))) changed.push(vma)
  if (changed.length === 0) return { start: 0, end: Number.POSITIVE_INFINITY }
  return {
    start: Math.min(...changed.map(({ start }) => start)),
    end: Math.max(...changed.map(({ end }) => end)),
  }
}

function rowOf(
  group: Group,
  steps: readonly Step[],
  layout: readonly StepVma[],
  before: readonly StepVma[],
  call: Call | undefined,
  later: readonly Group[],
  taken: readonly string[],
): TimelineRow {
  const own = steps.slice(group.first, group.last + 1)
  const errno = own.find((step) => step.errno !== undefined)?.errno
  const closes = own.some((step) => step.hook === 'close') && group.hook === undefined
  const noWayBack = group.kind.id === 'zap' && later.some(({ kind }) => mayFail(kind.id))
  const note = noteOf(group, own, layout, before, call, taken)
  return {
    name: nameOf(group, own, errno, closes, call),
    fn: closes && group.kind.id === 'zap' ? 'vms_clean_up_area' : fnOf(group, own),
    layout,
    ...(note && { note }),
    ...(group.hook !== undefined && { hook: group.hook }),
    ...(errno !== undefined && { errno }),
    ...(noWayBack && { noWayBack }),
  }
}

function mayFail(id: string): boolean {
  return ['merge', 'alloc', 'insert', 'refuse', 'abort'].includes(id) || id.startsWith('hook ')
}

function fnOf({ kind, hook }: Group, own: readonly Step[]): string {
  if (hook !== undefined) return kind.fn
  if (kind.id !== 'refuse') return kind.fn
  return /from (\S+)\(\)/.exec(own[0]?.text ?? '')?.[1] ?? ''
}

function nameOf(
  { kind, hook }: Group,
  own: readonly Step[],
  errno: string | undefined,
  closes: boolean,
  call: Call | undefined,
): string {
  if (hook !== undefined) return errno === undefined ? hook : `${hook} returns -${errno}`
  if (kind.id === 'refuse') return `refuse: -${errno}`
  if (kind.id === 'warn') return `warn: ${own[0]?.text ?? ''}`
  if (kind.id === 'end' && call && call.ret < 0)
    return `unlock, return ${resultText(resultOf(call)).replace(/^= |,.*$/g, '')}`
  return closes ? `${kind.name}, call close` : kind.name
}

function noteOf(
  { kind, hook, last }: Group,
  own: readonly Step[],
  layout: readonly StepVma[],
  before: readonly StepVma[],
  call: Call | undefined,
  taken: readonly string[],
): string {
  const states = (state: StepVma['state']) => names(layout.filter((vma) => vma.state === state))
  if (hook !== undefined) {
    const had = before.concat(layout)
    if (had.some(({ state }) => state === 'new')) return 'the VMA is in no tree yet'
    if (had.some(({ state }) => state === 'desc')) return 'no VMA exists yet: only a description'
    return ''
  }
  switch (kind.id) {
    case 'gather': {
      const pieces = own.flatMap((step) =>
        step.fn === '__split_vma' && step.vma ? [step.vma] : [],
      )
      const opens = own.filter((step) => step.hook === 'open').map((step) => step.vma ?? '')
      const opened = opens.length > 0 ? `; open runs for ${list(opens)}` : ''
      const split =
        pieces.length > 0 ? `${list(pieces)} ${pieces.length > 1 ? 'are' : 'is'} new${opened}` : ''
      return split || `${states('detached')} detached`
    }
    case 'zap': {
      const closed = own.filter((step) => step.hook === 'close').map((step) => step.vma ?? '')
      return closed.length > 0 ? `close runs for ${list(closed)}` : ''
    }
    case 'merge': {
      const merged = own.find((step) => step.fn === 'commit_merge')?.vma
      return merged ? `${merged} extends` : 'no: a VMA is made'
    }
    case 'charge':
      return own.find((step) => step.fn === 'vm_acct_memory')?.text ?? ''
    case 'abort':
      return taken.length > 0 ? `${list(taken)} cannot come back` : ''
    case 'end':
      if (!call || last < 0) return ''
      if (call.ret >= 0) return resultText(resultOf(call))
      return layout.some(({ state }) => state === 'hole')
        ? 'the caller sees an error and a hole'
        : 'the caller sees an error'
    default:
      return ''
  }
}

function names(vmas: readonly FigureVma[]): string {
  return list(vmas.map(({ id }) => id))
}

/** `A`, `A and B`, `A, B and C`. */
function list(words: readonly string[]): string {
  const unique = [...new Set(words)]
  return unique.length < 2
    ? (unique[0] ?? '')
    : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`
}

/** The locks over the rows, in the order in which they are first taken. */
function lanesOf(groups: readonly Group[], steps: readonly Step[]): TimelineLane[] {
  const lanes = new Map<string, { held: HeldLock; rows: number[] }>()
  for (const [row, { first, last }] of groups.entries())
    for (let i = Math.max(0, first - 1); i <= last; i++)
      for (const held of (steps[i] as Step).locks) {
        const lane = lanes.get(held.name) ?? { held, rows: [] }
        if (lane.rows.at(-1) !== row) lane.rows.push(row)
        lanes.set(held.name, lane)
      }
  return [...lanes.values()].map(({ held: { name, lock, forReading }, rows }) => ({
    name,
    style: lock,
    ...(forReading && { forReading }),
    held: runsOf(rows),
  }))
}

function runsOf(rows: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const row of rows) {
    const last = runs.at(-1)
    if (last?.[1] === row - 1) last[1] = row
    else runs.push([row, row])
  }
  return runs
}

/** The sentence over a timeline: the author's title, else the call and its end. */
export function timelineTitle({ options, data }: TimelineFigure): string {
  if (options.title) return options.title
  const { request, result, steps } = data
  if (!request) return `What happened, in ${counted(steps.length, 'step')}`
  return `${request.label} ${result ? resultText(result) : ''}`.trim()
}

const marks: Readonly<Record<string, string>> = {
  detached: '-',
  closed: 'x',
  desc: '?',
  new: '?',
  hole: '!',
}

/** The text twin: a numbered row for each, the strip at that moment, and the locks held. */
export function timelineText(figure: TimelineFigure): string {
  const { steps, lanes, folded } = figure.data
  const width = Math.max(0, ...steps.map(({ name, fn }) => name.length + fn.length + 3))
  const lines = steps.flatMap((row, i) => {
    const held = lanes.filter(({ held }) => held.some(([from, to]) => from <= i && i <= to))
    const strip = stripText(
      row.layout.map((vma) => (vma.state ? { ...vma, id: standIn(vma) } : vma)),
    )
    const head = `${String(i + 1).padStart(2)}  ${`${row.name} (${row.fn})`.padEnd(width)}  ${strip}`
    const told = [
      row.note,
      held.length > 0 ? `held: ${held.map(({ name }) => name).join(', ')}` : '',
    ]
    return [
      head.trimEnd(),
      ...told.filter(Boolean).map((each) => `      ${each}`),
      ...(row.noWayBack ? ['    --- no way back: from here on an error leaves a hole ---'] : []),
    ]
  })
  if (folded > 0) lines.push(`    ${counted(folded, 'step')} more`)
  return [
    timelineTitle(figure),
    ...lines,
    'in a strip: - taken out, x closed, ? in the making, ! lost',
  ].join('\n')
}

function standIn(vma: StepVma): string {
  return marks[vma.state ?? ''] ?? vma.id
}
