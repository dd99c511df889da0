// SPDX-License-Identifier: GPL-2.0-only
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { toSvg } from '../figures/index.ts'
import { layout, StepRing } from '../trace/index.ts'
import type { KernelBench } from './bench_kernel.ts'
import { type Effort, inTurns, loopOf, median, ratio } from './bench_loop.ts'
import { chooser, gapSearch, type Kind, scattered, world } from './bench_worlds.ts'

/** Numbers of VMAs, and how often each operation is repeated. */
export interface Sizes {
  readonly few: number
  readonly usual: number
  readonly many: number
  /** Of the address space whose past states are shown. */
  readonly filled: number
  readonly figure: number
  readonly effort: Effort
}

/** The sizes that the keys name. */
export const SIZES: Sizes = {
  few: 1000,
  usual: 60_000,
  many: 1_000_000,
  filled: 65_536,
  figure: 65_530,
  effort: { rounds: 41, count: 10_000 },
}

/** What was measured, by the names that `--json` prints. */
export type Results = Record<string, number>

/** What a measure may use. */
export interface Bench {
  readonly sizes: Sizes
  /** The running kernel's side; null: no ratio. */
  readonly kernel: Pick<KernelBench, 'start'> | null
  /** Told of what is under way, and of what cannot be measured. */
  readonly tell: (line: string) => void
}

type Measure = (bench: Bench) => Promise<Results>

/** Every measure by the name that selects it. */
export const measures: Readonly<Record<string, Measure>> = {
  top: (bench) => besideKernel(bench, 'top'),
  hole: (bench) => besideKernel(bench, 'hole'),
  mprotect: (bench) => besideKernel(bench, 'mprotect'),
  trace: traceCost,
  journal: journalCost,
  restore: restoreCost,
  fault: faultCost,
  growth: async (bench) => ({ ...(await growth(bench, 'top')), ...(await growth(bench, 'hole')) }),
  figure: figureCost,
}

/** Pairs a second of the model for each of the kernel's; without that when the kernel does not make the mappings. */
async function besideKernel({ sizes, kernel, tell }: Bench, kind: Kind): Promise<Results> {
  const model = loopOf(world(kind, sizes.usual).operate)
  const beside = await kernel?.start(kind, sizes.usual).catch((error: Error) => {
    tell(`no ratio to the kernel: ${error.message}`)
    return null
  })
  try {
    const [ours = [], theirs] = await inTurns(beside ? [model, beside] : [model], sizes.effort)
    const alone = { [`${kind}_ns_60k`]: median(ours) }
    if (!theirs) return alone
    return {
      [`${kind}_ratio_60k`]: ratio(theirs, ours),
      ...alone,
      [`${kind}_kernel_ns_60k`]: median(theirs),
    }
  } finally {
    beside?.close()
  }
}

/** The worst of the three operations: with a listener on, beside none. */
async function traceCost({ sizes }: Bench): Promise<Results> {
  const costs: number[] = []
  for (const kind of ['top', 'hole', 'mprotect'] as const) {
    const off = world(kind, sizes.usual)
    const on = world(kind, sizes.usual)
    on.mm.listener = new StepRing().listener
    const loops = [loopOf(on.operate), loopOf(off.operate)]
    const [listened = [], plain = []] = await inTurns(loops, sizes.effort)
    costs.push(ratio(listened, plain))
  }
  return { trace_ratio: Math.max(...costs) }
}

/** The worst of the three operations: with a history kept, beside without. */
async function journalCost({ sizes }: Bench): Promise<Results> {
  const costs: number[] = []
  for (const kind of ['top', 'hole', 'mprotect'] as const) {
    const on = loopOf(world(kind, sizes.usual, { history: true }).operate)
    const off = loopOf(world(kind, sizes.usual).operate)
    const [kept = [], plain = []] = await inTurns([on, off], sizes.effort)
    costs.push(ratio(kept, plain))
  }
  return { journal_ratio: Math.max(...costs) }
}

/** Past states that are looked at, and how often each. */
const STATES = 64
const VISITS = 3

/**
 * The way to the slowest of many past states, from whichever was looked at before: of an address space that was filled
 * call by call and then worked on, in each of three ways.
 */
async function restoreCost({ sizes }: Bench): Promise<Results> {
  const slowest: number[] = []
  for (const kind of ['top', 'hole', 'mprotect'] as const) {
    const { mm, operate } = world(kind, sizes.filled, { history: true })
    for (let i = 0; i < sizes.filled / 2; i++) operate()
    const { length = 0 } = mm.history ?? {}
    const times: number[][] = Array.from({ length: STATES }, () => [])
    for (let visit = -1; visit < VISITS; visit++) {
      const chosen = chooser(length + 1)
      for (let state = 0; state < STATES; state++) {
        const before = process.cpuUsage()
        mm.at(state === 0 ? 0 : chosen())
        const { user, system } = process.cpuUsage(before)
        if (visit >= 0) times[state]?.push((user + system) / 1000)
      }
    }
    slowest.push(Math.max(...times.map(median)))
  }
  return { restore_ms_64k: Math.max(...slowest) }
}

/** A mapping that is made, written to and unmapped, beside many and few whose pages are present. */
async function faultCost({ sizes }: Bench): Promise<Results> {
  const loops = [sizes.usual, sizes.few].map((vmas) => loopOf(world('fault', vmas).operate))
  const [slow = [], fast = []] = await inTurns(loops, sizes.effort)
  return {
    growth_fault_60k: ratio(slow, fast),
    fault_ns_60k: median(slow),
    fault_ns_1k: median(fast),
  }
}

async function growth({ sizes }: Bench, kind: 'top' | 'hole'): Promise<Results> {
  const small = world(kind, sizes.few)
  const before = bytesInUse()
  const large = world(kind, sizes.many)
  const bytes = bytesInUse() - before
  const loops = [loopOf(large.operate), loopOf(small.operate)]
  const [slow = [], fast = []] = await inTurns(loops, sizes.effort)
  const results = {
    [`growth_${kind}_1m`]: ratio(slow, fast),
    [`${kind}_ns_1k`]: median(fast),
    [`${kind}_ns_1m`]: median(slow),
  }
  if (kind === 'top') return results
  const [gap = []] = await inTurns([loopOf(gapSearch(large, sizes.many))], sizes.effort)
  return { ...results, gap_us_1m: median(gap) / 1000, bytes_per_vma: bytes / sizes.many }
}

/** What this process holds, after everything else is collected. Bytes. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function figureCost({ sizes }: Bench): Promise<Results> {
  const mm = scattered(sizes.figure)
  let svg = ''
  const times: number[] = []
  for (let round = -1; round < Math.min(9, sizes.effort.rounds); round++) {
    const before = process.cpuUsage()
    svg = await toSvg(layout(mm))
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) times.push((user + system) / 1000)
  }
  return { figure_ms_65530: median(times), figure_bytes_65530: Buffer.byteLength(svg) }
}
