// SPDX-License-Identifier: GPL-2.0-only
import { SourceMap } from 'node:module'

/** A place in a text; line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

const comment = /\n\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*$/

/** Takes the inline source map off the end of a compiled text; `map` is '' when there is none. */
export function splitMap(text: string): { readonly code: string; readonly map: string } {
  const found = comment.exec(text)
  return found ? { code: text.slice(0, found.index), map: found[0] } : { code: text, map: '' }
}

/** Follows a place in a compiled text back through its inline maps, last step first. */
export function traceBack(maps: readonly string[], place: Place): Place | undefined {
  let at: Place | undefined = place
  for (const map of maps) {
    const encoded = comment.exec(map)?.[1]
    if (!encoded || !at) return undefined
    const entry = new SourceMap(
      JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')),
    ).findEntry(at.line - 1, at.column - 1)
    at =
      'originalLine' in entry
        ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
        : undefined
  }
  return at
}
