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

/** A VMA at one moment of a call, or what lies in its place. */
export interface StepVma extends FigureVma {
  /**
   * Absent: in the tree. `detached`: taken out, to be put back or freed; `closed`: its `close` has run too. `desc`: no
   * VMA yet, a description; `new`: a VMA that nobody can see yet. `hole`: what was mapped here is lost.
   */
  readonly state?: 'detached' | 'closed' | 'desc' | 'new' | 'hole'
}

/** What a call was asked. */
export interface FigureRequest {
  /** Bytes; equal to `end` when the call is about no range. */
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** The call: `munmap(0x10000, 4096)`. */
  readonly label: string
}

/** How a call ended. */
export interface FigureResult {
  /** What it returned: an address, or 0. */
  readonly ret?: number
  /** The name of the errno: `EINVAL`. */
  readonly errno?: string
  /** The kernel function that refused. */
  readonly at?: string
}

/** What one call changed. */
export interface CompareFigure {
  readonly kind: 'compare'
  readonly data: {
    readonly before: readonly FigureVma[]
    readonly after: readonly FigureVma[]
    readonly request?: FigureRequest
    readonly result?: FigureResult
  }
  readonly options: { readonly title?: string }
}

/** One row of a timeline. */
export interface TimelineRow {
  /** What happens, in words. */
  readonly name: string
  /** The kernel functions. */
  readonly fn: string
  readonly note?: string
  /** Driver code: the name of the hook. */
  readonly hook?: string
  readonly errno?: string
  /** From here on an error leaves a hole. */
  readonly noWayBack?: boolean
  readonly layout: readonly StepVma[]
}

/** One lock over the rows of a timeline. */
export interface TimelineLane {
  readonly name: string
  readonly style: 'mmap' | 'vma' | 'i_mmap' | 'driver'
  /** Others may hold it, too. */
  readonly forReading?: true
  /** The rows in which it is held, first and last, counted from 0. */
  readonly held: readonly (readonly [from: number, to: number])[]
}

/** One call, as it happened. */
export interface TimelineFigure {
  readonly kind: 'timeline'
  readonly data: {
    readonly steps: readonly TimelineRow[]
    readonly lanes: readonly TimelineLane[]
    /** Steps that are in no row. */
    readonly folded: number
    readonly request?: FigureRequest
    readonly result?: FigureResult
  }
  readonly options: { readonly title?: string }
}

/** One call of a history and what it left. */
export interface HistoryRow {
  readonly call: string
  readonly errno?: string
  /** The range of the call, bytes. */
  readonly touched?: readonly [start: number, end: number]
  readonly layout: readonly FigureVma[]
}

/** Many calls on one address space. */
export interface HistoryFigure {
  readonly kind: 'history'
  readonly data: {
    readonly calls: readonly HistoryRow[]
    /** What was mapped before the first. */
    readonly before: readonly FigureVma[]
    /** The number of the first call shown. */
    readonly first: number
  }
  readonly options: { readonly title?: string }
}

/** What an entry of a page table is: there before mmap() returned, brought by a fault, absent, SIGBUS, or a guard. */
export type PageState = 'pre' | 'fault' | 'none' | 'bus' | 'guard'

/** Pages of one state, one after the other. */
export interface PageRun {
  readonly state: PageState
  readonly count: number
  /** The number of the fault that brought the first of them; the next came after it. */
  readonly order?: number
  /** The page frame of the first. */
  readonly pfn?: number
}

/** The pages of one VMA. */
export interface PagesPart {
  readonly name: string
  readonly note?: string
  /** Bytes. */
  readonly start: number
  readonly pages: readonly PageRun[]
}

/** What the page tables hold. */
export interface PagesFigure {
  readonly kind: 'pages'
  readonly data: { readonly parts: readonly PagesPart[] }
  readonly options: { readonly title?: string }
}

/** One thing that must hold for two VMAs to merge. */
export interface MergeRow {
  /** What must hold, in plain words. */
  readonly what: string
  /** The two values; empty where only one counts. */
  readonly left: string
  readonly right: string
  /** null: not asked, as an earlier answer decided. */
  readonly ok: boolean | null
  /** The kernel function that decides. */
  readonly fn: string
}

/** Why two VMAs are two, or became one. */
export interface WhyNotMergedFigure {
  readonly kind: 'whyNotMerged'
  readonly data: {
    readonly left: FigureVma
    readonly right: FigureVma
    readonly merged: boolean
    /** In words: `a page offset is skipped`. */
    readonly verdict: string
    readonly rows: readonly MergeRow[]
    /** What is not compared. */
    readonly also?: string
  }
  readonly options: { readonly title?: string }
}

/** Stages from the first to the last, and of what kind. */
export interface PipelineSpan {
  readonly kind: string
  readonly from: string
  readonly to: string
}

/** Where a failing call leaves: the stages, and what has to be undone, in words. */
export interface PipelineExit {
  readonly at: readonly string[]
  readonly s: string
}

/** One era of hooks on the way of a mapping; stages are named by their ids. */
export interface PipelineEra {
  readonly id: string
  readonly name: string
  /** The releases and the status. */
  readonly when: string
  /** What a driver writes. */
  readonly gets: string
  /** The stages that a new mapping goes through. */
  readonly steps: readonly string[]
  readonly hooks: readonly { readonly at: string; readonly name: string; readonly sub: string }[]
  /** What core does at a stage, where another era's driver does it. */
  readonly core: readonly { readonly at: string; readonly text: string }[]
  /** What there is of the mapping: `desc`, `new` (nobody can see it), `tree`. */
  readonly ground: readonly PipelineSpan[]
  /** `mmap`, `vma` (that of the new VMA), `i_mmap`, `driver`. */
  readonly locks: readonly PipelineSpan[]
  readonly exits: readonly PipelineExit[]
  /** The way of a mapping that merges: where it leaves, where it comes back, and its price. */
  readonly merge?: { readonly at: string; readonly to: string; readonly price: string }
}

/** The hooks of some eras on the way of a mapping. */
export interface PipelineFigure {
  readonly kind: 'pipeline'
  readonly data: {
    readonly stages: readonly { readonly id: string; readonly name: string; readonly fn: string }[]
    /** After this stage an error leaves a hole. */
    readonly noWayBack: string
    readonly eras: readonly PipelineEra[]
  }
  readonly options: { readonly title?: string }
}

/** What was measured of one thing. */
export interface MeasuredGroup {
  readonly name: string
  /** Of the values: `ns`. */
  readonly unit: string
  /** What was measured, then what it is compared with. */
  readonly bars: readonly { readonly name: string; readonly value: number }[]
  /** What came of it, in words: `2.55 x, goal at least 1`. */
  readonly said?: string
  /** Absent: there is nothing to meet. */
  readonly met?: boolean
  /** What the first bar is to reach, or not to pass. */
  readonly goal?: number
}

/** What was measured, beside what it was to reach. */
export interface MeasuresFigure {
  readonly kind: 'measures'
  readonly data: { readonly groups: readonly MeasuredGroup[] }
  readonly options: { readonly title?: string }
}

/** Words in rows and columns that belong to a figure. */
export interface FigureTable {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly failed: boolean }[]
  /** A sentence below. */
  readonly note?: string
}

/** A figure is a value: JSON that the page, Jupyter and the tests all render. */
export type Figure =
  | LayoutFigure
  | CompareFigure
  | TimelineFigure
  | HistoryFigure
  | PagesFigure
  | PipelineFigure
  | WhyNotMergedFigure
  | MeasuresFigure
