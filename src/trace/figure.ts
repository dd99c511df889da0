// SPDX-License-Identifier: GPL-2.0-only
/** How a figure draws a VMA: by colour, texture and word. */
export type VmaKind = 'anon' | 'file' | 'driver' | 'special'

/** A VMA as a figure shows it: plain JSON. Addresses in bytes, `pgoff` in pages. */
export interface FigureVma {
  /** The letter for life, in order of birth: `A`, `B`, ... `Z`, `AA`; a piece split off A is `A′`. */
  readonly id: string
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** As in /proc/PID/maps: `rw-p`. */
  readonly perms: string
  readonly pgoff: number
  /** The file or the special name: `/dev/demo`, `[heap]`. */
  readonly name?: string
  /** Derived from `flags` and `name` when absent. */
  readonly kind?: VmaKind
  /** Flag names without prefix that are worth showing: `IO`, `PFNMAP`, `DONTEXPAND`. */
  readonly flags?: readonly string[]
}

/** Where the mappings of an address space are. */
export interface LayoutFigure {
  readonly kind: 'layout'
  readonly data: { readonly vmas: readonly FigureVma[] }
  readonly options: {
    /** The sentence that the figure proves. */
    readonly title?: string
    /** Show only what overlaps `[from, to)`, in bytes. */
    readonly from?: number
    readonly to?: number
  }
}

/** A figure is a value: JSON that the page, Jupyter and the tests all render. */
export type Figure = LayoutFigure
