// SPDX-License-Identifier: GPL-2.0-only
// Elements that a cell made, as the page makes them again. A cell may be anyone's, by a link: so nothing passes that is
// not on a list, and no list has anything that loads, links, runs, or styles by a sheet.
import type { Markup } from '../../trace/index.ts'

/** What is left of a markup, and what was left out of it: the names of elements. */
export interface ReadMarkup {
  readonly markup: readonly Markup[]
  readonly omitted: readonly string[]
}

/** More parts than these make a page slow. */
export const markupLimits = { parts: 20_000, depth: 40, text: 2_000_000 } as const

/** The page's element for each of HTML; it stands for those that a parser would close or move. */
const htmlTags: Readonly<Record<string, string>> = {
  ...same('div span table thead tbody tr th td pre b i em strong code'),
  figure: 'div',
  figcaption: 'div',
  p: 'div',
  h1: 'strong',
  h2: 'strong',
  h3: 'strong',
}

const svgTags: Readonly<Record<string, string>> = {
  ...same(
    'svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath linearGradient radialGradient stop marker',
  ),
  a: 'g',
}

const shapes: readonly string[] = ['path', 'rect', 'circle', 'line', 'polygon']

/**
 * Elements that hold some elements only. A parser moves anything else out of a table; and what is drawn many times over
 * is small and refers to nothing, or a few lines would draw for ever.
 */
const inside: Readonly<Record<string, readonly string[]>> = {
  table: ['thead', 'tbody', 'tr'],
  thead: ['tr'],
  tbody: ['tr'],
  tr: ['th', 'td'],
  clipPath: shapes,
  marker: shapes,
  linearGradient: ['stop'],
  radialGradient: ['stop'],
}
/** How many elements one of them may hold. */
const most: Readonly<Record<string, number>> = { marker: 8, clipPath: 100 }
/** They hold text. */
const texts = new Set(['title', 'desc'])
const tableParts = new Set(['thead', 'tbody', 'tr', 'th', 'td'])

/** What a screen reader tells. */
const words = new Set(['aria-label', 'aria-description', 'aria-hidden', 'role'])

/** Attributes whose values are numbers, names, colours and the few functions of {@link functions}. */
const measures: ReadonlySet<string> = new Set(
  `x y x1 x2 y1 y2 cx cy r rx ry fx fy dx dy d points width height viewBox preserveAspectRatio transform rotate
  fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin
  stroke-miterlimit stroke-dasharray stroke-dashoffset paint-order opacity color visibility shape-rendering
  text-rendering vector-effect mix-blend-mode font-family font-size font-style font-variant font-weight text-anchor
  dominant-baseline alignment-baseline baseline-shift letter-spacing word-spacing textLength lengthAdjust
  offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod clipPathUnits markerUnits markerWidth
  markerHeight refX refY orient colspan rowspan`.split(/\s+/),
)

/** Attributes that may name another part of the same markup. */
const references = new Set('fill stroke clip-path marker-start marker-mid marker-end'.split(' '))

const functions = new Set(
  'rgb rgba hsl hsla translate translateX translateY scale rotate matrix skewX skewY var'.split(
    ' ',
  ),
)

function same(names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, name]))
}

/** Rebuilds a markup from what is on the lists; undefined when it is none, or larger than {@link markupLimits}. */
export function readMarkup(value: unknown): ReadMarkup | undefined {
  const omitted = new Set<string>()
  let { parts, text } = markupLimits as { parts: number; text: number }
  const spend = (length: number): void => {
    text -= length
    if (--parts < 0 || text < 0) throw new RangeError('the markup is too large')
  }
  const read = (part: unknown, parent: string, depth: number): readonly Markup[] => {
    spend(typeof part === 'string' ? part.length : 0)
    if (typeof part === 'string') return Object.hasOwn(inside, parent) ? [] : [part]
    if (!Array.isArray(part) || typeof part[0] !== 'string') return []
    const [name, attributes, ...children] = part as [string, unknown, ...unknown[]]
    const tag = tagIn(parent, name)
    if (tag === undefined || depth > markupLimits.depth) {
      if (name !== 'style') omitted.add(name.slice(0, 40))
      return []
    }
    const own = withRole(tag, readAttributes(attributes, Object.hasOwn(inside, parent), spend))
    const below = children.slice(0, most[tag]).flatMap((child) => read(child, tag, depth + 1))
    // A parser puts rows into a body, and so do we.
    const rows = tag === 'table' && below.some((one) => one[0] === 'tr')
    // A head without words is none to a screen reader, which would tell it with every cell below.
    const made = tag === 'th' && below.every((one) => one === '') ? 'td' : tag
    return [[made, own, ...(rows ? [['tbody', {}, ...below.filter(isRow)] as const] : below)]]
  }
  try {
    const markup = Array.isArray(value) ? value.flatMap((part) => read(part, '', 0)) : []
    return markup.length > 0 ? { markup, omitted: [...omitted] } : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isRow(part: Markup): boolean {
  return part[0] === 'tr'
}

/** The page's element for `name` in `parent`, '' at the top; undefined when there is none. */
function tagIn(parent: string, name: string): string | undefined {
  if (Object.hasOwn(inside, parent)) return inside[parent]?.includes(name) ? name : undefined
  if (texts.has(parent)) return undefined
  if (Object.hasOwn(svgTags, parent))
    return Object.hasOwn(svgTags, name) ? svgTags[name] : undefined
  if (name === 'svg') return name
  if (tableParts.has(name)) return undefined
  return Object.hasOwn(htmlTags, name) ? htmlTags[name] : undefined
}

function readAttributes(
  attributes: unknown,
  isInside: boolean,
  spend: (length: number) => void,
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  if (typeof attributes !== 'object' || attributes === null) return kept
  for (const [name, value] of Object.entries(attributes)) {
    spend(typeof value === 'string' ? value.length : 0)
    if (typeof value !== 'string') continue
    if (name === 'class') Object.assign(kept, plotClass(value))
    else if (isAllowed(name, value, isInside)) kept[name] = value
  }
  const style: unknown = Reflect.get(attributes, 'style')
  return typeof style === 'string' ? { ...kept, ...styleAttributes(style) } : kept
}

/** A label is told of what has a role; Plot labels parts that have none. */
function withRole(
  tag: string,
  attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const role = { svg: 'img', g: 'group' }[tag]
  if (!role || !Object.hasOwn(attributes, 'aria-label') || Object.hasOwn(attributes, 'role'))
    return attributes
  return { ...attributes, role }
}

function isAllowed(name: string, value: string, isInside: boolean): boolean {
  if (words.has(name)) return true
  if (name === 'id') return /^\w{1,40}$/.test(value)
  if (references.has(name) && /^url\(#\w{1,40}\)$/.test(value)) return !isInside
  return measures.has(name) && isMeasure(value)
}

/** What a style sets that an attribute can set as well; the rest is left to the page. */
function styleAttributes(style: string): Readonly<Record<string, string>> {
  const pairs = style.split(';').map((one) => one.split(':').map((text) => text.trim()))
  return Object.fromEntries(
    pairs.filter(
      (pair): pair is [string, string] =>
        pair.length === 2 && isAllowed(pair[0] ?? '', pair[1] ?? '', true),
    ),
  )
}

/** No function but those known, and no escape that could write another. */
function isMeasure(value: string): boolean {
  if (/[\\@;{}<>]/.test(value)) return false
  const called = value.match(/[^\s,()]*\s*\(/g) ?? []
  return called.every((name) => functions.has(name.slice(0, -1)))
}

/** Plot's names for its parts, by which the page's style sheet finds them. */
function plotClass(value: string): { readonly class?: string } {
  const names = value.split(/\s+/).filter((name) => /^plot-[\w-]{1,40}$/.test(name))
  return names.length > 0 ? { class: names.join(' ') } : {}
}
