// SPDX-License-Identifier: GPL-2.0-only
// What the page tables hold, as ranges.
//
// Differs: the kernel has an entry for each page; a range here stands for a run of entries of one kind.

import { PAGE_SIZE } from './flags.ts'

/**
 * What an entry maps: a page of the process's own, the zero page, a page of a file, a page frame without struct page,
 * or a guard that forbids access. No entry: nothing was there yet.
 */
export type PageKind = 'anon' | 'zero' | 'file' | 'pfn' | 'guard'

interface Run {
  start: number
  end: number
  readonly kind: PageKind
  /** What the first page maps, see {@link PageTable.fill}. */
  readonly frame: unknown
}

/** What the page `pages` further on maps. */
function frame_after(frame: unknown, pages: number): unknown {
  return typeof frame === 'number' ? frame + pages : frame
}

/** Does `above`, which begins where `below` ends, go on with it? */
function goes_on(below: Run, above: Run): boolean {
  if (below.end !== above.start || below.kind !== above.kind) return false
  const next = frame_after(below.frame, (below.end - below.start) / PAGE_SIZE)
  return next === above.frame && (next === null || typeof next === 'number')
}

/** The part [start, end) of a run. */
function cut({ start: from, kind, frame }: Run, start: number, end: number): Run {
  return { start, end, kind, frame: frame_after(frame, (start - from) / PAGE_SIZE) }
}

/** Runs of entries in order of address, none overlapping. Addresses in bytes. */
export class PageTable {
  private readonly runs: Run[] = []

  /** Has it no entry at all? */
  get isEmpty(): boolean {
    return this.runs.length === 0
  }

  /**
   * Gives [start, end) entries of one kind in place of what was there. `frame` is the page frame number that the first
   * of them maps, the next ones following on, or of a single entry the page that a driver gave; null: not told apart.
   */
  fill(start: number, end: number, kind: PageKind, frame: unknown = null): void {
    if (start >= end) return
    this.clear(start, end)
    const at = this.indexOf(start)
    const below = this.runs[at - 1]
    const above = this.runs[at]
    const run: Run = { start, end, kind, frame }
    const joinsBelow = below !== undefined && goes_on(below, run)
    const joinsAbove = above !== undefined && goes_on(run, above)
    if (joinsBelow) {
      below.end = joinsAbove ? above.end : end
      if (joinsAbove) this.runs.splice(at, 1)
    } else if (joinsAbove) this.runs[at] = { ...run, end: above.end }
    else this.runs.splice(at, 0, run)
  }

  /** Takes the entries of [start, end) away. */
  clear(start: number, end: number): void {
    const first = this.indexOf(start)
    let last = first
    const kept: Run[] = []
    for (let run = this.runs[last]; run && run.start < end; run = this.runs[++last]) {
      if (run.start < start) kept.push({ ...run, end: start })
      if (run.end > end) kept.push(cut(run, end, run.end))
    }
    if (last > first) this.runs.splice(first, last - first, ...kept)
  }

  /** Moves the entries of [start, end) to `to`, where there are none. */
  move(start: number, end: number, to: number): void {
    const moved = [...this.within(start, end)]
    this.clear(start, end)
    for (const run of moved)
      this.fill(run.start - start + to, run.end - start + to, run.kind, run.frame)
  }

  /** What the page at `addr` is. */
  at(addr: number): PageKind | null {
    const run = this.runs[this.indexOf(addr)]
    return run && run.start <= addr ? run.kind : null
  }

  /** The runs within [start, end), cut to it. */
  *within(start: number, end: number): Generator<Readonly<Run>, void, undefined> {
    for (let at = this.indexOf(start); at < this.runs.length; at++) {
      const run = this.runs[at]
      if (!run || run.start >= end) return
      yield cut(run, Math.max(run.start, start), Math.min(run.end, end))
    }
  }

  /** The number of pages of one kind within [start, end). */
  count(start: number, end: number, kind: PageKind): number {
    let pages = 0
    for (const run of this.within(start, end))
      if (run.kind === kind) pages += (run.end - run.start) / PAGE_SIZE
    return pages
  }

  /** The index of the first run that ends after `addr`. */
  private indexOf(addr: number): number {
    let low = 0
    let high = this.runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.runs[middle] as Run).end <= addr) low = middle + 1
      else high = middle
    }
    return low
  }
}
