// SPDX-License-Identifier: GPL-2.0-only
// docs/performance.md, from what was measured.
import { cpus, release } from 'node:os'
import type { Results } from './bench_measures.ts'

/** A result in words. */
export interface Line {
  readonly what: string
  /** With its unit. */
  readonly value: string
  /** `>= 1`, or empty. */
  readonly goal: string
  readonly missed: boolean
  /** What is known about it, for a goal that is not met. */
  readonly why?: string
}

/** Where and when results were measured. */
export interface Occasion {
  readonly machine: string
  /** `2026-01-31`. */
  readonly date: string
}

/** This machine, today. */
export function occasion(): Occasion {
  const [processor] = cpus()
  const machine = `${cpus().length} x ${processor?.model ?? process.arch}, Linux ${release().replace(/-.*/, '')}, Node ${process.versions.node}`
  return { machine, date: new Date().toISOString().slice(0, 10) }
}

/** The page as Markdown. */
export function page(
  lines: readonly Line[],
  results: Results,
  { machine, date }: Occasion,
): string {
  const goals = lines.filter(({ goal }) => goal !== '')
  const met = goals.filter(({ missed }) => !missed)
  const rows = lines.map(({ what, value, goal, missed }) => {
    const verdict = goal === '' ? '' : missed ? 'not met' : 'met'
    // MDX takes the sign for the beginning of an element.
    const words = goal.replace('>=', 'at least').replace('<=', 'at most')
    return `| ${what.trim()} | ${value} | ${words} | ${verdict} |`
  })
  const whys = lines.flatMap(({ what, missed, why }) =>
    missed && why ? [`* ${what.trim()}: ${why}`] : [],
  )
  return `---
title: Performance
description: How fast the model is beside a running kernel, and what history, traces and figures cost.
---

<!-- Written by \`vmalab bench --page docs/performance.md\`: measure again instead of editing. -->

# Performance

A ratio compares what ran in turns in one run: a mapping of the model with one of the running kernel, or the model with
and without something. Operations are called as a cell calls them, with accounting, among mappings that do not merge.
Times are CPU time and depend on the machine and on what else it does; ratios depend on it less.

${met.length} of ${goals.length} goals are met. Measured on ${date}: ${machine}.

| what | measured | goal | |
|---|--:|--:|---|
${rows.join('\n')}
${whys.length > 0 ? `\nNot met, as far as profiles show:\n\n${whys.join('\n')}\n` : ''}
\`npm run bench\` measures all of it in about two minutes. \`--json\` prints the same numbers for a program:

\`\`\`json
${JSON.stringify(results, null, 2)}
\`\`\`
`
}
