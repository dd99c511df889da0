// SPDX-License-Identifier: GPL-2.0-only
// What the address space looks like at each step of a run. Only what a step may have touched is looked at, and only
// what changed is kept, so that recording costs by the change and not by the number of VMAs.
import { type mm_struct, type StepName, vm_area_desc, vm_area_struct } from '../mm/index.ts'
import type { StepVma } from './figure.ts'
import type { AddressRange } from './layout_view.ts'
import { snapshotVma } from './snapshot.ts'

/** VMAs from `index` on are replaced. */
interface Splice {
  readonly index: number
  readonly removed: number
  readonly put: readonly StepVma[]
}

/** What one step changed. */
export interface LayoutChange {
  readonly splices: Splice[]
  /** What lies over the VMAs from here on: the description, or a VMA that is not in the tree. */
  overlay?: readonly StepVma[]
}

/** After these the model goes on changing what was gathered, without another step for it. */
const goOn: ReadonlySet<StepName> = new Set([
  'vms_gather_munmap_vmas',
  '__split_vma',
  'reattach_vmas',
  'vms_clear_range',
  'unmap_region',
])
/** After these nothing is left of a mapping that was being made. */
const overlayEnds: ReadonlySet<StepName> = new Set([
  'vma_iter_store',
  'commit_merge',
  'reattach_vmas',
  'vms_clear_range',
  'mmap_write_unlock',
])
/** Steps about a VMA that leave it as it is. */
const harmless: ReadonlySet<StepName> = new Set(['remove_vma', 'call_open'])

/** Follows an address space from step to step. */
export class LayoutTracker {
  readonly before: readonly StepVma[]
  readonly changes: LayoutChange[] = []
  private readonly mm: mm_struct
  private readonly now: StepVma[]
  private readonly closed = new WeakSet<vm_area_struct>()
  private gathered: AddressRange | null = null
  private isOpen = false
  private hasOverlay = false

  constructor(mm: mm_struct) {
    this.mm = mm
    this.now = [...mm.mm_mt].map((vma) => this.shown(vma))
    this.before = [...this.now]
  }

  /** A step begins: what changed so far belongs to the step before it, what the step did to the step. */
  step(fn: StepName, subject: unknown, a: number, b: number): void {
    this.settle()
    this.changes.push({ splices: [] })
    if (fn === 'vms_gather_munmap_vmas') this.gathered = { start: a, end: b }
    if (fn === 'call_close' && subject instanceof vm_area_struct) this.closed.add(subject)
    if (subject instanceof vm_area_struct && !harmless.has(fn)) {
      const from = fn === 'commit_merge' ? Math.min(a, subject.vm_start) : subject.vm_start
      const to = fn === 'commit_merge' ? Math.max(b, subject.vm_end) : subject.vm_end
      this.refresh(from, to)
    }
    this.overlay(fn, subject)
    this.isOpen = this.gathered !== null && goOn.has(fn)
  }

  /** The run is over: also what no step told of is noted. */
  finish(): void {
    this.settle()
    if (this.changes.length === 0) this.changes.push({ splices: [] })
    this.refresh(0, Number.POSITIVE_INFINITY)
  }

  /** The VMAs as they are now. */
  vmas(): readonly StepVma[] {
    return [...this.now]
  }

  private settle(): void {
    if (!this.isOpen || !this.gathered) return
    this.refresh(this.gathered.start, this.gathered.end)
    this.isOpen = false
  }

  private overlay(fn: StepName, subject: unknown): void {
    const change = this.changes.at(-1)
    if (!change) return
    if (subject instanceof vm_area_desc && !this.hasOverlay) {
      const { start, end } = subject
      change.overlay = [{ id: 'desc', start, end, perms: '---p', pgoff: 0, state: 'desc' }]
      this.hasOverlay = true
    } else if (fn === 'vm_area_alloc' && subject instanceof vm_area_struct) {
      change.overlay = [{ ...snapshotVma(this.mm, subject), state: 'new' }]
      this.hasOverlay = true
    } else if (this.hasOverlay && overlayEnds.has(fn)) {
      change.overlay = []
      this.hasOverlay = false
    }
  }

  /** Notes what differs in [from, to), which is widened to whole VMAs of both sides. */
  private refresh(from: number, to: number): void {
    const { now, mm } = this
    let [start, end] = [from, to]
    for (;;) {
      const first = indexOf(now, start)
      let last = first
      while (last < now.length && (now[last] as StepVma).start < end) last++
      const fresh = within(mm, start, end)
      const low = Math.min(start, ...starts(now[first], fresh[0], last > first))
      const high = Math.max(end, ...ends(now[last - 1], fresh.at(-1), last > first))
      if (low === start && high === end) {
        this.replace(first, last, fresh)
        return
      }
      ;[start, end] = [low, high]
    }
  }

  private replace(first: number, last: number, fresh: readonly vm_area_struct[]): void {
    const put = fresh.map((vma, i) => {
      const shown = this.shown(vma)
      const old = this.now[first + i]
      return old && isSame(old, shown) ? old : shown
    })
    if (put.length === last - first && put.every((each, i) => each === this.now[first + i])) return
    const splice = { index: first, removed: last - first, put }
    applySplice(this.now, splice)
    this.changes.at(-1)?.splices.push(splice)
  }

  private shown(vma: vm_area_struct): StepVma {
    const shown = snapshotVma(this.mm, vma)
    if (this.closed.has(vma)) return { ...shown, state: 'closed' }
    return vma.detached ? { ...shown, state: 'detached' } : shown
  }
}

function starts(old: StepVma | undefined, vma: vm_area_struct | undefined, has: boolean): number[] {
  return [...(has && old ? [old.start] : []), ...(vma ? [vma.vm_start] : [])]
}

function ends(old: StepVma | undefined, vma: vm_area_struct | undefined, has: boolean): number[] {
  return [...(has && old ? [old.end] : []), ...(vma ? [vma.vm_end] : [])]
}

/** Carries one change out. */
function applySplice(vmas: StepVma[], { index, removed, put }: Splice): void {
  if (put.length === 1 && removed === 1) vmas[index] = put[0] as StepVma
  else {
    const tail = vmas.splice(index)
    for (const vma of put) vmas.push(vma)
    for (let i = removed; i < tail.length; i++) vmas.push(tail[i] as StepVma)
  }
}

/** The VMAs after the changes up to one, and what lies over them. */
export function layoutAfter(
  before: readonly StepVma[],
  changes: readonly LayoutChange[],
  last: number,
): { readonly vmas: StepVma[]; readonly overlay: readonly StepVma[] } {
  const vmas = [...before]
  let overlay: readonly StepVma[] = []
  for (const change of changes.slice(0, last + 1)) {
    for (const splice of change.splices) applySplice(vmas, splice)
    overlay = change.overlay ?? overlay
  }
  return { vmas, overlay }
}

function isSame(a: StepVma, b: StepVma): boolean {
  return (
    a.id === b.id &&
    a.start === b.start &&
    a.end === b.end &&
    a.perms === b.perms &&
    a.pgoff === b.pgoff &&
    a.name === b.name &&
    a.state === b.state &&
    a.flags?.join() === b.flags?.join()
  )
}

/** The index of the first VMA that ends above `address`. */
function indexOf(vmas: readonly StepVma[], address: number): number {
  let [low, high] = [0, vmas.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((vmas[middle] as StepVma).end <= address) low = middle + 1
    else high = middle
  }
  return low
}

function within(mm: mm_struct, start: number, end: number): vm_area_struct[] {
  const found: vm_area_struct[] = []
  for (let vma = mm.mm_mt.find(start); vma && vma.vm_start < end; vma = mm.mm_mt.next(vma))
    found.push(vma)
  return found
}
