// SPDX-License-Identifier: GPL-2.0-only
// Observable Plot for cells that draw for themselves. It and its declarations take a second or more to load: they are
// there from the first cell on that mentions them.

/**
 * `Plot` and `document` as declarations. It is imported, so that the types of what it makes have names in a cell's scope.
 * An element is `any`, as what Plot makes is where nobody declares the DOM: its declarations take about a second to load,
 * and fewer would reject what a cell may do with an element.
 */
export const plotDeclarations: string = `import * as Plot from '@observablehq/plot';
/** A document for elements that a cell makes; nobody shows it, an element is shown as the value of its cell. */
declare let document: { createElement(name: string): any; createElementNS(space: string, name: string): any; createTextNode(text: string): any; readonly body: any };`

/** The values of {@link plotDeclarations}. */
export async function plotValues(): Promise<Readonly<Record<string, unknown>>> {
  const { plotScope } = await import('../figures/index.ts')
  return { ...(await plotScope()) }
}
