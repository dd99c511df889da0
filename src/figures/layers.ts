// SPDX-License-Identifier: GPL-2.0-only
import type { Shape } from './scene.ts'

/** Lines and grounds behind blocks behind text. */
export function layered(shapes: readonly Shape[]): Shape[][] {
  return (['path', 'block', 'label'] as const).map((each) =>
    shapes.filter(({ shape }) => shape === each),
  )
}
