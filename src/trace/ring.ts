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
  /** The file, the kernel function or the warning that it was about. */
  readonly text?: string
  /** What {@link StepName} says for the step. */
  readonly numbers: readonly [a: number, b: number, c: number]
}

/** The numbers of a step: the range of its subject, a, b, c. */
const WIDTH = 5
/** The start of a subject that has no range. */
const NO_RANGE = -1

/**
 * The last steps of an address space, mostly numbers: written without allocating, put into words only when asked. While
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
  private readonly names: StepName[]
  private readonly texts: (string | null)[]

  /** RangeError for a size that is no whole number above 0. */
  constructor(size = 4096) {
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`size ${size}: a ring keeps a whole number of steps, 1 or more`)
    this.size = size
    this.rows = new Float64Array(size * WIDTH)
    this.names = new Array(size).fill('warn')
    this.texts = new Array(size).fill(null)
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
    const slot = this.written++ % this.size
    const at = slot * WIDTH
    this.names[slot] = name
    this.texts[slot] = null
    if (subject instanceof vm_area_struct) {
      rows[at] = subject.vm_start
      rows[at + 1] = subject.vm_end
    } else {
      rows[at] = NO_RANGE
      if (subject !== null) this.writeOther(slot, subject)
    }
    rows[at + 2] = a
    rows[at + 3] = b
    rows[at + 4] = c
  }

  private writeOther(slot: number, subject: vm_area_desc | file | string): void {
    if (typeof subject === 'string') this.texts[slot] = subject
    else if ('start' in subject) {
      this.rows[slot * WIDTH] = subject.start
      this.rows[slot * WIDTH + 1] = subject.end
    } else this.texts[slot] = subject.name
  }

  private read(number: number): RingStep {
    const slot = number % this.size
    const value = (i: number): number => this.rows[slot * WIDTH + i] as number
    const fn = this.names[slot] as StepName
    const text = this.texts[slot] ?? null
    const numbers = [value(2), value(3), value(4)] as const
    if (text !== null) return { fn, text, numbers }
    return value(0) === NO_RANGE ? { fn, numbers } : { fn, range: [value(0), value(1)], numbers }
  }
}

function line({ fn, range, text, numbers }: RingStep): string {
  const about = range ? `[${range.map(hexText).join(', ')})` : (text ?? '')
  let last = numbers.length
  while (last > 0 && numbers[last - 1] === 0) last--
  const rest = numbers.slice(0, last).map((n) => (Math.abs(n) < 4096 ? `${n}` : hexText(n)))
  return [fn, about, ...rest].filter(Boolean).join('  ')
}
