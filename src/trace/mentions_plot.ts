// SPDX-License-Identifier: GPL-2.0-only

/** Does a cell draw for itself? Then it finds `Plot` and `document` in scope. */
export function mentionsPlot(code: string): boolean {
  return /\bPlot\b|\bdocument\s*\./.test(code)
}
