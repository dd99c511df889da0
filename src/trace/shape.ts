// SPDX-License-Identifier: GPL-2.0-only
// Checks of values from anywhere: each says what is wrong and where, as `.name: 7 is no text`, or nothing.

/** Says what is wrong with a value: a path from it, a colon and the fault. */
export type Shape = (value: unknown) => string | undefined

type Fields = Readonly<Record<string, unknown>>

/** Whether a value has fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** A short text for a value of any kind, safe to print. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** An object whose named fields have these shapes; others are let be. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value) => {
    if (!isFields(value)) return `: ${shown(value)} is no object`
    for (const [name, shape] of Object.entries(shapes)) {
      const fault = shape(value[name])
      if (fault !== undefined) return `.${name}${fault}`
    }
    return undefined
  }
}

/** An array of at most `most` values of one shape. */
export function list(shape: Shape, most: number): Shape {
  return (value) => {
    if (!Array.isArray(value)) return `: ${shown(value)} is no array`
    if (value.length > most) return `: ${value.length} are more than ${most}`
    for (const [i, each] of value.entries()) {
      const fault = shape(each)
      if (fault !== undefined) return `[${i}]${fault}`
    }
    return undefined
  }
}

/** A shape, or nothing at all. */
export function maybe(shape: Shape): Shape {
  return (value) => (value === undefined ? undefined : shape(value))
}

/** A text of at most `most` characters, and at least `least`. */
export function text(most: number, least = 0): Shape {
  return (value) => {
    const fits = typeof value === 'string' && value.length >= least && value.length <= most
    if (fits) return undefined
    return least > 0
      ? `: not a text of ${least} to ${most} characters`
      : `: not a text of at most ${most} characters`
  }
}

/** One of some values. */
export function oneOf(...values: readonly unknown[]): Shape {
  return (value) =>
    values.includes(value)
      ? undefined
      : `: ${shown(value)} is not one of ${values.map(String).join(', ')}`
}

/** A whole number from `least` to `most`, a multiple of `unit`. */
export function whole(least: number, most: number, unit = 1): Shape {
  return (value) => {
    const fits =
      typeof value === 'number' && value >= least && value <= most && Number.isInteger(value / unit)
    const multiple = unit === 1 ? '' : ` and a multiple of ${unit}`
    return fits
      ? undefined
      : `: ${shown(value)} is no whole number from ${least} to ${most}${multiple}`
  }
}

/** A shape and then a rule about the whole. */
export function also(shape: Shape, rule: (value: Fields) => string | undefined): Shape {
  return (value) => shape(value) ?? rule(value as Fields)
}
