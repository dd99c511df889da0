// SPDX-License-Identifier: GPL-2.0-only
/**
 * One value in several forms, keyed by MIME type; `text/plain` is always there. A figure is the JSON value under
 * {@link FIGURE_MIME}; whoever shows it draws it.
 */
export interface MimeBundle {
  readonly 'text/plain': string
  readonly [mime: string]: unknown
}

/** The MIME type under which a bundle carries a figure value (`{kind, data, options}`, plain JSON). */
export const FIGURE_MIME = 'application/vnd.vmalab.figure+json'

/** What a cell gave, in the order it gave it: the same in Jupyter, at build and in the browser. Plain JSON. */
export type CellOutput =
  | { readonly type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'display' | 'result'; readonly data: MimeBundle }
  | {
      readonly type: 'error'
      readonly ename: string
      readonly evalue: string
      readonly traceback: readonly string[]
    }

/** A page's cells as they ran: what `vmalab pages` writes and the site shows. */
export interface ExecutedPage {
  /** The page's file below docs/, without its ending: `hooks/mmap_prepare`. */
  readonly page: string
  readonly cells: readonly ExecutedCell[]
}

/** One live cell and its outputs; a volatile cell stores none. */
export interface ExecutedCell {
  readonly code: string
  readonly volatile: boolean
  readonly outputs: readonly CellOutput[]
  /** The names that stand in the code, in order; absent where nobody asked. */
  readonly names?: readonly KnownName[]
}

/** A name in a cell's code, from `start` to `end` in UTF-16 units, and what is known of it. */
export interface KnownName {
  readonly start: number
  readonly end: number
  /** As one would declare it: `(property) vm_area_desc.pgoff: number`. */
  readonly text: string
  /** The first paragraph of its comment; '' without one. */
  readonly doc: string
}
