// SPDX-License-Identifier: GPL-2.0-only
import type { Markish } from '@observablehq/plot'
import { type Block, type Label, type Path, px, type Scene, type Shape } from './scene.ts'
import { EDGES, FONTS, lineOf, type Paint, paintOf, TYPES, type TypeStyle } from './theme.ts'

type Plot = typeof import('@observablehq/plot')
type Attributes = Readonly<Record<string, string | number | undefined>>

/** Corners are rounded when a block is wide enough to keep its shape. */
const RADIUS = 3
/** Half of the room between two blocks that touch in memory. */
const INSET = 0.5

/** Draws a scene with Plot, everything already in px: identity scales, no axis, no margin. */
export function plotScene(Plot: Plot, scene: Scene, document: Document): Element {
  const identity = { type: 'identity', axis: null } as const
  return Plot.plot({
    document,
    className: 'vl',
    width: scene.width,
    height: scene.height,
    margin: 0,
    x: identity,
    y: identity,
    marks: scene.layers.flatMap((layer) => layerMarks(Plot, layer)),
  })
}

/** A CSS variable that `finish` knows, or the pattern of a texture. */
function paint(name: Paint): string {
  return name.startsWith('texture-') ? `url(#vl-${name})` : `var(--vl-${name})`
}

/** Shapes of one style share a mark, and so the attributes of its group. */
function layerMarks(Plot: Plot, layer: readonly Shape[]): Markish[] {
  const groups = new Map<string, Shape[]>()
  for (const shape of layer) {
    const key = styleKey(shape)
    const group = groups.get(key)
    if (group) group.push(shape)
    else groups.set(key, [shape])
  }
  return [...groups.values()].map((group) => {
    const [first] = group
    if (first?.shape === 'label') return textMark(Plot, group as Label[], first)
    return pathMark(
      group as (Block | Path)[],
      first?.shape === 'path' ? pathLook(first) : blockLook(first as Block),
    )
  })
}

function styleKey(shape: Shape): string {
  if (shape.shape === 'block') return JSON.stringify([shape.fill, shape.edge])
  if (shape.shape === 'label')
    return JSON.stringify([shape.type, shape.colour, shape.anchor, shape.halo])
  return JSON.stringify(pathLook(shape))
}

function textMark(Plot: Plot, labels: readonly Label[], look: Label): Markish {
  const style: TypeStyle = TYPES[look.type]
  return Plot.text(labels, {
    x: (each: Label) => Math.round(each.x * 10) / 10,
    y: (each: Label) => Math.round(each.y * 10) / 10,
    // Plot would break a text at a line feed and take another mark's look for a number.
    text: (each: Label) => each.text.replace(/[\r\n]/g, ' '),
    ...(labels.some((each) => each.hover) ? { title: (each: Label) => each.hover } : {}),
    fill: paint(look.colour),
    ...(look.halo ? { stroke: paint(look.halo), strokeWidth: 3 } : {}),
    fontFamily: FONTS[style.font],
    fontSize: style.size,
    ...(style.weight ? { fontWeight: style.weight } : {}),
    textAnchor: look.anchor,
  })
}

function blockLook({ fill, edge }: Block): Attributes {
  const look: { strokeWidth: number; dash?: string } = EDGES[edge]
  return {
    fill: edge === 'dashed' ? 'none' : paint(paintOf(fill)),
    stroke: paint(lineOf(fill)),
    'stroke-width': look.strokeWidth,
    'stroke-dasharray': look.dash,
  }
}

function pathLook({ fill, stroke, strokeWidth, dash, opacity }: Path): Attributes {
  return {
    fill: fill ? paint(fill) : 'none',
    stroke: stroke && paint(stroke),
    'stroke-width': strokeWidth,
    'stroke-dasharray': dash,
    opacity,
  }
}

/** A mark of one look: those with a hover text are paths of their own, all others are one path. */
function pathMark(shapes: readonly (Block | Path)[], look: Attributes): Markish {
  return (_index, _scales, _values, _dimensions, context) => {
    const make = (name: string, attributes: Attributes): SVGElement => {
      const element = context.document.createElementNS(
        'http://www.w3.org/2000/svg',
        name,
      ) as SVGElement
      for (const [key, value] of Object.entries(attributes))
        if (value !== undefined) element.setAttribute(key, String(value))
      return element
    }
    const group = make('g', look)
    for (const shape of shapes.filter((each) => each.hover)) {
      const path = make('path', { d: pathData(shape) })
      const title = make('title', {})
      title.textContent = shape.hover ?? ''
      path.append(title)
      group.append(path)
    }
    const silent = shapes.filter((each) => !each.hover).map(pathData)
    if (silent.length > 0) group.append(make('path', { d: silent.join('') }))
    return group
  }
}

function pathData(shape: Block | Path): string {
  return shape.shape === 'path' ? shape.d : blockPath(shape)
}

function blockPath({ x, y, width, height }: Block): string {
  const left = px(x + INSET)
  const inner = width - 2 * INSET
  if (inner < 4 * RADIUS) return `M${left},${px(y)}h${px(inner)}v${px(height)}h${px(-inner)}z`
  const r = RADIUS
  const [w, h] = [px(inner - 2 * r), px(height - 2 * r)]
  const corner = (dx: number, dy: number, first: 'x' | 'y') =>
    first === 'x' ? `q${dx},0,${dx},${dy}` : `q0,${dy},${dx},${dy}`
  return `M${px(x + INSET + r)},${px(y)}h${w}${corner(r, r, 'x')}v${h}${corner(-r, r, 'y')}h-${w}${corner(-r, -r, 'x')}v-${h}${corner(r, -r, 'y')}z`
}
