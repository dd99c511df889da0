// SPDX-License-Identifier: GPL-2.0-only
import { shorten, textWidth } from './text.ts'
import { type Colour, type Edge, type Fill, type Paint, TYPES, type TypeName } from './theme.ts'

/** A VMA (or what stands for one): a box with a kind's fill and edge. Coordinates and sizes in px, edge to edge. */
export interface Block {
  readonly shape: 'block'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly fill: Fill
  readonly edge: Edge
  /** Text for hover; never the only place where something is said. */
  readonly hover?: string
}

/** Any other shape, as SVG path data in px. */
export interface Path {
  readonly shape: 'path'
  readonly d: string
  readonly fill?: Paint
  readonly stroke?: Colour
  readonly strokeWidth?: number
  readonly dash?: string
  readonly opacity?: number
  readonly hover?: string
}

/** A line of text; `y` is its middle. */
export interface Label {
  readonly shape: 'label'
  readonly x: number
  readonly y: number
  readonly text: string
  readonly type: TypeName
  readonly colour: Colour
  readonly anchor: 'start' | 'middle' | 'end'
  /** The ground that keeps a texture away from the letters. */
  readonly halo?: Colour
  readonly hover?: string
}

/** What a figure is made of. */
export type Shape = Block | Path | Label

/** A figure in px: plain values, ready for Plot. */
export interface Scene {
  readonly width: number
  readonly height: number
  /** The sentence: the SVG's `<title>`. */
  readonly title: string
  /** The facts: the SVG's `<desc>`. */
  readonly description: string
  /** From back to front; within a layer, shapes of one look are drawn together. */
  readonly layers: readonly (readonly Shape[])[]
}

/** A rectangle in px. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The room a label takes, by the width table. */
export function labelBox(label: Label): Box {
  const width = textWidth(label.text, label.type)
  const height = TYPES[label.type].size
  const left = { start: 0, middle: width / 2, end: width }[label.anchor]
  return { x: label.x - left, y: label.y - height / 2, width, height }
}

/** A label, in ink and from its left end unless told otherwise. */
export function label(
  text: string,
  x: number,
  y: number,
  type: TypeName,
  more: Partial<Pick<Label, 'colour' | 'anchor' | 'halo' | 'hover'>> = {},
): Label {
  return { shape: 'label', x, y, text, type, colour: 'ink', anchor: 'start', ...more }
}

/** A label cut to a width; none when nothing of it fits. */
export function fittedLabel(width: number, ...args: Parameters<typeof label>): Label[] {
  const [text, x, y, type, more] = args
  const fitted = shorten(text, type, width)
  return fitted ? [label(fitted, x, y, type, more)] : []
}

/** A line along points, as a path without fill. */
export function line(d: string, stroke: Colour, strokeWidth = 1): Path {
  return { shape: 'path', d, stroke, strokeWidth }
}

/** A coordinate with one decimal. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}
