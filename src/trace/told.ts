// SPDX-License-Identifier: GPL-2.0-only
// Values that are told as text and, where there is room, with tables.
import type { Markup } from './markup.ts'

/** A value that a cell shows as text, and where there is room by its markup. */
export abstract class Told {
  abstract toString(): string
  abstract toMarkup(): readonly Markup[]

  static {
    const value = function (this: Told): string {
      return this.toString()
    }
    Object.defineProperty(Told.prototype, Symbol.for('nodejs.util.inspect.custom'), { value })
  }
}

/** A table as text: columns as wide as what is in them, but cut at `limit` characters. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  limit = 44,
): string {
  const all = [head, ...rows].map((row) => row.map((text) => clip(text, limit)))
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
