// SPDX-License-Identifier: GPL-2.0-only
import {
  type file,
  type StepListener,
  type StepName,
  type vm_area_desc,
  vm_area_struct,
} from '../mm/index.ts'
import { hexText } from './units.ts'

/** One step as a {@link StepRing} keeps it: plain JSON. */
export interface RingStep {
  /** The kernel function, or `call_` and `return_` with a hook's name. */
  readonly fn: StepName
  /** The range of the VMA or the description that it was about, as it was then, in bytes. */
  readonly range?: readonly [start: number, end: number]
  /** The file, the kernel function or the warning that it was about; `...` for a text too many. */
  readonly text?: string
  /** What {@link StepName} says for the step. */
  readonly numbers: readonly [a: number, b: number, c: number]
}

/** The numbers of a step: its name, its subject's kind, two for the subject, a, b, c. */
const WIDTH = 7
const [NOTHING, RANGE, TEXT] = [0, 1, 2]
/** Texts that are told apart. */
const TEXTS = 1024

/**
 * The last steps of an address space, as numbers: written without allocating, put into words only when asked. While
 * it is on, a call takes up to a third longer; a listener that keeps objects or texts takes many times as long.
 *
 * A Recording can be made from it by who takes a snapshot before and one after: the steps between are here, but for the
 * texts of VMAs, whose ranges are kept instead.
 *
 *     const ring = new StepRing()
 *     mm.listener = ring.listener
 *     mm.munmap(addr, 4096)
 *     mm.listener = null
 *     console.log(String(ring))
 */
export class StepRing {
  /** How many steps it keeps. */
  readonly size: number
  /** To be put into `mm.listener`. */
  readonly listener: StepListener
  private written = 0
  private readonly rows: Float64Array
  private readonly names: StepName[] = []
  private readonly numberOf: Map<StepName, number> = new Map()
  private readonly texts: string[] = []
  private readonly textOf: Map<string, number> = new Map()

  /** RangeError for a size that is no whole number above 0. */
  constructor(size = 4096) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`size ${size}: a ring keeps a whole number of steps, 1 or more`)
    this.size = size
    this.rows = new Float64Array(size * WIDTH)
    this.listener = (name, subject, a, b, c) => this.write(name, subject, a, b, c)
  }

  /** The steps that it was told of, those that were overwritten included. */
  get count(): number {
    return this.written
  }

  /** The steps that it still has, the oldest first. */
  steps(): RingStep[] {
    const first = Math.max(0, this.written - this.size)
    return Array.from({ length: this.written - first }, (_, i) => this.read(first + i))
  }

  /** The steps, one a line. */
  toString(): string {
    return this.steps().map(line).join('\n')
  }

  private write(
    name: StepName,
    subject: vm_area_struct | vm_area_desc | file | string | null,
    a: number,
    b: number,
    c: number,
  ): void {
    const { rows } = this
    const at = (this.written % this.size) * WIDTH
    rows[at] = this.numberOf.get(name) ?? this.addName(name)
    if (subject === null) rows[at + 1] = NOTHING
    else if (subject instanceof vm_area_struct) {
      rows[at + 1] = RANGE
      rows[at + 2] = subject.vm_start
      rows[at + 3] = subject.vm_end
    } else this.writeOther(at, subject)
    rows[at + 4] = a
    rows[at + 5] = b
    rows[at + 6] = c
    this.written++
  }

  private writeOther(at: number, subject: vm_area_desc | file | string): void {
    const { rows } = this
    if (typeof subject === 'object' && 'start' in subject) {
      rows[at + 1] = RANGE
      rows[at + 2] = subject.start
      rows[at + 3] = subject.end
      return
    }
    const text = typeof subject === 'string' ? subject : subject.name
    rows[at + 1] = TEXT
    rows[at + 2] = this.textOf.get(text) ?? this.addText(text)
  }

  private read(number: number): RingStep {
    const at = (number % this.size) * WIDTH
    const value = (i: number): number => this.rows[at + i] as number
    const fn = this.names[value(0)] as StepName
    const numbers = [value(4), value(5), value(6)] as const
    if (value(1) === RANGE) return { fn, range: [value(2), value(3)], numbers }
    if (value(1) === TEXT) return { fn, text: this.texts[value(2)] ?? '...', numbers }
    return { fn, numbers }
  }

  private addName(name: StepName): number {
    this.numberOf.set(name, this.names.length)
    return this.names.push(name) - 1
  }

  private addText(text: string): number {
    if (this.texts.length === TEXTS) return TEXTS
    this.textOf.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

function line({ fn, range, text, numbers }: RingStep): string {
  const about = range ? `[${range.map(hexText).join(', ')})` : (text ?? '')
  let last = numbers.length
  while (last > 0 && numbers[last - 1] === 0) last--
  const rest = numbers.slice(0, last).map((n) => (Math.abs(n) < 4096 ? `${n}` : hexText(n)))
  return [fn, about, ...rest].filter(Boolean).join('  ')
}
