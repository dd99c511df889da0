// SPDX-License-Identifier: GPL-2.0-only
// An element that a cell made, such as a plot: shown as what it draws.
import { MARKUP_MIME, type Markup } from './markup.ts'

/** The little of a DOM node that is used here, whoever's DOM it is. */
interface Node {
  readonly nodeType: number
  readonly textContent: string | null
  readonly childNodes: Iterable<Node>
}

interface Element extends Node {
  readonly nodeType: 1
  readonly localName: string
  readonly outerHTML: string
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>
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
export function displayElement(element: Element): {
  readonly 'text/plain': string
  readonly [mime: string]: unknown
} {
  const { localName, outerHTML } = element
  const size = ['width', 'height'].map((name) => element.getAttribute(name)).filter(Boolean)
  const words = [localName, size.join(' × '), labelOf(element)].filter(Boolean)
  const source =
    localName === 'svg' ? { 'image/svg+xml': standing(outerHTML) } : { 'text/html': outerHTML }
  return { 'text/plain': `<${words.join(' ')}>`, ...source, [MARKUP_MIME]: [markupOf(element)] }
}

/** What it is called, or the picture in it: Plot wraps one that has a title or a legend. */
function labelOf(element: Element): string | null {
  const pictures = [...element.childNodes].filter(isElement)
  const [label = null] = [element, ...pictures]
    .map((one) => one.getAttribute('aria-label'))
    .filter(Boolean)
  return label
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

/**
 * An element as data. Its ids are numbered afresh: Plot counts them over everything it draws, and the same cell must
 * give the same.
 */
function markupOf(element: Element): Markup {
  const ids = new Map<string, string>()
  const renamed = (id: string): string => {
    const name = ids.get(id) ?? `${ids.size + 1}`
    ids.set(id, name)
    return name
  }
  const value = (name: string, text: string): string =>
    name === 'id'
      ? renamed(text)
      : text.replace(/^url\(#(.*)\)$/, (_, id: string) => `url(#${renamed(id)})`)
  const read = (node: Node): Markup[] => {
    if (node.nodeType === 3) return node.textContent ? [node.textContent] : []
    if (!isElement(node)) return []
    const { localName, attributes, childNodes } = node
    const pairs = [...attributes].map(({ name, value: text }) => [name, value(name, text)] as const)
    const own = Object.fromEntries(pairs)
    const pixels = localName === 'image' ? canvasPixels(own) : undefined
    return [pixels ?? [localName, own, ...[...childNodes].flatMap(read)]]
  }
  return read(element)[0] ?? ''
}

/**
 * The row of colours that the legend of a continuous scale paints on a canvas, as shapes: no host shows an image of a
 * cell.
 */
function canvasPixels(attributes: Readonly<Record<string, string>>): Markup | undefined {
  const {
    href = attributes['xlink:href'] ?? '',
    x = '0',
    y = '0',
    width = '0',
    height = '0',
  } = attributes
  const [, source] = /^data:image\/svg\+xml,(.*)$/.exec(href) ?? []
  if (source === undefined) return undefined
  const paths = decodeURIComponent(source).matchAll(/<path fill="([^"]*)" d="([^"]*)"\/>/g)
  const pixels = [...paths].map(([, fill = '', d = '']): Markup => ['path', { fill, d }])
  const viewBox = `0 0 ${pixels.length} 1`
  const place = { x, y, width, height, viewBox, preserveAspectRatio: 'none' }
  return ['svg', { ...place, 'shape-rendering': 'crispEdges' }, ...pixels]
}
