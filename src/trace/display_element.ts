// SPDX-License-Identifier: GPL-2.0-only
// An element that a cell made, such as a plot: shown as what it draws.

/** The little of a DOM element that is used here, whoever's DOM it is. */
interface Element {
  readonly nodeType: 1
  readonly localName: string
  readonly outerHTML: string
  getAttribute(name: string): string | null
}

/** Is the value a DOM element of this or any other document? Takes every value. */
export function isElement(value: unknown): value is Element {
  if (typeof value !== 'object' || value === null) return false
  try {
    return (
      Reflect.get(value, 'nodeType') === 1 &&
      typeof Reflect.get(value, 'outerHTML') === 'string' &&
      typeof Reflect.get(value, 'localName') === 'string'
    )
  } catch {
    return false
  }
}

/** Its forms: an SVG stands alone, anything else is HTML; the text says what it is, as nobody reads its source. */
export function displayElement(
  element: Element,
): { readonly 'text/plain': string } & Record<string, string> {
  const { localName, outerHTML } = element
  const size = ['width', 'height'].map((name) => element.getAttribute(name)).filter(Boolean)
  const words = [localName, size.join(' × '), element.getAttribute('aria-label')].filter(Boolean)
  const text = `<${words.join(' ')}>`
  return localName === 'svg'
    ? { 'text/plain': text, 'image/svg+xml': standing(outerHTML) }
    : { 'text/plain': text, 'text/html': outerHTML }
}

/** In an <img> an SVG needs its name space and a ground: black on a dark page is not to be seen. */
function standing(svg: string): string {
  const start = /^<svg\b[^>]*/.exec(svg)?.[0] ?? ''
  const rest = svg.slice(start.length)
  const named = start.includes(' xmlns=')
    ? start
    : `<svg xmlns="http://www.w3.org/2000/svg"${start.slice('<svg'.length)}`
  const linked =
    rest.includes('xlink:') && !start.includes('xmlns:xlink')
      ? `${named} xmlns:xlink="http://www.w3.org/1999/xlink"`
      : named
  const grounded = / style="/.test(linked)
    ? linked.replace(' style="', ' style="background: white; color: black; ')
    : `${linked} style="background: white; color: black"`
  return grounded + rest
}
