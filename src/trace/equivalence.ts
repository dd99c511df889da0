// SPDX-License-Identifier: GPL-2.0-only
import { type Markup, tableMarkup } from './markup.ts'
import { opText, PROGRAM_BASE, PROGRAM_PAGES, type Program } from './program.ts'
import { Told, textTable } from './told.ts'
import { counted, countText, hexText } from './units.ts'
import type { Aspect } from './world_differences.ts'

/** A kind of difference, with the smallest program that shows it. */
export interface FoundDifference {
  readonly aspect: Aspect
  readonly before: string
  readonly after: string
  /** The programs that show it. */
  readonly cases: number
  readonly program: Program
  /** The call after which it shows; the program's length: once everything is unmapped. */
  readonly at: number
  /** What differs as well, as it must then. */
  readonly also: readonly Aspect[]
  /** How each call of the program ended before and after. */
  readonly ends: readonly (readonly [string, string])[]
  /** The release that was asked for; empty: the latest known. */
  readonly release: string
}

/** A difference that the protocol brings, with the rule that says so. */
export interface ExpectedDifference {
  readonly name: string
  readonly rule: string
  /** The kernel function that decides, and the release. */
  readonly cite: string
  readonly before: string
  readonly after: string
  readonly cases: number
  readonly program: Program
  /** The call after which it shows. */
  readonly at: number
  readonly ends: FoundDifference['ends']
  readonly release: string
}

/** What running the programs on two drivers gave. */
interface Comparison {
  /** The programs that ran. */
  readonly cases: number
  /** Those in which the mapping was made before. */
  readonly mapped: number
  readonly differences: readonly FoundDifference[]
  readonly expected: readonly ExpectedDifference[]
  /** The same program gives something else the second time. */
  readonly keepsState: boolean
}

/** What comparing two drivers found. Made by equivalent(). */
export class Equivalence extends Told implements Comparison {
  readonly cases: number
  readonly mapped: number
  readonly differences: readonly FoundDifference[]
  readonly expected: readonly ExpectedDifference[]
  readonly keepsState: boolean

  constructor(found: Comparison) {
    super()
    this.cases = found.cases
    this.mapped = found.mapped
    this.differences = found.differences
    this.expected = found.expected
    this.keepsState = found.keepsState
  }

  /** No difference but what the protocol brings, and it would be the same another time. */
  get equal(): boolean {
    return this.differences.length === 0 && !this.keepsState
  }

  /** What makes the comparison worth less. */
  get problems(): readonly string[] {
    return [...(this.keepsState ? [KEEPS_STATE] : []), ...(this.mapped === 0 ? [NEVER_MAPPED] : [])]
  }

  /** The summary, then each difference with its program. */
  override toString(): string {
    const parts = [this.headline(), ...this.problems.map((text) => `note: ${text}`)]
    if (this.differences.length > 0) parts.push(textTable(HEAD, this.differences.map(cells)))
    for (const [at, difference] of this.differences.entries())
      parts.push(`${at + 1}. ${differenceText(difference)}`)
    if (this.expected.length > 0) parts.push('expected, since the protocol brings it:')
    for (const expected of this.expected) parts.push(expectedText(expected))
    return parts.join('\n\n')
  }

  private headline(): string {
    const { cases, mapped, differences, equal } = this
    const ran = `${counted(cases, 'program')}, ${countText(mapped)} of them map the file before`
    if (equal) return `equivalent: ${ran}, no difference`
    return `not equivalent: ${ran}, ${counted(differences.length, 'kind')} of difference`
  }

  /** The headline and the two tables. */
  toMarkup(): readonly Markup[] {
    const { problems, differences, expected } = this
    const said = [this.headline(), ...problems.map((text) => `note: ${text}`)]
    const found = differences.map((one) => [...cells(one), programText(one).join('\n')])
    const brought = expected.map(({ name, rule, cite, cases }) => [
      name,
      `${rule} (${cite})`,
      `${cases}`,
    ])
    return [
      ...said.map((text): Markup => ['p', {}, text]),
      ...(found.length > 0 ? [tableMarkup([...HEAD, 'program'], found)] : []),
      ...(brought.length > 0 ? [tableMarkup(['expected', 'since', 'programs'], brought)] : []),
    ]
  }
}

/** The lines that one would type into a cell to see it; `driver` is the name of the hooks there. */
export function programText(
  shown: FoundDifference | ExpectedDifference,
  driver = 'after',
): string[] {
  const { program, at, ends, release } = shown
  const atTheEnd = at >= program.length
  const lines = program.map((op, index) => {
    const refused = (ends[index] ?? []).some((end) => end !== 'ok')
    const last = index === program.length - 1 && !atTheEnd
    return opText(op, refused && !last)
  })
  const unmap = `mm.munmap(${hexText(PROGRAM_BASE)}, ${PROGRAM_PAGES} * PAGE_SIZE)`
  return [
    `const mm = new Mm(linux(${release && `'${release}'`})), dev = file('/dev/demo', ${driver})`,
    ...lines,
    ...(atTheEnd ? [unmap] : []),
  ]
}

function differenceText(found: FoundDifference): string {
  const { aspect, before, after, also } = found
  const where = found.at >= found.program.length ? ', once everything is unmapped' : ''
  return [
    `${aspect}${where}`,
    ...programText(found).map((line) => `     ${line}`),
    `   before: ${before}`,
    `   after:  ${after}`,
    ...(also.length > 0 ? [`   and so: ${also.join(', ')}`] : []),
  ].join('\n')
}

function expectedText(expected: ExpectedDifference): string {
  const { name, rule, cite, cases, before, after } = expected
  return [
    `${name} (${counted(cases, 'program')}): ${rule}`,
    `   ${cite}`,
    ...programText(expected).map((line) => `     ${line}`),
    `   before: ${before}`,
    `   after:  ${after}`,
  ].join('\n')
}

const KEEPS_STATE =
  'the same program gives something else the second time: a driver keeps state between programs; give a function that makes its file_operations'
const NEVER_MAPPED = 'no mapping ever succeeded before: the two were compared in refusing only'
const HEAD = ['difference', 'before', 'after', 'programs'] as const

function cells({ aspect, before, after, cases }: FoundDifference): string[] {
  return [aspect, before, after, `${cases}`]
}
