// SPDX-License-Identifier: GPL-2.0-only
// One program on two drivers, call by call.
import type { FileOptions, Release } from '../mm/index.ts'
import { type ProtocolRule, protocolRule } from './expected.ts'
import type { Program } from './program.ts'
import { type CallEnd, type Driver, World } from './world.ts'
import {
  type Aspect,
  type AspectDifference,
  endText,
  thrownDifference,
  worldDifferences,
} from './world_differences.ts'

/** Two drivers, and what they run on. */
export interface Pair {
  readonly before: Driver
  readonly after: Driver
  readonly beforeRelease: Release
  readonly release: Release
  readonly file: FileOptions
}

/** A difference and the call after which it showed. */
export interface PlacedDifference extends AspectDifference {
  /** The call's index; the program's length once everything is unmapped. */
  readonly at: number
  /** What differs as well, as it must then. */
  readonly also: readonly Aspect[]
}

/** What came of a program. */
export interface Outcome {
  /** Differences, each kind once. */
  readonly found: readonly PlacedDifference[]
  /** A difference that the protocol brings, and with what it showed. */
  readonly expected: { readonly rule: ProtocolRule; readonly seen: AspectDifference } | null
  /** How each call ended before and after. */
  readonly ends: readonly (readonly [string, string])[]
}

/** After these nothing can be compared any more; what is held still can. */
const PARTS_WAYS: readonly Aspect[] = ['a hook threw', 'errno', 'layout']

/** Runs a program on both, compares after each call, then unmaps everything and compares what is left. */
export function lockstep(pair: Pair, program: Program): Outcome {
  return new Lockstep(pair).run(program)
}

class Lockstep {
  private readonly before: World
  private readonly after: World
  private readonly found: PlacedDifference[] = []
  private readonly seen = new Set<string>()
  private readonly ends: (readonly [string, string])[] = []
  private expected: Outcome['expected'] = null
  private partedWays = false

  constructor(pair: Pair) {
    this.before = new World(pair.before, pair.beforeRelease, pair.file)
    this.after = new World(pair.after, pair.release, pair.file)
  }

  run(program: Program): Outcome {
    for (const [at, op] of program.entries()) {
      const [one, other] = [this.before.perform(op), this.after.perform(op)]
      this.ends.push([endText(one), endText(other)])
      if (this.before.facts.injected !== this.after.facts.injected) this.partedWays = true
      if (this.partedWays) this.checkAlone(at, other)
      else this.compare(at, one, other)
    }
    this.compareEnds(program.length)
    return { found: this.found, expected: this.expected, ends: this.ends }
  }

  private compare(at: number, endBefore: CallEnd, endAfter: CallEnd): void {
    const { before, after } = this
    const differences = worldDifferences(before, after, endBefore, endAfter).filter(
      ({ kind }) => !this.seen.has(kind),
    )
    const [first] = differences
    if (!first) return
    const rule = protocolRule({ before, after, endBefore, endAfter, differences })
    if (rule) {
      this.expected ??= { rule, seen: first }
      for (const { kind } of differences) this.seen.add(kind)
      this.partedWays = !rule.goesOn
      return
    }
    const { roots, also } = withoutConsequences(differences)
    for (const difference of roots) this.add(difference, at, also)
    for (const { kind } of differences) this.seen.add(kind)
    if (differences.some(({ aspect }) => PARTS_WAYS.includes(aspect))) this.partedWays = true
  }

  /** What must hold of the new driver whatever the old one does. */
  private checkAlone(at: number, end: CallEnd): void {
    if (end.thrown) this.add(thrownDifference('none', end.thrown), at)
    this.tell('lock held', this.before.ledger.held('lock'), this.after.ledger.held('lock'), at)
    this.tell('underflow', this.before.ledger.underflows(), this.after.ledger.underflows(), at)
    if (!end.thrown && this.after.ledger.underflows() === '')
      this.tell('warning', this.before.facts.warnings, this.after.facts.warnings, at)
  }

  private compareEnds(at: number): void {
    const [one, other] = [this.before.end(), this.after.end()]
    if (other.thrown && other.thrown !== one.thrown)
      this.add(thrownDifference(one.thrown || 'none', other.thrown), at)
    const [{ ledger: old }, { ledger }] = [this.before, this.after]
    this.tell('underflow', old.underflows(), ledger.underflows(), at)
    this.tell('not given back', old.held(), ledger.held(), at)
    const [refs, otherRefs] = [this.before.file.f_count, this.after.file.f_count]
    if (refs !== otherRefs && otherRefs !== 1)
      this.tell('not given back', `file ${refs - 1}`, `file ${otherRefs - 1}`, at)
  }

  /** Notes what the new driver does wrong and the old one does not. */
  private tell(aspect: Aspect, before: string, after: string, at: number): void {
    if (after === '' || after === before) return
    const kind = `${aspect} | ${after.replace(/\d+/g, '#')}`
    this.add({ aspect, before: before || 'none', after, kind }, at)
  }

  private add(difference: AspectDifference, at: number, also: readonly Aspect[] = []): void {
    if (this.seen.has(difference.kind)) return
    this.seen.add(difference.kind)
    this.found.push({ ...difference, at, also })
  }
}

const FROM_LAYOUT: readonly Aspect[] = ['page tables', 'counters', 'file references', 'resources']
const FROM_ERRNO: readonly Aspect[] = ['layout', 'flags', 'page protection', ...FROM_LAYOUT]

/** What follows by itself where calls end otherwise, or where other ranges are mapped. */
const CONSEQUENCES: Readonly<Partial<Record<Aspect, readonly Aspect[]>>> = {
  'a hook threw': ['errno', ...FROM_ERRNO, 'warning'],
  errno: FROM_ERRNO,
  layout: FROM_LAYOUT,
  flags: ['counters'],
  underflow: ['warning'],
}

function withoutConsequences(differences: readonly AspectDifference[]): {
  roots: readonly AspectDifference[]
  also: readonly Aspect[]
} {
  const follows = new Set(differences.flatMap(({ aspect }) => CONSEQUENCES[aspect] ?? []))
  const roots = differences.filter(({ aspect }) => !follows.has(aspect))
  const also = differences.map(({ aspect }) => aspect).filter((aspect) => follows.has(aspect))
  return { roots, also: [...new Set(also)] }
}
