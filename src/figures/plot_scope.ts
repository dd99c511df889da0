// SPDX-License-Identifier: GPL-2.0-only
// Observable Plot for cells that draw for themselves, in Jupyter and on the page.
import type * as Plot from '@observablehq/plot'

type LegendOptions = Parameters<typeof Plot.legend>[0]

/** The names that a cell finds in scope once it mentions one of them. */
export interface PlotScope {
  /** A Plot that draws into {@link PlotScope.document} when it is given no other, as there is no browser. */
  readonly Plot: Readonly<Record<string, unknown>>
  readonly document: Document
}

/** The names for cells that draw into `document`, which becomes theirs. */
export async function plotScopeOf(document: Document): Promise<PlotScope> {
  const Plot = await import('@observablehq/plot')
  const createElement = document.createElement.bind(document)
  document.createElement = (name: string): HTMLElement => {
    const element = createElement(name)
    return name === 'canvas' ? Object.assign(element, ramp()) : element
  }
  const plot = (options: Plot.PlotOptions = {}) => Plot.plot({ document, ...options })
  const legend = (options: LegendOptions): unknown =>
    Plot.legend(Object.assign({ document }, options))
  // `Plot.dot(...).plot()` is the mark's own.
  const own = function (this: Plot.Markish, options: Plot.PlotOptions = {}) {
    return plot({ ...options, marks: [...(options.marks ?? []), this] })
  }
  Reflect.set(Plot.Mark.prototype, 'plot', own)
  return { Plot: { ...Plot, plot, legend }, document }
}

/** What a continuous legend asks of a canvas: a row of coloured pixels as an image. */
function ramp(): object {
  const pixels: string[] = []
  const context = {
    fillStyle: '',
    fillRect(x: number, y: number, width: number, height: number) {
      const { fillStyle } = context
      pixels.push(`<path fill="${fillStyle}" d="M${x} ${y}h${width}v${height}h-${width}z"/>`)
    },
  }
  const size = (): string => `width="${pixels.length}" height="1"`
  return {
    getContext: () => context,
    toDataURL: () =>
      `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" ${size()} viewBox="0 0 ${pixels.length} 1" preserveAspectRatio="none" shape-rendering="crispEdges">${pixels.join('')}</svg>`)}`,
  }
}
