// SPDX-License-Identifier: GPL-2.0-only
import {
  errno_name,
  KernelError,
  type mm_struct,
  type StepName,
  vm_area_struct,
} from '../mm/index.ts'
import type { FigureVma, StepVma, WhyNotMergedFigure } from './figure.ts'
import type { AddressRange } from './layout_view.ts'
import { isDriverStep } from './ledger.ts'
import { vmaLetter } from './snapshot.ts'
import { type LayoutChange, LayoutTracker, layoutAfter } from './step_layout.ts'
import { type HeldLock, HeldLocks } from './step_locks.ts'
import { type Subject, stepText } from './step_text.ts'
import { proposalVerdicts } from './why_not_merged.ts'

/** One thing that happened: plain JSON. */
export interface Step {
  /** The kernel function, or `call_` and `return_` with a hook's name. */
  readonly fn: StepName
  /** What happened, in words. */
  readonly text: string
  /** Driver code runs: the name of the hook. */
  readonly hook?: string
  /** The errno that a hook returned or a function refused with: `EINVAL`. */
  readonly errno?: string
  /** The letter of the VMA that the step is about. */
  readonly vma?: string
  /**
   * Where a hook takes or gives back something of the driver's, which `text` names: how many are held then, below 0
   * after one too many was given back.
   */
  readonly held?: number
  /** Whether the layout is another after it. */
  readonly changed: boolean
  /** The locks that are held then. */
  readonly locks: readonly HeldLock[]
}

/** One system call of a recording: plain JSON. */
export interface Call extends AddressRange {
  /** As in C: `munmap(0x10000, 4096)`. */
  readonly text: string
  /** What it returned: an address, 0, or a negative errno. */
  readonly ret: number
  /** The steps that it took: first and, exclusive, last. */
  readonly steps: readonly [first: number, end: number]
  /** Who refused and why, if it failed. */
  readonly at?: string
  readonly why?: string
}

/** What a recorder notes while it runs. */
interface Notes {
  readonly before: readonly StepVma[]
  readonly after: readonly StepVma[]
  readonly steps: readonly Step[]
  readonly calls: readonly Call[]
  readonly merges: readonly WhyNotMergedFigure[]
  readonly changes: readonly LayoutChange[]
}

/** What a run did to an address space, step by step. */
export class Recording<T = unknown> {
  readonly before: readonly FigureVma[]
  readonly after: readonly FigureVma[]
  readonly steps: readonly Step[]
  /** The system calls, in order. */
  readonly calls: readonly Call[]
  /** For each neighbour that a new mapping touched: whether the two merge, and why not. */
  readonly merges: readonly WhyNotMergedFigure[]
  /** What the recorded function returned; undefined when it threw. */
  readonly value: T | undefined
  /** The refusal that ended it, if one did. */
  readonly error: KernelError | null
  private readonly changes: readonly LayoutChange[]

  constructor(notes: Notes, value: T | undefined, error: KernelError | null) {
    this.before = notes.before
    this.after = notes.after
    this.steps = notes.steps
    this.calls = notes.calls
    this.merges = notes.merges
    this.changes = notes.changes
    this.value = value
    this.error = error
  }

  /**
   * What the address space looked like when step `step` was done, -1 for before the first: VMAs, those taken out but
   * not yet freed, the description of a mapping to be, and what is lost for good. RangeError for a step that is none.
   */
  layoutAt(step: number): readonly StepVma[] {
    if (!Number.isInteger(step) || step < -1 || step >= this.steps.length)
      throw new RangeError(`step ${step}: the steps are 0 to ${this.steps.length - 1}`)
    const { vmas, overlay } = layoutAfter(this.before, this.changes, step)
    const live = vmas.filter((vma) => !vma.state || !overlay.some((over) => overlaps(over, vma)))
    return [...live, ...overlay, ...this.holesAt(step, [...vmas, ...overlay])].sort(
      (one, other) => one.start - other.start,
    )
  }

  /** What was mapped when the call began and is not any more, once the call has been refused. */
  private holesAt(step: number, vmas: readonly StepVma[]): StepVma[] {
    const call = this.calls.find(({ steps: [first, end] }) => first <= step && step < end)
    if (!call || call.ret >= 0) return []
    const [first] = call.steps
    if (!this.steps.slice(first, step + 1).some(({ fn }) => fn === 'refuse')) return []
    const before = layoutAfter(this.before, this.changes, first - 1).vmas
    return subtract(before, vmas).map(({ start, end }) => ({
      id: 'hole',
      start,
      end,
      perms: '---p',
      pgoff: 0,
      state: 'hole',
    }))
  }

  /** The steps, one a line, and how it ended. */
  toString(): string {
    const width = Math.max(0, ...this.steps.map(({ fn }) => fn.length))
    const lines = this.steps.map(({ fn, text }) => `${fn.padEnd(width)}  ${text}`.trimEnd())
    return [...lines, ...(this.error ? [this.error.message] : [])].join('\n')
  }
}

function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.start < b.end && b.start < a.end
}

/** What of `ranges` none of `others` covers, joined where it touches. Both are in order of address. */
export function subtract(
  ranges: readonly AddressRange[],
  others: readonly AddressRange[],
): AddressRange[] {
  const left: { start: number; end: number }[] = []
  for (const { start, end } of ranges) {
    let from = start
    for (const other of others) {
      if (other.end <= from || other.start >= end) continue
      if (other.start > from) add(left, from, other.start)
      from = other.end
    }
    if (from < end) add(left, from, end)
  }
  return left
}

function add(ranges: { start: number; end: number }[], start: number, end: number): void {
  const last = ranges.at(-1)
  if (last?.end === start) last.end = end
  else ranges.push({ start, end })
}

/** A step while it is noted: whether it changed anything is known later. */
type Noted = { -readonly [Key in keyof Step]: Step[Key] }

class Recorder {
  private readonly steps: Noted[] = []
  private readonly calls: Call[] = []
  private readonly merges: WhyNotMergedFigure[] = []
  private readonly locks = new HeldLocks()
  private readonly tracker: LayoutTracker
  private readonly mm: mm_struct

  constructor(mm: mm_struct) {
    this.mm = mm
    this.tracker = new LayoutTracker(mm)
  }

  hear(fn: StepName, subject: Subject, a: number, b: number, c: number): void {
    if (fn === 'syscall') this.call(this.mm.called?.() ?? '', a, b, c)
    else {
      this.tracker.step(fn, subject, a, b)
      this.steps.push(this.noted(fn, subject, a, b, c))
      const { proposal } = this.mm
      if (fn === 'vma_merge_new_range' && proposal) this.merges.push(...proposalVerdicts(proposal))
    }
  }

  private noted(fn: StepName, subject: Subject, a: number, b: number, c: number): Noted {
    const text = stepText(this.mm, fn, subject, a, b, c)
    const isError = fn === 'refuse' || (fn.startsWith('return_') && a < 0)
    const vma = subject instanceof vm_area_struct ? vmaLetter(subject) : undefined
    return {
      fn,
      text,
      ...(fn.startsWith('call_') && { hook: fn.slice('call_'.length) }),
      ...(isError && { errno: errno_name(a) }),
      ...(vma !== undefined && { vma }),
      ...(isDriverStep(fn) && { held: a }),
      changed: false,
      locks: this.locks.after(fn, subjectName(subject)),
    }
  }

  private call(text: string, ret: number, start: number, length: number): void {
    const first = this.calls.at(-1)?.steps[1] ?? 0
    const refusal = ret < 0 ? this.mm.refusal : null
    this.calls.push({
      text,
      ret,
      start,
      end: start + length,
      steps: [first, this.steps.length],
      ...(refusal && { at: refusal.at, why: refusal.why }),
    })
  }

  finish(): Notes {
    const { tracker, steps, calls, merges } = this
    tracker.finish()
    const { before, changes } = tracker
    for (const [i, step] of steps.entries()) {
      const { splices = [], overlay } = changes[i] ?? {}
      step.changed = splices.length > 0 || overlay !== undefined
    }
    return { before, after: tracker.vmas(), steps, calls, merges, changes }
  }
}

function subjectName(subject: Subject): string {
  if (typeof subject === 'string') return subject
  return subject !== null && 'name' in subject ? subject.name : ''
}

/**
 * Runs `act` and writes down every step that the model takes meanwhile. A KernelError ends the recording and is kept
 * in it; anything else that `act` throws is thrown on. A listener that was there before hears nothing meanwhile.
 */
export function record<T>(mm: mm_struct, act: () => T): Recording<T> {
  const recorder = new Recorder(mm)
  const { listener } = mm
  mm.listener = (fn, subject, a, b, c) => recorder.hear(fn, subject, a, b, c)
  try {
    const value = act()
    return new Recording<T>(recorder.finish(), value, null)
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    return new Recording<T>(recorder.finish(), undefined, error)
  } finally {
    mm.listener = listener
  }
}
