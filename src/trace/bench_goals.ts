// SPDX-License-Identifier: GPL-2.0-only
// What `vmalab bench` measures and what each result is to reach.
import { countText } from './units.ts'

/** What a result means and what it is to reach; the goal is absent where there is none. */
export interface Measure {
  /** The key of `vmalab bench --json`. */
  readonly key: string
  readonly what: string
  readonly unit: 'x' | 'ns' | 'us' | 'ms' | 'bytes'
  readonly atLeast?: number
  readonly atMost?: number
  /** What a ratio is made of: ours, then what it is compared with. */
  readonly of?: readonly { readonly key: string; readonly what: string }[]
  /** What is known about it when the goal is not met. */
  readonly why?: string
}

const pair = 'mmap() and munmap()'
const kernel = (kind: string) => [
  { key: `${kind}_ns_60k`, what: 'the model' },
  { key: `${kind}_kernel_ns_60k`, what: 'the running kernel' },
]

/** Every result, in the order they are told. */
export const MEASURES: readonly Measure[] = [
  {
    key: 'top_ratio_60k',
    what: `${pair} below 60,000 VMAs: speed beside the kernel`,
    unit: 'x',
    atLeast: 1,
    of: kernel('top'),
  },
  {
    key: 'hole_ratio_60k',
    what: `${pair} in a hole among 60,000: speed beside the kernel`,
    unit: 'x',
    atLeast: 0.7,
    of: kernel('hole'),
  },
  {
    key: 'mprotect_ratio_60k',
    what: 'split and merge by mprotect() among 60,000: speed beside the kernel',
    unit: 'x',
    atLeast: 0.7,
    of: kernel('mprotect'),
  },
  { key: 'trace_ratio', what: 'a listener on beside none: cost', unit: 'x', atMost: 1.3 },
  {
    key: 'journal_ratio',
    what: 'a history kept beside none: cost',
    unit: 'x',
    atMost: 1.2,
    why: 'a call compares the settings and writes a row of counters, a VMA that changes or goes leaves 72 bytes of its fields. Switched off one by one, the comparison saves 6 hundredths, the counters 3, the fields 9, the lists of births and deaths 3; the rest are the calls themselves. Part of each is the first touch of new memory, 4 KiB at a time. Tried without gain: memory that the garbage collector does not count, lists in pieces in place of lists that double.',
  },
  {
    key: 'restore_ms_64k',
    what: 'showing a past state of 65,536 VMAs, the slowest',
    unit: 'ms',
    atMost: 10,
    why: 'tens of thousands of VMAs lie between two states that are far apart. A quarter of the time goes to walking over those that stay, a fifth to fields that are put back, a sixth to finding what differs, a tenth to the nodes of the new tree. What was shown once comes back without being made again, and what comes beside what stays is put there without looking at it. Leaves of the tree that stay whole are built anew, too, but where it is slowest hardly one does: merging in one pass, and sparing such leaves, gained nothing there.',
  },
  {
    key: 'growth_fault_60k',
    what: 'mmap(), a write, munmap() among 60,000 present pages beside 1,000: cost',
    unit: 'x',
    atMost: 4,
    of: [
      { key: 'fault_ns_60k', what: 'among 60,000' },
      { key: 'fault_ns_1k', what: 'among 1,000' },
    ],
  },
  {
    key: 'growth_top_1m',
    what: `${pair} below 1,000,000 VMAs beside 1,000: cost`,
    unit: 'x',
    atMost: 1.5,
    of: [
      { key: 'top_ns_1m', what: 'below 1,000,000' },
      { key: 'top_ns_1k', what: 'below 1,000' },
    ],
  },
  {
    key: 'growth_hole_1m',
    what: `${pair} in a hole among 1,000,000 beside 1,000: cost`,
    unit: 'x',
    atMost: 4,
    of: [
      { key: 'hole_ns_1m', what: 'among 1,000,000' },
      { key: 'hole_ns_1k', what: 'among 1,000' },
    ],
  },
  { key: 'gap_us_1m', what: 'one search for a gap among 1,000,000', unit: 'us', atMost: 1 },
  { key: 'bytes_per_vma', what: 'memory of a VMA', unit: 'bytes', atMost: 400 },
  { key: 'figure_ms_65530', what: 'a figure of 65,530 VMAs: time', unit: 'ms', atMost: 250 },
  {
    key: 'figure_bytes_65530',
    what: 'a figure of 65,530 VMAs: size',
    unit: 'bytes',
    atMost: 400_000,
  },
]

/** Whether a value reaches the goal; true where there is none. */
export function isMet({ atLeast, atMost }: Measure, value: number): boolean {
  return value >= (atLeast ?? value) && value <= (atMost ?? value)
}

/** The goal in words: `at least 0.7`; empty where there is none. */
export function goalText({ atLeast, atMost }: Measure): string {
  if (atLeast !== undefined) return `at least ${atLeast}`
  return atMost === undefined ? '' : `at most ${countOrShare(atMost)}`
}

function countOrShare(limit: number): string {
  return Number.isInteger(limit) ? countText(limit) : String(limit)
}

/** A result with its unit: `1.24 x`. */
export function valueText(value: number, unit: string): string {
  return `${value >= 100 ? countText(Math.round(value)) : value.toFixed(2)} ${unit}`
}
