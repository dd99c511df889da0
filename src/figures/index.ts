// SPDX-License-Identifier: GPL-2.0-only
import { type Figure, figureFault } from '../trace/index.ts'
import { finish } from './finish.ts'
import { layoutScene } from './layout.ts'
import { plotScene } from './marks.ts'
import type { Scene } from './scene.ts'

/** The least width in px that figures are laid out for: below it, they are drawn so and the host scales them. */
const LEAST_WIDTH = 280
const WIDTH = 760

/** The part of a DOM document that drawing needs; a browser's `document` is one. */
export interface DocumentLike {
  createElementNS(namespace: string, name: string): object
}

/** How to draw a figure. */
export interface DrawOptions {
  /** In px, 760 unless told otherwise; at another width a figure is laid out anew, never scaled. */
  readonly width?: number
  /** The page's document. Without one, linkedom's is loaded: that needs Node. */
  readonly document?: DocumentLike
}

/**
 * Draws a figure as the text of an SVG element that stands alone: the same bytes for the same value and width, light or
 * dark as its host is. Throws a TypeError that names the fault when the value is no figure.
 */
export async function toSvg(figure: Figure, options: DrawOptions = {}): Promise<string> {
  const scene = sceneOf(figure, options.width)
  const [Plot, document] = await Promise.all([
    import('@observablehq/plot'),
    options.document ?? openLinkedom(),
  ])
  return finish(plotScene(Plot, scene, document as Document), scene)
}

/** The size in px that {@link toSvg} will draw at, without drawing: for room on a page. Throws as it does. */
export function figureSize(
  figure: Figure,
  options: Pick<DrawOptions, 'width'> = {},
): { readonly width: number; readonly height: number } {
  const { width, height } = sceneOf(figure, options.width)
  return { width, height }
}

function sceneOf(figure: Figure, width = WIDTH): Scene {
  const fault = figureFault(figure)
  if (fault !== undefined) throw new TypeError(`not a figure: ${fault}`)
  if (!Number.isFinite(width) || width <= 0)
    throw new RangeError(`width: ${width} is no width in px; leave it out for ${WIDTH}`)
  return layoutScene(figure, Math.max(LEAST_WIDTH, Math.round(width)))
}

/** Bundlers leave this import alone: who draws in a browser passes its document and never comes here. */
async function openLinkedom(): Promise<Document> {
  const { openDocument } = await import(
    /* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ './linkedom.ts'
  )
  return openDocument()
}
