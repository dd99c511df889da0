// SPDX-License-Identifier: GPL-2.0-only
// What was measured, as bars beside their goals.
import { goalText, isMet, MEASURES, type Measure, valueText } from './bench_goals.ts'
import type { MeasuredGroup, MeasuresFigure } from './figure.ts'

/** Results by the keys that `vmalab bench --json` prints. */
export type BenchResults = Readonly<Record<string, number>>

/**
 * The figure of what `vmalab bench --json` printed: each result beside its goal. Keys that it does not print are let
 * be. TypeError when there is no result among them.
 */
export function measures(
  results: BenchResults,
  options: { readonly title?: string } = {},
): MeasuresFigure {
  const groups = MEASURES.flatMap((measure) => groupOf(measure, results))
  if (groups.length === 0)
    throw new TypeError(
      'measures: no result of `vmalab bench --json` is in it; give the object that it prints, as JSON.parse() reads it',
    )
  return { kind: 'measures', data: { groups }, options }
}

function groupOf(measure: Measure, results: BenchResults): MeasuredGroup[] {
  const { key, what: name, unit, of = [] } = measure
  const value = results[key]
  const bars = of.flatMap((each) => barOf(each.what, results[each.key]))
  if (!isAmount(value)) return bars.length > 0 ? [{ name, unit: 'ns', bars }] : []
  const verdict = { said: `${valueText(value, unit)}, goal ${goalText(measure)}` }
  const met = isMet(measure, value)
  const limit = measure.atLeast ?? measure.atMost ?? 0
  const [ours, other] = bars
  if (!ours || !other) return [{ name, unit, bars: barOf('', value), ...verdict, met, goal: limit }]
  const goal = measure.atLeast === undefined ? other.value * limit : other.value / limit
  return [{ name, unit: 'ns', bars, ...verdict, met, goal }]
}

function barOf(name: string, value: number | undefined): { name: string; value: number }[] {
  return isAmount(value) ? [{ name, value }] : []
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

/** The sentence over the bars. */
export function measuresTitle({ options, data }: MeasuresFigure): string {
  if (options.title) return options.title
  const judged = data.groups.filter(({ met }) => met !== undefined)
  return `${judged.filter(({ met }) => met).length} of ${judged.length} goals are met`
}

/** The text twin: a line for each thing measured, and one for each bar under it. */
export function measuresText(figure: MeasuresFigure): string {
  const lines = figure.data.groups.flatMap((group) => [
    [group.name, measuredVerdict(group)].filter(Boolean).join(': '),
    ...group.bars
      .filter(({ name }) => name !== '')
      .map(({ name, value }) => `  ${name}: ${valueText(value, group.unit)}`),
  ])
  return [measuresTitle(figure), ...lines].join('\n')
}

/** What is said about a group: `1.24 x, goal at most 1.3: met`. */
export function measuredVerdict({ said, met }: MeasuredGroup): string {
  return [said, met === undefined ? undefined : met ? 'met' : 'not met']
    .filter((words) => words !== undefined)
    .join(': ')
}
