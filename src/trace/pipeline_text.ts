// SPDX-License-Identifier: GPL-2.0-only
import type { PipelineEra, PipelineFigure } from './figure.ts'

/** The sentence over a pipeline. */
export function pipelineTitle({ options, data }: PipelineFigure): string {
  return options.title || `Where the hooks lie: ${data.eras.map(({ name }) => name).join(', ')}`
}

/** The words for what there is of a mapping. */
export const GROUND_WORDS: Readonly<Record<string, string>> = {
  desc: 'only a description exists',
  new: 'a VMA nobody can see',
  tree: 'a VMA in the tree',
}

/** The words for the locks of a pipeline. */
export const PIPELINE_LOCKS: Readonly<Record<string, string>> = {
  mmap: 'mmap lock, write',
  vma: 'lock of the new VMA',
  i_mmap: 'i_mmap lock',
  driver: "driver's own lock",
}

/** The text twin: for each era its stages, with what there is, the hooks, the locks and the exits. */
export function pipelineText(figure: PipelineFigure): string {
  return [pipelineTitle(figure), ...figure.data.eras.flatMap((era) => eraLines(figure, era))].join(
    '\n',
  )
}

function eraLines({ data }: PipelineFigure, era: PipelineEra): string[] {
  const { stages, noWayBack } = data
  const index = (id: string) => stages.findIndex((stage) => stage.id === id)
  const within = (at: number, from: string, to: string) => index(from) <= at && at <= index(to)
  const lines = stages.flatMap(({ id, name, fn }, at) => {
    if (!era.steps.includes(id)) return []
    const ground = era.ground.find(({ from, to }) => within(at, from, to))?.kind
    const locks = era.locks
      .filter(({ from, to }) => within(at, from, to))
      .map(({ kind }) => PIPELINE_LOCKS[kind])
    const exits = era.exits.flatMap(({ at: places }, i) =>
      places.includes(id) ? [`exit ${i + 1}`] : [],
    )
    const told = [
      ...era.hooks.filter((hook) => hook.at === id).map((hook) => `${hook.name}: ${hook.sub}`),
      ...era.core.filter((core) => core.at === id).map(({ text }) => text),
      ...(era.merge?.at === id ? [`merged: ${era.merge.price}`] : []),
      ...(ground ? [GROUND_WORDS[ground]] : []),
      ...new Set(locks),
      ...exits,
    ]
    const row = `  ${name} (${fn}): ${told.join('; ')}`
    return id === noWayBack ? [row, '  --- no way back: an error leaves a hole ---'] : [row]
  })
  return [
    `${era.name}, ${era.when}: ${era.gets}`,
    ...lines,
    ...era.exits.map(({ s }, i) => `  exit ${i + 1}: ${s}`),
  ]
}
