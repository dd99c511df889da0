// SPDX-License-Identifier: GPL-2.0-only
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { KernelBench } from './bench_kernel.ts'
import { type Bench, measures, type Results, SIZES } from './bench_measures.ts'
import { type Line, occasion, page } from './bench_page.ts'
import { type Command, UsageError } from './command.ts'

/** What a result means and what it is to reach; the goal is absent where there is none. */
interface Row {
  readonly what: string
  readonly unit: string
  readonly atLeast?: number
  readonly atMost?: number
  /** What is known about it when the goal is not met. */
  readonly why?: string
}

const pair = 'mmap() and munmap()'
const rows: Readonly<Record<string, Row>> = {
  top_ratio_60k: {
    what: `${pair} below 60,000 VMAs: speed beside the kernel`,
    unit: 'x',
    atLeast: 1,
  },
  top_ns_60k: { what: '  the model', unit: 'ns' },
  top_kernel_ns_60k: { what: '  the running kernel', unit: 'ns' },
  hole_ratio_60k: {
    what: `${pair} in a hole among 60,000: speed beside the kernel`,
    unit: 'x',
    atLeast: 0.7,
  },
  hole_ns_60k: { what: '  the model', unit: 'ns' },
  hole_kernel_ns_60k: { what: '  the running kernel', unit: 'ns' },
  mprotect_ratio_60k: {
    what: 'split and merge by mprotect() among 60,000: speed beside the kernel',
    unit: 'x',
    atLeast: 0.7,
  },
  mprotect_ns_60k: { what: '  the model', unit: 'ns' },
  mprotect_kernel_ns_60k: { what: '  the running kernel', unit: 'ns' },
  trace_ratio: {
    what: 'a listener on beside none: cost',
    unit: 'x',
    atMost: 1.3,
  },
  journal_ratio: {
    what: 'a history kept beside none: cost',
    unit: 'x',
    atMost: 1.2,
    why: 'a call writes a row of counters and compares the settings, a VMA that goes leaves a row of its fields; that memory is new each time.',
  },
  restore_ms_64k: {
    what: 'showing a past state of 65,536 VMAs, the slowest',
    unit: 'ms',
    atMost: 10,
    why: 'far away from the state that is shown, tens of thousands of VMAs get their fields back and are put into a new tree, one by one.',
  },
  growth_fault_60k: {
    what: 'mmap(), a write, munmap() among 60,000 present pages beside 1,000: cost',
    unit: 'x',
    atMost: 4,
  },
  fault_ns_60k: { what: '  among 60,000', unit: 'ns' },
  fault_ns_1k: { what: '  among 1,000', unit: 'ns' },
  growth_top_1m: {
    what: `${pair} below 1,000,000 VMAs beside 1,000: cost`,
    unit: 'x',
    atMost: 1.5,
  },
  top_ns_1k: { what: '  below 1,000', unit: 'ns' },
  top_ns_1m: { what: '  below 1,000,000', unit: 'ns' },
  growth_hole_1m: {
    what: `${pair} in a hole among 1,000,000 beside 1,000: cost`,
    unit: 'x',
    atMost: 4,
  },
  hole_ns_1k: { what: '  among 1,000', unit: 'ns' },
  hole_ns_1m: { what: '  among 1,000,000', unit: 'ns' },
  gap_us_1m: { what: 'one search for a gap among 1,000,000', unit: 'us', atMost: 1 },
  bytes_per_vma: { what: 'memory of a VMA', unit: 'bytes', atMost: 400 },
  figure_ms_65530: { what: 'a figure of 65,530 VMAs', unit: 'ms', atMost: 250 },
  figure_bytes_65530: { what: '  its size', unit: 'bytes', atMost: 400_000 },
}

const help = `usage: vmalab bench [MEASURE...] [--json]

Measures the model, and the running kernel beside it: CPU time, in turns with a small C loop that cc compiles into
a temporary folder, medians over the rounds, ratios of the same round. Operations go through mm.mmap(), mm.munmap()
and mm.mprotect() in the world that a cell starts with, among mappings that do not merge. Without a C compiler, or
elsewhere than on Linux, no ratio to the kernel is given. It takes about a minute and 1 GiB of memory.

  MEASURE   only these: ${Object.keys(measures).join(', ')}
  --json    one line of JSON instead of the table
  --page FILE  also write the page that tells the results: docs/performance.md
`

/** `vmalab bench`. */
export const command: Command = {
  summary: 'measure the model beside the running kernel',
  help,
  run,
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, page: { type: 'string' } },
    allowPositionals: true,
  })
  const names = positionals.length > 0 ? positionals : Object.keys(measures)
  for (const name of names) {
    if (!Object.hasOwn(measures, name))
      throw new UsageError(`no measure ${name}: there are ${Object.keys(measures).join(', ')}`)
  }
  const kernel = KernelBench.compile()
  if (typeof kernel === 'string') tell(`no ratio to the kernel: ${kernel}`)
  const compiled = typeof kernel === 'string' ? null : kernel
  try {
    const results = await measureAll({ sizes: SIZES, kernel: compiled, tell }, names)
    if (values.page) writeFileSync(values.page, page(shown(results), results, occasion()))
    process.stdout.write(values.json ? `${JSON.stringify(results)}\n` : table(results))
  } finally {
    compiled?.close()
  }
  return 0
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Runs the measures of these names and gathers what they give. */
export async function measureAll(bench: Bench, names: readonly string[]): Promise<Results> {
  const results: Results = {}
  for (const name of names) {
    bench.tell(`measuring ${name} ...`)
    const measure = measures[name]
    if (measure) Object.assign(results, await measure(bench))
  }
  return results
}

/** The results with their meaning, one a line, and which goals are met. */
export function table(results: Results): string {
  const lines = shown(results).map(({ what, value, goal, missed }) => {
    const verdict = goal === '' ? '' : `${goal.padEnd(9)}  ${missed ? 'not met' : 'met'}`
    return `${what.padEnd(70)} ${value.padStart(13)}  ${verdict}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

/** The results in words. */
export function shown(results: Results): Line[] {
  return Object.entries(rows).flatMap(([key, { what, unit, atLeast, atMost, why }]) => {
    const value = results[key]
    if (value === undefined) return []
    const goal =
      atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : ''
    const missed = value < (atLeast ?? value) || value > (atMost ?? value)
    return [
      {
        what,
        value: `${value >= 100 ? Math.round(value) : value.toFixed(2)} ${unit}`,
        goal,
        missed,
        ...(why && { why }),
      },
    ]
  })
}
