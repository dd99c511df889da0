// SPDX-License-Identifier: GPL-2.0-only
// What is measured, in turns: the machine may be busy, so only what ran side by side is compared.

/** Something to be repeated and measured. */
export interface Loop {
  /** Does `count` operations; the CPU time that they took, in nanoseconds. */
  run(count: number): number | Promise<number>
}

/** An operation of this process as a {@link Loop}. CPU time is of all threads: garbage collection counts. */
export function loopOf(operation: () => void): Loop {
  return {
    run(count) {
      const before = process.cpuUsage()
      for (let i = 0; i < count; i++) operation()
      const { user, system } = process.cpuUsage(before)
      return (user + system) * 1000
    },
  }
}

/** Nanoseconds an operation, one number a round. */
export type Rounds = readonly number[]

/** How often. */
export interface Effort {
  readonly rounds: number
  /** Operations a round. */
  readonly count: number
}

/** Runs the loops one after the other, round by round, after rounds that are not counted. */
export async function inTurns(
  loops: readonly Loop[],
  { rounds, count }: Effort,
): Promise<readonly Rounds[]> {
  const all: number[][] = loops.map(() => [])
  const unmeasured = Math.min(5, rounds)
  for (let round = -unmeasured; round < rounds; round++) {
    for (const [i, loop] of loops.entries()) {
      const ns = await loop.run(count)
      if (round >= 0) all[i]?.push(ns / count)
    }
  }
  return all
}

/** The middle one of them; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** How many times as long an operation of `a` takes as one of `b`: the median of the rounds' own ratios. */
export function ratio(a: Rounds, b: Rounds): number {
  return median(a.map((ns, i) => ns / (b[i] ?? Number.NaN)))
}
