// SPDX-License-Identifier: GPL-2.0-only
import {
  type Figure,
  type FigureStep,
  figureSteps,
  figureTable,
  figureTitle,
} from '../trace/index.ts'
import { finish } from './finish.ts'
import { plotScene } from './marks.ts'
import { type PlotScope, plotScopeOf } from './plot_scope.ts'
import { sceneOf } from './scene_of.ts'
import { stepperHtml, type WalkedSvg } from './stepper_html.ts'
import { tableHtml } from './table.ts'
import { type FigureRows, timelineRows } from './timeline.ts'

export type { FigureRows, PlotScope }

/** The part of a DOM document that drawing needs; a browser's `document` is one. */
export interface DocumentLike {
  createElementNS(namespace: string, name: string): object
}

/** How to draw a figure. */
export interface DrawOptions {
  /** In px, 760 unless told otherwise; at another width a figure is laid out anew, never scaled. */
  readonly width?: number
  /** Whether a table that belongs to the figure is drawn; false where the host shows it as text beneath. */
  readonly table?: boolean
  /** The page's document. Without one, linkedom's is loaded: that needs Node. */
  readonly document?: DocumentLike
}

/**
 * Draws a figure as the text of an SVG element that stands alone: the same bytes for the same value and width, light or
 * dark as its host is. Throws a TypeError that names the fault when the value is no figure.
 */
export async function toSvg(figure: Figure, options: DrawOptions = {}): Promise<string> {
  const scene = sceneOf(figure, options)
  const [Plot, document] = await Promise.all([
    import('@observablehq/plot'),
    options.document ?? openLinkedom(),
  ])
  return finish(plotScene(Plot, scene, document as Document), scene)
}

/** Where the rows of a figure of one call are, as {@link toSvg} draws it; undefined for any other figure. */
export function figureRows(figure: Figure, width: number): FigureRows | undefined {
  return figure.kind === 'timeline' ? timelineRows(figure, width) : undefined
}

/** The size in px that {@link toSvg} will draw at, without drawing: for room on a page. Throws as it does. */
export function figureSize(
  figure: Figure,
  options: Pick<DrawOptions, 'width' | 'table'> = {},
): { readonly width: number; readonly height: number } {
  const { width, height } = sceneOf(figure, options)
  return { width, height }
}

/**
 * The forms of a figure for a notebook: the picture; where a table belongs to it, HTML with the table as text under the
 * picture; and for one call, HTML that the reader walks through. Throws as {@link toSvg} does.
 */
export async function figureForms(figure: Figure): Promise<Readonly<Record<string, string>>> {
  const picture = await toSvg(figure)
  const steps = figureSteps(figure)
  if (steps) return { 'text/html': await walked(figure, steps), 'image/svg+xml': picture }
  const table = figureTable(figure)
  if (!table) return { 'image/svg+xml': picture }
  const blocks = await toSvg(figure, { table: false })
  return { 'text/html': `${blocks}${tableHtml(table)}\n`, 'image/svg+xml': picture }
}

async function walked(figure: Figure, steps: readonly FigureStep[]): Promise<string> {
  const drawn = async (width: number): Promise<WalkedSvg> => {
    const rows = figureRows(figure, width) ?? { top: 0, height: 0 }
    return { svg: await toSvg(figure, { width }), width, rows }
  }
  return stepperHtml(figureTitle(figure), steps, await drawn(760), await drawn(343))
}

/**
 * Plot and a document for cells that draw for themselves. `document` must be nobody else's; without one, linkedom's is
 * loaded: that needs Node.
 */
export async function plotScope(document?: Document): Promise<PlotScope> {
  return plotScopeOf(document ?? (await openLinkedom()))
}

/** Bundlers leave this import alone: who draws in a browser passes its document and never comes here. */
async function openLinkedom(): Promise<Document> {
  const { openDocument } = await import(
    /* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ './linkedom.ts'
  )
  return openDocument()
}
