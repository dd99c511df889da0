// SPDX-License-Identifier: GPL-2.0-only
import { escapeHtml, type FigureTable } from '../trace/index.ts'

/** A table as HTML that needs no style sheet, in the colours of its host. */
export function tableHtml({ columns, rows, note }: FigureTable): string {
  const head = columns.map(
    (text) => `<th scope="col" style="text-align:left">${escapeHtml(text)}</th>`,
  )
  const body = rows.map(({ cells, failed }) => {
    const style = failed ? ' style="font-weight:bold;outline:2px solid #8f0a33"' : ''
    return `<tr${style}>${cells.map((text) => `<td style="text-align:left">${escapeHtml(text)}</td>`).join('')}</tr>`
  })
  const below = note === undefined ? '' : `<p>${escapeHtml(note)}</p>`
  return `<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>${below}`
}
