// SPDX-License-Identifier: GPL-2.0-only
// What the page tables hold, as ranges.
//
// Differs: the kernel has an entry for each page; a range here stands for a run of entries of one kind. Of an entry's
// protection only the caching is kept: who may access it follows from the flags of the VMA.

import { PAGE_SIZE } from './flags.ts'
import { type Ranged, RangeTree } from './iter.ts'

/**
 * What an entry maps: a page of the process's own, the zero page, a page of a file, a page frame without struct page,
 * or a guard that forbids access. No entry: nothing was there yet.
 */
export type PageKind = 'anon' | 'zero' | 'file' | 'pfn' | 'guard'

/** A run of entries of one kind. Addresses in bytes. */
export interface PageRun {
  readonly start: number
  readonly end: number
  readonly kind: PageKind
  /** What the first page maps, see {@link PageTable.fill}. */
  readonly frame: unknown
  /** The caching, in the bits of a page protection: 0 for write-back. */
  readonly caching: number
}

/**
 * A run as the tree holds it. Kind, frame and caching are never changed, nor is a range that a history has to remember.
 */
export class HeldRun implements Ranged {
  vm_start: number
  vm_end: number
  readonly kind: PageKind
  readonly frame: unknown
  readonly caching: number
  tree_node = -1
  serial = -1

  constructor(start: number, end: number, kind: PageKind, frame: unknown, caching: number) {
    this.vm_start = start
    this.vm_end = end
    this.kind = kind
    this.frame = frame
    this.caching = caching
  }
}

/** Does `below` go on in `above`, so that they are one run? */
function goes_on(below: HeldRun, above: HeldRun): boolean {
  if (below.vm_end !== above.vm_start || below.kind !== above.kind) return false
  const next = frame_at(below, below.vm_end)
  const is_counted = next === null || typeof next === 'number'
  return is_counted && next === above.frame && below.caching === above.caching
}

/** What a run maps from `addr` on, which lies in it or at its end. */
function frame_at({ vm_start, frame }: HeldRun, addr: number): unknown {
  return typeof frame === 'number' ? frame + (addr - vm_start) / PAGE_SIZE : frame
}

/** Runs of entries in order of address, none overlapping. Addresses in bytes. */
export class PageTable {
  /** The runs. */
  readonly runs: RangeTree<HeldRun> = new RangeTree()

  /** Has it no entry at all? */
  get isEmpty(): boolean {
    return this.runs.size === 0
  }

  /**
   * Gives [start, end) entries of one kind in place of what was there. `frame` is the page frame number that the first
   * of them maps, the next ones following on, or of a single entry the page that a driver gave; null: not told apart.
   */
  fill(start: number, end: number, kind: PageKind, frame: unknown = null, caching = 0): void {
    if (start >= end) return
    this.clear(start, end)
    const { runs } = this
    const run = new HeldRun(start, end, kind, frame, caching)
    const below = runs.findBelow(start)
    const above = below ? runs.next(below) : runs.first()
    if (above && goes_on(run, above)) {
      run.vm_end = above.vm_end
      runs.remove(above)
    }
    if (below && goes_on(below, run)) this.endAt(below, run.vm_end)
    else runs.insert(run, below)
  }

  /** Takes the entries of [start, end) away. */
  clear(start: number, end: number): void {
    const { runs } = this
    for (let run = runs.find(start); run && run.vm_start < end; run = runs.find(start)) {
      const { vm_start: from, vm_end: to, kind, caching } = run
      const frame = frame_at(run, end)
      if (from < start) this.endAt(run, start)
      else runs.remove(run)
      if (to <= end) continue
      runs.insert(new HeldRun(end, to, kind, frame, caching))
      return
    }
  }

  /** Takes the entries of [start, end) away, but leaves guards. Linux: mm/memory.c:zap_vma_range() */
  zap(start: number, end: number): void {
    for (const run of [...this.within(start, end)])
      if (run.kind !== 'guard') this.clear(run.start, run.end)
  }

  /** Moves the entries of [start, end) to `to`, where there are none. */
  move(start: number, end: number, to: number): void {
    const moved = [...this.within(start, end)]
    this.clear(start, end)
    for (const run of moved)
      this.fill(run.start - start + to, run.end - start + to, run.kind, run.frame, run.caching)
  }

  /** What the page at `addr` is. */
  at(addr: number): PageKind | null {
    const run = this.runs.find(addr)
    return run && run.vm_start <= addr ? run.kind : null
  }

  /** The runs within [start, end), cut to it. They must not change meanwhile. */
  *within(start: number, end: number): Generator<PageRun, void, undefined> {
    const { runs } = this
    for (let run = runs.find(start); run && run.vm_start < end; run = runs.next(run)) {
      const from = Math.max(run.vm_start, start)
      const to = Math.min(run.vm_end, end)
      const { kind, caching } = run
      yield { start: from, end: to, kind, frame: frame_at(run, from), caching }
    }
  }

  /** The number of pages of one kind within [start, end). */
  count(start: number, end: number, kind: PageKind): number {
    let pages = 0
    for (const run of this.within(start, end))
      if (run.kind === kind) pages += (run.end - run.start) / PAGE_SIZE
    return pages
  }

  /** Gives a run another end: the run itself, or in its place another where a history has to remember it. */
  private endAt(run: HeldRun, end: number): void {
    const { runs } = this
    const { vm_start, kind, frame, caching } = run
    if (runs.watcher === null || runs.watcher.isNew(run)) {
      runs.setRange(run, vm_start, end)
      return
    }
    runs.remove(run)
    runs.insert(new HeldRun(vm_start, end, kind, frame, caching))
  }
}
