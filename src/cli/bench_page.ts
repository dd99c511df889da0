// SPDX-License-Identifier: GPL-2.0-only
// docs/performance.md, from what was measured.
import { cpus, release } from 'node:os'
import { isMet, MEASURES } from '../trace/index.ts'
import type { Results } from './bench_measures.ts'

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

/** The page as Markdown: the figure is drawn by a cell that holds the results. */
export function page(results: Results, { machine, date }: Occasion): string {
  const whys = MEASURES.flatMap((measure) => {
    const { key, what, why } = measure
    const value = results[key]
    const isMissed = value !== undefined && !isMet(measure, value)
    return isMissed && why ? [`* ${what}: ${why}`] : []
  })
  return `---
title: Performance
description: How fast the model is beside a running kernel, and what history, traces and figures cost.
---

<!-- Written by \`vmalab bench --page docs/performance.md\`: measure again instead of editing. -->

# Performance

A ratio compares what ran in turns in one run: a mapping of the model with one of the running kernel, or the model with
and without something. Operations are called as a cell calls them, with accounting, among mappings that do not merge.
Times are CPU time and depend on the machine and on what else it does; ratios depend on it less.

Measured on ${date}: ${machine}.

\`\`\`ts live
measures(${shownAsCode(results)})
\`\`\`
${whys.length > 0 ? `\nNot met, as far as profiles show:\n\n${whys.join('\n')}\n` : ''}
\`npm run bench\` measures all of it in about two minutes. \`--json\` prints what the cell holds, for your machine: give it
to \`measures()\`.
`
}

function shownAsCode(results: Results): string {
  const lines = Object.entries(results).map(([key, value]) => `  ${key}: ${rounded(value)},`)
  return `{\n${lines.join('\n')}\n}`
}

/** To what the clock can tell. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
