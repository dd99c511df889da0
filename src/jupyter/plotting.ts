// SPDX-License-Identifier: GPL-2.0-only
// Observable Plot for cells that draw for themselves. It and its declarations take a second or more to load: they are
// there from the first cell on that mentions them.
import type * as Plot from '@observablehq/plot'

type LegendOptions = Parameters<typeof Plot.legend>[0]

/** Does a cell mention what {@link plotDeclarations} declares? */
export function mentionsPlot(code: string): boolean {
  return /\bPlot\b|\bdocument\s*\./.test(code)
}

/**
 * `Plot` and `document` as declarations. It is imported, so that the types of what it makes have names in a cell's scope.
 */
export const plotDeclarations: string = `import * as Plot from '@observablehq/plot';
/** A document for elements that a cell makes; nobody shows it, an element is shown as the value of its cell. */
declare let document: { createElement(name: string): any; createElementNS(space: string, name: string): any; createTextNode(text: string): any; readonly body: any };`

/** The values of {@link plotDeclarations}: a Plot that draws into a document of its own, as there is no browser. */
export async function plotValues(): Promise<Readonly<Record<string, unknown>>> {
  const [Plot, { parseHTML }] = await Promise.all([
    import('@observablehq/plot'),
    import('linkedom'),
  ])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const createElement = document.createElement.bind(document)
  document.createElement = (name: string) => {
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
