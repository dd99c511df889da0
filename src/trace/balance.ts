// SPDX-License-Identifier: GPL-2.0-only
// What a driver's hooks take and do not give back: in what was recorded, or on each path that a mapping may go.
import { linux } from '../eras/index.ts'
import { type FileOptions, PROT_READ, PROT_WRITE, type Release } from '../mm/index.ts'
import { isHookSite, numbered } from './faults.ts'
import { Ledger, type ResourceCount, type ResourceKind } from './ledger.ts'
import { type Markup, tableMarkup } from './markup.ts'
import type { Op, Program } from './program.ts'
import { Recording } from './record.ts'
import { Told, textTable } from './told.ts'
import { counted } from './units.ts'
import { type Driver, World } from './world.ts'
import { endText } from './world_differences.ts'

/** One resource on one path. */
export interface BalanceRow {
  /** `new VMA`, `failed at vm_area_alloc 1`; of a recording the call, and last `all 3 calls`. */
  readonly path: string
  /** How the path's mmap(), or the call, ended: `ok` or `-ENOMEM`. Empty for all calls. */
  readonly end: string
  readonly kind: ResourceKind
  readonly name: string
  readonly taken: number
  readonly given: number
  /** Given back without having been taken. */
  readonly underflows: number
  /** A lock that was still held when the call returned. */
  readonly heldAfterCall: boolean
  /**
   * Nothing is left, nothing was given back twice, and no lock outlives the call. Of a recorded call that succeeds,
   * something may be left: what it made gives it back later.
   */
  readonly even: boolean
}

/** What the hooks of a driver took and gave back. Made by balance(). */
export class Balance extends Told {
  readonly rows: readonly BalanceRow[]
  /** What hooks threw, by path. */
  readonly thrown: readonly string[]

  constructor(rows: readonly BalanceRow[], thrown: readonly string[]) {
    super()
    this.rows = rows
    this.thrown = thrown
  }

  /** Rows that do not come out even. */
  get leaks(): readonly BalanceRow[] {
    return this.rows.filter(({ even }) => !even)
  }

  private cells(): string[][] {
    return this.rows.map((row) => [
      row.path,
      row.end,
      `${row.kind} ${row.name}`,
      `${row.taken}`,
      `${row.given}`,
      verdict(row),
    ])
  }

  private headline(): string {
    const { leaks, thrown, rows } = this
    if (leaks.length + thrown.length === 0) return 'balanced: every path gives back what it takes'
    return `not balanced: ${leaks.length} of ${rows.length} rows`
  }

  override toString(): string {
    return [this.headline(), ...this.thrown, textTable(HEAD, this.cells())].join('\n')
  }

  toMarkup(): readonly Markup[] {
    const said = [this.headline(), ...this.thrown].map((text): Markup => ['p', {}, text])
    return [...said, tableMarkup(HEAD, this.cells())]
  }
}

const HEAD = ['path', 'ended', 'resource', 'taken', 'given back', '']

function verdict({ underflows, taken, given, even }: BalanceRow): string {
  if (underflows > 0)
    return `${underflows} given back that ${underflows === 1 ? 'was' : 'were'} not taken`
  if (even) return taken > given ? 'kept' : ''
  if (taken > given) return `${taken - given} not given back`
  return given > taken ? `${given - taken} given back too often` : 'held when the call returns'
}

/** What balance() may be told. */
export interface BalanceOptions {
  /** Default: the latest known. */
  readonly release?: Release
  readonly file?: FileOptions
  /** Pages of the mapping: default 3. */
  readonly pages?: number
  /** Pages: default 1. */
  readonly pgoff?: number
}

type Mapping = Op & { readonly call: 'mmap' }

/**
 * What hooks took and did not give back. Of a recording: in each call, then in all of them; record until everything is
 * unmapped. Of a driver: its file is mapped along every path (a new VMA, merged, replaced, split, forked, moved,
 * failing at each site), then everything is unmapped. TypeError for what is neither.
 */
export function balance(recording: Recording): Balance
export function balance(driver: Driver, options?: BalanceOptions): Balance
export function balance(of: Recording | Driver, options: BalanceOptions = {}): Balance {
  if (of instanceof Recording) return ofRecording(of)
  if (typeof of !== 'function' && (typeof of !== 'object' || of === null))
    throw new TypeError(
      `balance of ${String(of)}: give a recording of record(), file_operations, or a function that makes them`,
    )
  return ofDriver(of, options)
}

const NO_LOCKS: ReadonlySet<string> = new Set()

function ofRecording({ calls, steps }: Recording): Balance {
  const all = new Ledger()
  const rows: BalanceRow[] = []
  const hear = (ledger: Ledger, from: number, to: number): void => {
    for (const { fn, text, held } of steps.slice(from, to))
      if (held !== undefined) ledger.hear(fn, text, held)
  }
  let heard = 0
  for (const [at, call] of calls.entries()) {
    const { text, ret } = call
    const [first, end] = call.steps
    hear(all, heard, end)
    heard = end
    const own = new Ledger()
    hear(own, first, end)
    const path = calls.length > 1 ? `${at + 1}. ${text}` : text
    const ended = endText({ ret, at: '', thrown: '' })
    // What a failing call made is gone: nothing of it gives back what is left.
    for (const count of own)
      rows.push(rowOf(count, path, ended, all.locksHeld(), ret >= 0 || count.taken <= count.given))
  }
  hear(all, heard, steps.length)
  const path = `all ${counted(calls.length, 'call')}`
  for (const count of all) rows.push(rowOf(count, path, '', NO_LOCKS, count.taken === count.given))
  return new Balance(rows, [])
}

function rowOf(
  count: Readonly<ResourceCount>,
  path: string,
  end: string,
  locksHeld: ReadonlySet<string>,
  givesBack: boolean,
): BalanceRow {
  const { kind, name, underflows } = count
  const heldAfterCall = kind === 'lock' && locksHeld.has(name)
  return {
    ...count,
    path,
    end,
    heldAfterCall,
    even: underflows === 0 && !heldAfterCall && givesBack,
  }
}

function ofDriver(driver: Driver, options: BalanceOptions): Balance {
  const release = options.release ?? linux()
  const file = options.file ?? {}
  const mapping = accepted(driver, release, file, options)
  const rows: BalanceRow[] = []
  const thrown: string[] = []
  for (const [path, program, call] of paths(driver, release, file, mapping)) {
    const world = new World(driver, release, file)
    const ends = program.map((op) => {
      const end = world.perform(op)
      return { end, held: world.ledger.locksHeld() }
    })
    const last = world.end()
    for (const { end } of [...ends, { end: last }])
      if (end.thrown) thrown.push(`${path}: ${end.thrown}`)
    const mapped = ends[call]
    const end = mapped ? endText(mapped.end) : ''
    const held = mapped?.held ?? NO_LOCKS
    for (const count of world.ledger)
      rows.push(rowOf(count, path, end, held, count.taken === count.given))
  }
  return new Balance(rows, thrown)
}

/** The first kind of mapping that the driver accepts. */
function accepted(
  driver: Driver,
  release: Release,
  file: FileOptions,
  options: BalanceOptions,
): Mapping {
  const { pages = 3, pgoff = 1 } = options
  const mapping = (prot: number, shared: boolean, size: number, at: number): Mapping => ({
    call: 'mmap',
    page: 16,
    pages: size,
    prot,
    shared,
    pgoff: at,
  })
  for (const size of [pages, 1])
    for (const at of [pgoff, 0])
      for (const prot of [PROT_READ | PROT_WRITE, PROT_READ])
        for (const shared of [true, false]) {
          const tried = mapping(prot, shared, size, at)
          const world = new World(driver, release, file)
          if (world.perform(tried).ret >= 0) return tried
        }
  return mapping(PROT_READ, true, pages, pgoff)
}

/** Every path by name, as a program, with the index of the mmap() that it is about. */
function paths(
  driver: Driver,
  release: Release,
  file: FileOptions,
  mapping: Mapping,
): (readonly [string, Program, number])[] {
  const { page, pages } = mapping
  const pgoff = mapping.pgoff ?? 0
  const next: Mapping = { ...mapping, page: page + pages, pgoff: pgoff + pages, pages: 1 }
  const left: Mapping = { ...mapping, pages: 1 }
  const right: Mapping = {
    ...mapping,
    page: page + 1,
    pgoff: pgoff + 1,
    pages: Math.max(1, pages - 1),
  }
  const found: (readonly [string, Program, number])[] = [
    ['new VMA', [mapping], 0],
    ['beside its own', pages > 1 ? [left, right] : [mapping, next], 1],
    ['over its own', [mapping, { ...mapping, pages: 1 }], 1],
    ['fork', [mapping, { call: 'fork' }], 0],
    ['split', [mapping, { call: 'munmap', page: page + 1, pages: 1 }], 0],
    ['mprotect a part', [mapping, { call: 'mprotect', page, pages: 1, prot: 0 }], 0],
    ['moved', [mapping, { call: 'mremap', page, pages, newPages: pages, to: 40 }], 0],
    ['unmapped', [mapping, { call: 'munmap', page, pages }], 0],
  ]
  const world = new World(driver, release, file)
  world.perform(mapping)
  // Whether a hook can fail without having done anything is the driver's.
  for (const { site, nth } of numbered(world.attempts).filter((one) => !isHookSite(one.site)))
    found.push([`failed at ${site} ${nth}`, [{ call: 'failNth', site, nth }, mapping], 1])
  return found
}
