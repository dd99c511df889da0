// SPDX-License-Identifier: GPL-2.0-only
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { goalText, isMet, MEASURES, valueText } from '../trace/index.ts'
import { KernelBench } from './bench_kernel.ts'
import { type Bench, measures, type Results, SIZES } from './bench_measures.ts'
import { occasion, page } from './bench_page.ts'
import { type Command, UsageError } from './command.ts'

const help = `usage: vmalab bench [MEASURE...] [--json] [--page FILE]

Measures the model, and the running kernel beside it: CPU time, in turns with a small C loop that cc compiles into
a temporary folder, medians over the rounds, ratios of the same round. Operations go through mm.mmap(), mm.munmap()
and mm.mprotect() in the world that a cell starts with, among mappings that do not merge. Without a C compiler, or
elsewhere than on Linux, no ratio to the kernel is given. It takes about two minutes and 1 GiB of memory.

  MEASURE      only these: ${Object.keys(measures).join(', ')}
  --json       one line of JSON instead of the table
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
    if (values.page) writeFileSync(values.page, page(results, occasion()))
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
  const lines = MEASURES.flatMap((measure) => {
    const value = results[measure.key]
    const parts = (measure.of ?? []).flatMap(({ key, what }) => {
      const part = results[key]
      return part === undefined ? [] : [rowOf(`  ${what}`, valueText(part, 'ns'), '')]
    })
    if (value === undefined) return parts.length > 0 ? [measure.what, ...parts] : []
    const goal = `${goalText(measure).padEnd(15)}  ${isMet(measure, value) ? 'met' : 'not met'}`
    return [rowOf(measure.what, valueText(value, measure.unit), goal), ...parts]
  })
  return `${lines.join('\n')}\n`
}

function rowOf(what: string, value: string, goal: string): string {
  return `${what.padEnd(74)} ${value.padStart(13)}  ${goal}`.trimEnd()
}
