// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest'
import {
  COLOURS,
  type Colour,
  type Fill,
  lineOf,
  TEXTURES,
  TYPES,
} from '../../src/figures/theme.ts'

type Rgb = readonly [number, number, number]

const FILLS: Fill[] = ['anon', 'file', 'driver', 'special', 'bad']
const MODES = [
  ['light', 0],
  ['dark', 1],
] as const

/** The linear-light values of a colour. */
function linear(hex: string): Rgb {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return [r, g, b]
}

/** WCAG 2 contrast. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [a, b]
    .map(linear)
    .map(([r, g, blue]) => 0.2126 * r + 0.7152 * g + 0.0722 * blue)
    .sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

// Machado, Oliveira, Fernandes 2009, severity 1: what is left of linear light.
const VISION: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const times = (rows: readonly Rgb[], [x, y, z]: Rgb): Rgb =>
  rows.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Rgb

/** CIE L*a*b* of linear light, D65. */
function lab(rgb: Rgb): Rgb {
  const [x, y, z] = times(
    [
      [0.4124, 0.3576, 0.1805],
      [0.2126, 0.7152, 0.0722],
      [0.0193, 0.1192, 0.9505],
    ],
    rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Rgb,
  )
  const f = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)
  return [116 * f(y) - 16, 500 * (f(x / 0.9505) - f(y)), 200 * (f(y) - f(z / 1.089))]
}

describe.each(MODES)('%s', (_, mode) => {
  const of = (name: Colour) => COLOURS[name][mode]

  test.each([
    ...['paper', 'wash', 'wash2', ...FILLS].map((ground) => ['ink', ground]),
    ...['paper', 'wash'].map((ground) => ['ink2', ground]),
    ...FILLS.map((fill) => [lineOf(fill), 'paper']),
    ...FILLS.map((fill) => [lineOf(fill), fill]),
    ['good', 'paper'],
  ] as [Colour, Colour][])('%s is readable on %s', (ink, ground) =>
    expect(contrast(of(ink), of(ground))).toBeGreaterThanOrEqual(4.5),
  )

  test.each(Object.entries(VISION))('the edges of kinds differ under %s', (_name, matrix) => {
    const seen = FILLS.map((fill) => lab(times(matrix, linear(of(lineOf(fill))))))
    const distances = seen.flatMap((a, i) =>
      seen.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
    )
    expect(Math.min(...distances)).toBeGreaterThan(15)
  })
})

test('no text is smaller than 10.5 px', () => {
  for (const { size } of Object.values(TYPES)) expect(size).toBeGreaterThanOrEqual(10.5)
})

test('at most one kind is plain: the others have a texture', () => {
  expect(FILLS.filter((fill) => !TEXTURES[fill])).toEqual(['anon'])
})
