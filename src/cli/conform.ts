// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { linux } from '../eras/index.ts'
import type { Release } from '../mm/index.ts'
import { type Command, UsageError } from './command.ts'
import { LiveExpected, LiveWorld } from './conform_live.ts'
import { type Outcome, Skip } from './conform_outcome.ts'
import { familiesOf, inFamily, readVectors, type Scenario } from './conform_vectors.ts'
import { VmaWorld } from './conform_vma.ts'
import { VmaExpected } from './conform_vma_expected.ts'

/** How the kernel was built on which a folder of vectors was recorded, and what of `bad` still counts. */
interface World {
  readonly release: Release
  /** A recording that calls its committed pages wrong shows what this kernel does: it must match. */
  readonly keepsBadCommitted?: boolean
}

/** The userland build of mm/vma.c runs with READ_IMPLIES_EXEC. */
const userland = { executableHeap: true }

const worlds: Readonly<Record<string, () => World>> = {
  'vma-7.3.4': () => ({ release: linux('7.3.4', userland) }),
  'vma-6.12': () => ({ release: linux('6.12.117', userland), keepsBadCommitted: true }),
  'vma-rfc': () => ({ release: linux('rfc-complete', userland) }),
  'live-7.3': () => ({ release: linux('7.3.4') }),
  'live-6.18': () => ({ release: linux('6.18.44', { softDirty: false }) }),
  'live-6.12': () => ({ release: linux('6.12.117') }),
}

const help = `usage: vmalab conform FILE... [--as WORLD] [--family F] [--limit N] [--json]

Runs recorded vectors through the model and compares everything that they record: return values, VMA lists,
counters, file references, hook events in order. Files are JSON lines, plain or .gz, of both formats.

  --as WORLD    how the model is set up: ${Object.keys(worlds).join(', ')}
                (default: the name of the file's folder)
  --family F    only scenarios of this family, or with this component in their name
  --limit N     at most N scenarios over all files
  --show N      print the first N differences (default 3)
  --json        end with one line of JSON

An operation that the model does not do is skipped with a reason, and so is the rest of its scenario.
Exit status: 0 no mismatch, 1 mismatches or an unreadable file, 2 misuse.
`

/** `vmalab conform`. */
export const command: Command = {
  summary: 'compare the model with what real kernels did',
  help,
  run: conform,
}

interface Totals {
  scenarios: number
  ops: number
  mismatched_scenarios: number
  skipped_ops: number
  unreached_ops: number
  informative_ops: number
  skip_reasons: Record<string, number>
}

async function conform(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      as: { type: 'string' },
      family: { type: 'string' },
      limit: { type: 'string' },
      show: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  })
  if (positionals.length === 0) throw new UsageError('name one or more vector files')
  const limit = count('--limit', values.limit ?? String(Number.MAX_SAFE_INTEGER))
  const show = count('--show', values.show)
  const totals: Totals = {
    scenarios: 0,
    ops: 0,
    mismatched_scenarios: 0,
    skipped_ops: 0,
    unreached_ops: 0,
    informative_ops: 0,
    skip_reasons: {},
  }
  const progress = new Progress()
  const met = new Set<string>()
  for (const path of positionals) {
    const world = worldFor(path, values.as)
    for await (const scenario of readVectors(path)) {
      for (const family of familiesOf(scenario)) met.add(family)
      if (values.family !== undefined && !inFamily(scenario, values.family)) continue
      if (totals.scenarios >= limit) break
      const outcome = runScenario(scenario, world)
      add(totals, outcome)
      if (outcome.mismatch && totals.mismatched_scenarios <= show)
        progress.print(describe(scenario, outcome.mismatch))
      progress.tick(`${path}: ${totals.scenarios} scenarios`)
    }
  }
  progress.end()
  if (values.family !== undefined && totals.scenarios === 0 && limit > 0)
    throw new UsageError(
      `--family ${values.family}: no scenario belongs to it; there are ${[...met].sort().join(', ')}`,
    )
  process.stdout.write(summary(totals))
  if (totals.scenarios === 0) process.stderr.write('vmalab conform: no scenario was selected\n')
  if (values.json) process.stdout.write(`${JSON.stringify(totals)}\n`)
  return totals.mismatched_scenarios === 0 ? 0 : 1
}

function count(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} ${text}: give a whole number`)
  return Number(text)
}

function worldFor(path: string, name: string | undefined): World {
  if (!existsSync(path)) throw new Error(`${path}: no such file`)
  const wanted = name ?? basename(dirname(resolve(path)))
  const make = Object.hasOwn(worlds, wanted) ? worlds[wanted] : undefined
  if (make) return make()
  const known = Object.keys(worlds).join(', ')
  throw new UsageError(
    name === undefined
      ? `${path} lies in a folder that names no world; add --as WORLD, one of ${known}`
      : `--as ${name}: no such world; known are ${known}`,
  )
}

/** What a format needs to run and compare operations one by one. */
interface Runner {
  /** The differences, or null for an entry that is no operation. */
  next(index: number): string[] | null
  /** Is a difference there the recording's own doubt? */
  isInformative(index: number): boolean
}

function runnerFor(scenario: Scenario, world: World): Runner {
  if (scenario.format === 'live') {
    const live = new LiveWorld(world.release)
    const expected = new LiveExpected()
    return {
      next: (i) =>
        expected.compare(
          scenario.res[i] as (typeof scenario.res)[number],
          live.run(scenario.ops[i] as string),
        ),
      isInformative: () => false,
    }
  }
  const vma = new VmaWorld(world.release, scenario)
  const expected = new VmaExpected(scenario)
  return {
    next: (i) => {
      const op = scenario.ops[i] as (typeof scenario.ops)[number]
      const want = scenario.exp[i]
      if (want) return expected.compare(want, vma.run(op))
      vma.prepare(op)
      return null
    },
    isInformative: (i) => {
      const bad = scenario.exp[i]?.bad
      if (bad === undefined) return false
      return !(world.keepsBadCommitted && String(bad).startsWith('committed'))
    },
  }
}

/** Runs a scenario to its end, its first mismatch or the first operation that the model does not do. */
function runScenario(scenario: Scenario, world: World): Outcome {
  const runner = runnerFor(scenario, world)
  let ops = 0
  let informative = 0
  const counted = () => countOps(scenario)
  for (let i = 0; i < scenario.ops.length; i++) {
    try {
      const differences = runner.next(i)
      if (differences === null) continue
      ops++
      if (differences.length === 0) continue
      if (!runner.isInformative(i))
        return {
          ops: counted(),
          mismatch: { op: i, left: counted() - ops, differences },
          informative,
        }
      informative++
    } catch (error) {
      if (!(error instanceof Skip))
        throw new Error(`${scenario.id}, op ${i}: ${String(error)}`, { cause: error })
      return { ops: counted(), skip: { left: counted() - ops, reason: error.message }, informative }
    }
  }
  return { ops, informative }
}

function countOps(scenario: Scenario): number {
  return scenario.format === 'live' ? scenario.ops.length : scenario.exp.filter(Boolean).length
}

function add(totals: Totals, outcome: Outcome): void {
  totals.scenarios++
  totals.ops += outcome.ops
  totals.informative_ops += outcome.informative
  if (outcome.mismatch) {
    totals.mismatched_scenarios++
    totals.unreached_ops += outcome.mismatch.left
  }
  if (outcome.skip) {
    const { reason, left } = outcome.skip
    totals.skipped_ops += left
    totals.skip_reasons[reason] = (totals.skip_reasons[reason] ?? 0) + left
  }
}

function describe(
  scenario: Scenario,
  { op, differences }: NonNullable<Outcome['mismatch']>,
): string {
  const done = scenario.ops.slice(0, op + 1).map((one, i) => {
    const text = typeof one === 'string' ? one : one.join(' ')
    return `  ${i === op ? '>' : ' '} ${i}: ${text}`
  })
  return `${scenario.id}, op ${op}\n${done.slice(-8).join('\n')}\n${differences.join('\n')}\n\n`
}

function summary(totals: Totals): string {
  const { scenarios, ops, mismatched_scenarios, unreached_ops, skipped_ops, informative_ops } =
    totals
  const reasons = Object.entries(totals.skip_reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, n]) => `    ${n} ${reason}\n`)
  return `${scenarios} scenarios, ${ops} operations: ${mismatched_scenarios} scenarios differ
  ${skipped_ops} operations skipped, ${unreached_ops} not reached after a difference, ${informative_ops} differ where the recording doubts itself
${reasons.join('')}`
}

/** A line of progress on a terminal; nothing when stderr is none. */
class Progress {
  private shown = 0

  tick(text: string): void {
    const now = Date.now()
    if (!process.stderr.isTTY || now - this.shown < 200) return
    this.shown = now
    process.stderr.write(`\r\x1b[K${text}`)
  }

  print(text: string): void {
    this.end()
    process.stdout.write(text)
  }

  end(): void {
    if (process.stderr.isTTY && this.shown > 0) process.stderr.write('\r\x1b[K')
  }
}
