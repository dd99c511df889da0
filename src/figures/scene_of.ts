// SPDX-License-Identifier: GPL-2.0-only
import { type Figure, figureFault } from '../trace/index.ts'
import { compareScene } from './compare.ts'
import { historyScene } from './history.ts'
import { layoutScene } from './layout.ts'
import { measuresScene } from './measures.ts'
import { pagesScene } from './pages.ts'
import { pipelineScene } from './pipeline.ts'
import type { Scene } from './scene.ts'
import { timelineScene } from './timeline.ts'
import { whyNotMergedScene } from './why_not_merged.ts'

/** The least width in px that figures are laid out for: below it, they are drawn so and the host scales them. */
const LEAST_WIDTH = 280
const WIDTH = 760

/** The picture of each kind of figure. */
const scenes: {
  readonly [Kind in Figure['kind']]: (
    figure: Extract<Figure, { kind: Kind }>,
    width: number,
    table: boolean,
  ) => Scene
} = {
  layout: layoutScene,
  compare: compareScene,
  timeline: timelineScene,
  history: historyScene,
  pages: pagesScene,
  pipeline: pipelineScene,
  whyNotMerged: whyNotMergedScene,
  measures: measuresScene,
}

/**
 * Where everything is in a picture of any figure. TypeError when the value is no figure, RangeError for a width that is
 * none.
 */
export function sceneOf(
  figure: Figure,
  { width = WIDTH, table = true }: { readonly width?: number; readonly table?: boolean },
): Scene {
  const fault = figureFault(figure)
  if (fault !== undefined) throw new TypeError(`not a figure: ${fault}`)
  if (!Number.isFinite(width) || width <= 0)
    throw new RangeError(`width: ${width} is no width in px; leave it out for ${WIDTH}`)
  const draw = scenes[figure.kind] as (figure: Figure, width: number, table: boolean) => Scene
  return draw(figure, Math.max(LEAST_WIDTH, Math.round(width)), table)
}
