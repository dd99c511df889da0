// SPDX-License-Identifier: GPL-2.0-only
import type { Scene } from './scene.ts'
import { isColour, lightOf, pattern, styleSheet, texturesIn } from './style.ts'
import { type Colour, lineOf } from './theme.ts'

/** Stands for the figure's own id until the content is known; no text can contain it. */
const ID = '\u0000'

/**
 * Turns Plot's SVG into the one text that serves page, Jupyter, `<img>` and print: colours as literals in the
 * attributes and as classes that follow the host's theme, ids of the content, the same bytes for the same scene in
 * every DOM.
 */
export function finish(svg: Element, scene: Scene): string {
  const used = new Set<Colour>(['paper'])
  const body = [...svg.children]
    .filter((child) => child.localName !== 'style')
    .map((child) => elementText(child, used))
    .join('\n')
  const textures = texturesIn(body)
  for (const fill of textures) used.add(fill).add(lineOf(fill))
  const { width, height, title, description } = scene
  const id = `vl${hash(`${width} ${height} ${title} ${description} ${body}`)}`
  const patterns = textures.map((fill) => pattern(fill, id)).join('')
  return [
    `<svg aria-labelledby="${id}-t ${id}-d" class="vl" font-family="system-ui, sans-serif" font-size="11" height="${height}" role="img" text-anchor="middle" viewBox="0 0 ${width} ${height}" width="${width}" xmlns="http://www.w3.org/2000/svg">`,
    `<title id="${id}-t">${escapeText(title)}</title><desc id="${id}-d">${escapeText(description)}</desc>`,
    `<style>${styleSheet(used)}</style>`,
    patterns ? `<defs>${patterns}</defs>` : '',
    `<rect class="f-paper" fill="${lightOf('paper')}" height="${height}" width="${width}"/>`,
    body.replaceAll(ID, id),
    '</svg>\n',
  ]
    .filter(Boolean)
    .join('\n')
}

/** An element as XML: attributes in alphabetical order, as DOMs keep them in different ones. */
function elementText(element: Element, used: Set<Colour>): string {
  const { localName } = element
  const attributes = attributesOf(element, used)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
  const content = [...element.childNodes]
    .map((node) =>
      node.nodeType === 1 ? elementText(node as Element, used) : escapeText(node.textContent ?? ''),
    )
    .join('')
  return content
    ? `<${localName}${attributes}>${content}</${localName}>`
    : `<${localName}${attributes}/>`
}

function attributesOf(element: Element, used: Set<Colour>): [name: string, value: string][] {
  const classes: string[] = []
  const attributes = [...element.attributes].flatMap(({ name, value }): [string, string][] => {
    // Plot names its marks ("rect", "text"): noise beside the description of the whole.
    if (name.startsWith('aria-') || name === 'class') return []
    // Plot moves a group by half a pixel on some screens only; everything here is placed already.
    if (name === 'transform') return element.localName === 'text' ? placed(value) : []
    // A text's own y is the shift from its middle to its baseline, as its place is in the transform.
    if (name === 'y' && element.localName === 'text') return [['dy', value]]
    const colour = /^var\(--vl-([\w-]+)\)$/.exec(value)?.[1]
    if (colour === undefined || !isColour(colour)) return [[name, ownIds(escapeAttribute(value))]]
    used.add(colour)
    classes.push(`${name === 'fill' ? 'f' : 's'}-${colour}`)
    return [[name, lightOf(colour)]]
  })
  return classes.length > 0 ? [...attributes, ['class', classes.sort().join(' ')]] : attributes
}

function placed(transform: string): [string, string][] {
  const [, x, y] = /^translate\(([-\d.]+),([-\d.]+)\)$/.exec(transform) ?? []
  return x === undefined || y === undefined
    ? []
    : [
        ['x', x],
        ['y', y],
      ]
}

function ownIds(value: string): string {
  return value.replace('url(#vl-', `url(#${ID}-`)
}

/** Text that XML takes: what it cannot hold at all becomes the replacement character. */
function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>\r]/g, (char) => `&#${char.charCodeAt(0)};`)
}

function escapeAttribute(text: string): string {
  return escapeText(text).replace(/["\t\n]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** FNV-1a in two lanes: enough to keep the figures of a page apart. */
function hash(text: string): string {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
  }
  return ((a ^ (b >>> 7)) >>> 0).toString(16).padStart(8, '0')
}
