// SPDX-License-Identifier: GPL-2.0-only
// Do two sets of hooks do the same, wherever and however their file is mapped?

import { linux } from '../eras/index.ts'
import { openFile } from '../mm/index.ts'
import { Equivalence, type ExpectedDifference, type FoundDifference } from './equivalence.ts'
import type { ProtocolRule } from './expected.ts'
import { isHookSite, numbered } from './faults.ts'
import { lockstep, type Outcome, type Pair } from './lockstep.ts'
import {
  type Base,
  bases,
  countBases,
  FOLLOWING,
  following,
  type Matrix,
  NEIGHBOURS,
  PROTS,
} from './matrix.ts'
import { minimise } from './minimise.ts'
import type { Op, Program } from './program.ts'
import { type Driver, World } from './world.ts'

/** So many of the first programs are run again at the end: they must give the same. */
const RUN_AGAIN = 24

/** Bases between two reports of progress. */
const REPORT_EVERY = 16

interface Row {
  cases: number
  /** The shortest seen. */
  program: Program
}

/**
 * Runs every program of the matrix on both drivers, with every failure on the way, and tells each difference once, with
 * the smallest program that shows it. A driver is its `file_operations`, or a function that makes them: then each
 * program gets a driver without a past. TypeError for what is neither; what a hook throws is a difference.
 */
export function equivalent(
  before: Driver,
  after: Driver,
  matrix: Partial<Matrix> = {},
): Equivalence {
  checkDriver('before', before)
  checkDriver('after', after)
  const whole = complete(matrix)
  const run = new Run({ before, after, ...whole }, matrix.release?.name ?? '')
  const total = countBases(whole)
  let done = 0
  for (const base of bases(whole)) {
    run.tryBase(base, whole)
    if (++done % REPORT_EVERY === 0 || done === total) whole.onProgress(done, total)
  }
  return run.result()
}

function complete(matrix: Partial<Matrix>): Matrix {
  const release = matrix.release ?? linux()
  const given = Object.entries(matrix).filter(([, value]) => value !== undefined)
  const whole: Matrix = {
    shared: [true, false],
    prots: PROTS,
    sizes: [1, 2, 4],
    pgoffs: [0, 1, 3],
    neighbours: NEIGHBOURS,
    following: FOLLOWING,
    failures: true,
    file: {},
    onProgress: () => {},
    release,
    beforeRelease: release,
    ...Object.fromEntries(given),
  }
  for (const axis of ['shared', 'prots', 'sizes', 'pgoffs', 'neighbours', 'following'] as const) {
    if (!Array.isArray(whole[axis]) || whole[axis].length === 0)
      throw new TypeError(`matrix.${axis}: give an array with at least one value, or leave it out`)
  }
  checkNames('neighbours', whole.neighbours, NEIGHBOURS)
  checkNames('following', whole.following, FOLLOWING)
  checkNumbers('sizes', whole.sizes, 1, 16)
  checkNumbers('pgoffs', whole.pgoffs, 0, 2 ** 40)
  checkNumbers('prots', whole.prots, 0, 7)
  return whole
}

function checkNames(axis: string, given: readonly string[], known: readonly string[]): void {
  for (const name of given)
    if (!known.includes(name))
      throw new RangeError(`matrix.${axis} ${name}: known are ${known.join(', ')}`)
}

function checkNumbers(axis: string, given: readonly number[], low: number, high: number): void {
  for (const value of given)
    if (!Number.isInteger(value) || value < low || value > high)
      throw new RangeError(`matrix.${axis} ${value}: give whole numbers from ${low} to ${high}`)
}

function checkDriver(name: string, driver: Driver): void {
  const made: unknown = typeof driver === 'function' ? driver() : driver
  if (typeof made !== 'object' || made === null)
    throw new TypeError(
      `${name} ${typeof driver === 'function' ? 'makes' : 'is'} ${String(made)}: give file_operations such as { mmap_prepare: (desc) => 0 }, or a function that makes them`,
    )
  openFile(name, made)
}

class Run {
  private readonly pair: Pair
  private readonly release: string
  private readonly rows = new Map<string, Row>()
  private readonly rules = new Map<ProtocolRule, Row>()
  private readonly first: { program: Program; digest: string }[] = []
  private cases = 0
  private mapped = 0

  /** `release`: the name of the one that was asked for; empty when none was. */
  constructor(pair: Pair, release: string) {
    this.pair = pair
    this.release = release
  }

  /** One mapping: alone, with everything that may follow, and with everything that may fail. */
  tryBase(base: Base, matrix: Matrix): void {
    const program = [...base.around, base.mapping]
    for (const kind of matrix.following) {
      const then = following(kind, base.mapping)
      if (then) this.try([...program, ...then], program.length - 1)
    }
    if (!matrix.failures) return
    this.tryFailures(base.around, [base.mapping])
    // What lies around makes no difference to what fails afterwards: once is enough.
    if (base.neighbours !== matrix.neighbours[0]) return
    for (const kind of matrix.following) {
      const then = following(kind, base.mapping)
      if (then && then.length > 0) this.tryFailures(program, then)
    }
  }

  private try(program: Program, mapping = -1): void {
    const outcome = lockstep(this.pair, program)
    this.cases++
    if (outcome.ends[mapping]?.[0] === 'ok') this.mapped++
    for (const { kind } of outcome.found) count(this.rows, kind, program)
    if (outcome.expected) count(this.rules, outcome.expected.rule, program)
    if (this.first.length < RUN_AGAIN) this.first.push({ program, digest: digest(outcome) })
  }

  private tryFailures(first: Program, then: Program): void {
    for (const failure of this.failures(first, then)) this.try([...first, failure, ...then])
  }

  /**
   * Every failure that `then` may meet, before or after; of hooks those that both call: whether others fail is theirs.
   */
  private failures(first: Program, then: Program): Op[] {
    const { before, after, beforeRelease, release, file } = this.pair
    const old = attempts(new World(before, beforeRelease, file), first, then)
    const own = attempts(new World(after, release, file), first, then)
    return [...new Map([...old, ...own])].flatMap(([name, failure]) =>
      isHookSite(failure.site) && !(old.has(name) && own.has(name)) ? [] : [failure],
    )
  }

  result(): Equivalence {
    const differences = [...this.rows].map(([kind, row]) => this.told(kind, row))
    return new Equivalence({
      cases: this.cases,
      mapped: this.mapped,
      differences,
      expected: [...this.rules].map(([rule, row]) => this.explained(rule, row)),
      keepsState: this.keepsState(),
    })
  }

  private told(kind: string, { cases, program }: Row): FoundDifference {
    const shows = (smaller: Program): boolean =>
      lockstep(this.pair, smaller).found.some((found) => found.kind === kind)
    const smallest = minimise(program, shows)
    const outcome = lockstep(this.pair, smallest)
    const shown = outcome.found.find((found) => found.kind === kind)
    const { release } = this
    const { aspect = 'errno', before = '', after = '', at = 0, also = [] } = shown ?? {}
    return {
      aspect,
      before,
      after,
      cases,
      program: smallest,
      at,
      also,
      ends: outcome.ends,
      release,
    }
  }

  private explained(rule: ProtocolRule, { cases, program }: Row): ExpectedDifference {
    const shows = (smaller: Program): boolean =>
      lockstep(this.pair, smaller).expected?.rule === rule
    const smallest = minimise(program, shows)
    const { expected, ends } = lockstep(this.pair, smallest)
    return {
      name: rule.name,
      rule: rule.rule,
      cite: rule.cite,
      cases,
      before: expected?.seen.before ?? '',
      after: expected?.seen.after ?? '',
      program: smallest,
      at: smallest.length - 1,
      ends,
      release: this.release,
    }
  }

  private keepsState(): boolean {
    return this.first.some(
      ({ program, digest: was }) => digest(lockstep(this.pair, program)) !== was,
    )
  }
}

type Failure = Op & { readonly call: 'failNth' }

/** Each attempt at each site while `then` is performed. */
function attempts(world: World, first: Program, then: Program): ReadonlyMap<string, Failure> {
  for (const op of first) world.perform(op)
  const met = then.flatMap((op) => {
    world.perform(op)
    return world.attempts
  })
  world.end()
  return new Map(
    numbered(met).map(({ site, nth }) => [`${site} ${nth}`, { call: 'failNth', site, nth }]),
  )
}

function count<K>(rows: Map<K, Row>, key: K, program: Program): void {
  const row = rows.get(key)
  if (!row) rows.set(key, { cases: 1, program })
  else {
    row.cases++
    if (program.length < row.program.length) row.program = program
  }
}

function digest({ found, expected, ends }: Outcome): string {
  return JSON.stringify([found, expected?.rule.name, ends])
}
