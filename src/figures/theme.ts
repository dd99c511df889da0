// SPDX-License-Identifier: GPL-2.0-only
import type { VmaKind } from '../trace/index.ts'

/** Each colour of every figure: light, then dark. A host may set any of them as `--vl-NAME`. */
export const COLOURS = {
  paper: ['#ffffff', '#16181d'],
  ink: ['#1c1f24', '#e8eaed'],
  ink2: ['#565d68', '#a7aeb9'],
  rule: ['#d5d9df', '#363b44'],
  wash: ['#f3f4f6', '#20242b'],
  wash2: ['#e6e9ee', '#2b313a'],
  lock2: ['#6b7280', '#9aa3b0'],
  good: ['#037055', '#29faad'],
  anon: ['#dcf3e3', '#123d28'],
  'anon-line': ['#037055', '#29faad'],
  file: ['#d3e5fb', '#0f3357'],
  'file-line': ['#033270', '#5ea8e8'],
  driver: ['#ffe3b3', '#4d3504'],
  'driver-line': ['#814b03', '#e8ac5e'],
  special: ['#ece4f0', '#37293f'],
  'special-line': ['#765b83', '#e3dce7'],
  bad: ['#fbdbe6', '#4f1029'],
  'bad-line': ['#8f0a33', '#f07fae'],
  desc: ['#ffffff', '#16181d'],
  'desc-line': ['#565d68', '#a7aeb9'],
  unseen: ['#f3f4f6', '#20242b'],
  'unseen-line': ['#565d68', '#a7aeb9'],
} as const

/** The name of a colour in the theme. */
export type Colour = keyof typeof COLOURS

/**
 * What a block is filled with: the kind of a VMA; a hole, an error, a loss; a description of a VMA to be; a VMA that
 * nobody can see yet.
 */
export type Fill = VmaKind | 'bad' | 'desc' | 'unseen'

/** What fills the inside of a block: a plain colour or the texture of its kind. */
export type Paint = Colour | `texture-${Fill}`

/** A texture repeats a tile of `size` px, turned by `turn` degrees, with lines or dots in the kind's line colour. */
export interface Texture {
  readonly size: number
  readonly turn: number
  readonly opacity: number
  readonly lines?: { readonly d: string; readonly width: number }
  readonly dots?: readonly (readonly [x: number, y: number, radius: number])[]
}

/** The textures; a kind that is not here is plain. */
export const TEXTURES: Readonly<Partial<Record<Fill, Texture>>> = {
  file: { size: 7, turn: 45, opacity: 0.28, lines: { d: 'M0,0V7', width: 1.6 } },
  driver: {
    size: 6,
    turn: 0,
    opacity: 0.45,
    dots: [
      [1.5, 1.5, 1],
      [4.5, 4.5, 1],
    ],
  },
  special: { size: 5, turn: 0, opacity: 0.3, lines: { d: 'M0,2.5H5', width: 1 } },
  desc: { size: 6, turn: 0, opacity: 0.5, dots: [[3, 3, 0.7]] },
  unseen: { size: 9, turn: 45, opacity: 0.45, lines: { d: 'M0,0V9', width: 1 } },
  bad: { size: 7, turn: -45, opacity: 0.35, lines: { d: 'M0,0V7', width: 1.6 } },
}

/** The fill of a block of a kind. */
export function paintOf(fill: Fill): Paint {
  return TEXTURES[fill] ? `texture-${fill}` : (fill as Colour)
}

/** The colour of a kind's edge and of words about it. */
export function lineOf(fill: Fill): Colour {
  return `${fill}-line`
}

/** The edges of a block: what changed is thick, what is detached is dashed. */
export const EDGES = {
  thin: { strokeWidth: 1.2 },
  thick: { strokeWidth: 2.6 },
  dashed: { strokeWidth: 1.2, dash: '3 2' },
  /** Dashed, but filled: what is not, or not yet. */
  broken: { strokeWidth: 1.4, dash: '4 3' },
} as const

/** The name of an edge in the theme. */
export type Edge = keyof typeof EDGES

/** The two font stacks. */
export const FONTS = {
  sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
  mono: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
} as const

/** How a piece of text looks. Sizes in px, 10.5 at least: text is never scaled down. */
export interface TypeStyle {
  readonly font: keyof typeof FONTS
  readonly size: number
  readonly weight?: 600 | 700
}

/** The styles of text in every figure. */
export const TYPES = {
  heading: { font: 'sans', size: 13, weight: 700 },
  letter: { font: 'sans', size: 13, weight: 700 },
  smallLetter: { font: 'sans', size: 10.5, weight: 700 },
  body: { font: 'sans', size: 12 },
  label: { font: 'sans', size: 11 },
  small: { font: 'sans', size: 10.5 },
  flag: { font: 'sans', size: 10.5, weight: 600 },
  perms: { font: 'mono', size: 12, weight: 600 },
  mono: { font: 'mono', size: 11 },
  smallMono: { font: 'mono', size: 10.5 },
  strong: { font: 'sans', size: 12, weight: 700 },
  strongMono: { font: 'mono', size: 11, weight: 700 },
} as const

/** The name of a style of text. */
export type TypeName = keyof typeof TYPES
