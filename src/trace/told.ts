// SPDX-License-Identifier: GPL-2.0-only
// Values that are told as text and, where there is room, as HTML.

/** A value that a cell shows as {@link Told.toString}, and Jupyter as {@link Told.toHtml}. */
export abstract class Told {
  abstract toString(): string
  abstract toHtml(): string

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

/** A table as HTML; a text of several lines is shown as code. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (tag: string, text: string): string => {
    const shown = text.includes('\n') ? `<pre>${escapeHtml(text)}</pre>` : escapeHtml(text)
    return `<${tag} style="text-align:left">${shown}</${tag}>`
  }
  const row = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => cell(tag, text)).join('')}</tr>`
  return `<table>${row('th', head)}${rows.map((texts) => row('td', texts)).join('')}</table>`
}

/** Text for use inside HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
