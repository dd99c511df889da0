// SPDX-License-Identifier: GPL-2.0-only
// The past states of an address space, and the way back to each.

import { Column, Rows } from './column.ts'
import { VmaKeeper } from './history_vmas.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import type { HeldRun } from './pages.ts'
import {
  COUNTERS,
  counters_are,
  gather_counters,
  gather_settings,
  type Settings,
  scatter_counters,
  scatter_settings,
  settings_are,
} from './scalars.ts'
import { type Clock, type Keeper, Timeline } from './timeline.ts'

/** What is counted beside the address space itself, and so can only be taken back by as much as was added. */
type Counted = { f_count: number } | { i_mmap_writable: number } | { made: number }

function count(counted: Counted, by: number): void {
  if ('f_count' in counted) counted.f_count += by
  else if ('made' in counted) counted.made += by
  else counted.i_mmap_writable += by
}

/** No state: whatever is written to must be kept first. */
const PAST = -2
const NO_SERIALS: readonly number[] = []

/** Runs never change while a state needs them: they are kept as they are. */
class RunKeeper implements Keeper<HeldRun> {
  private readonly objects: HeldRun[] = []

  bear(run: HeldRun): void {
    this.objects.push(run)
  }

  show(serial: number): HeldRun {
    return this.objects[serial] as HeldRun
  }

  forget(serials: number): void {
    this.objects.length = serials
  }

  hide(serial: number): HeldRun {
    return this.show(serial)
  }

  changed(): readonly number[] {
    return NO_SERIALS
  }

  begin(): void {}
  bury(): void {}
  keep(): void {}
}

/**
 * The states of an address space: state n is what is there after its n-th operation, state 0 what was there before the
 * first. A call of the front door is an operation, also one that is refused; a hook's calls belong to the call that
 * runs the hook. What is done otherwise, by adopt() or to a limit, belongs to the operation before it.
 *
 * A write to a past state makes it the newest: the operations after it are forgotten, as an editor forgets what could
 * have been redone.
 *
 * What comes back is all that core keeps: VMAs, page tables, counters, limits, and this address space's share in its
 * files (`f_count`, `i_mmap`, `i_mmap_writable`). A VMA that is there in both of two states is one object; one that was
 * gone comes back as another object, with the letter it had. Not what hooks did elsewhere: a driver's own variables, a
 * file's size and private data stay as they are, and so does the address space of a child. What a cell assigns to a
 * VMA's field between two calls is not told apart from what was there.
 *
 * How: {@link Timeline} tells which VMAs, and which runs of page table entries, a state held; {@link VmaKeeper} has the
 * fields of VMAs that have changed since; numbers are kept for each state.
 */
export class History implements Clock {
  /** The number of operations. */
  length = 0
  /** The state that is shown: `length` unless at() went back. */
  position = 0
  /** The newest state while that is shown: a VMA that was kept in it can be written to. */
  stamp = 0
  private readonly mm: mm_struct
  private readonly fields: VmaKeeper
  private readonly frames: RunKeeper
  private readonly vmas: Timeline<vm_area_struct>
  private readonly runs: Timeline<HeldRun>
  /** One row a state; where a counter is too large for it, there is a row in `large`. */
  private readonly counters: Rows<Int32Array> = new Rows(COUNTERS, (n) => new Int32Array(n))
  private readonly large: Map<number, Float64Array> = new Map()
  private readonly settings: Settings[] = []
  /** The state from which on each of the settings holds. */
  private readonly settled: Column = new Column()
  private readonly counted: Counted[] = []
  private readonly amounts: Column = new Column()
  /** The state in which each was counted. */
  private readonly countedIn: Column = new Column()
  private running = false

  /** Precondition: nothing is mapped yet. */
  constructor(mm: mm_struct) {
    this.mm = mm
    this.fields = new VmaKeeper(this, mm)
    this.frames = new RunKeeper()
    this.vmas = new Timeline(this, mm.mm_mt, this.fields)
    this.runs = new Timeline(this, mm.pages.runs, this.frames)
  }

  /** Runs an operation: what it changes can be undone. */
  operation<T>(act: () => T): T {
    if (this.running) return act()
    this.writes()
    this.store()
    this.position = this.stamp = ++this.length
    this.running = true
    try {
      return act()
    } finally {
      this.running = false
    }
  }

  /** Shows the state after `n` operations; the newest one unless told otherwise. RangeError where there is none. */
  at(n?: number): void {
    if (this.running)
      throw new Error(`at(${n ?? ''}) during a call, say from a hook: go back between two calls`)
    this.noteScalars()
    const state = n ?? this.length
    if (!Number.isInteger(state) || state < 0 || state > this.length)
      throw new RangeError(
        `at(${String(n)}): give a whole number from 0, before the first call, to ${this.length}, after the last`,
      )
    if (state === this.position) return
    this.recount(state)
    this.vmas.restore(this.position, state)
    this.runs.restore(this.position, state)
    const { mm } = this
    const large = this.large.get(state)
    if (large) scatter_counters(mm, large, 0)
    else scatter_counters(mm, this.counters.chunk(state), this.counters.base(state))
    scatter_settings(mm, this.settingsOf(state))
    this.position = state
    this.stamp = state === this.length ? state : PAST
  }

  /** A write is about to happen: the state that is shown becomes the newest. */
  writes(): void {
    if (this.position !== this.length) this.forget()
  }

  /** The VMA is about to be written to. */
  keep(vma: vm_area_struct): void {
    this.fields.keep(vma)
  }

  /** From now on `pieces` counts what is split off the VMA born as `id`. */
  splits(id: number, pieces: { made: number }): void {
    this.fields.splits(id, pieces)
  }

  /** So many more are counted, of what others count too. */
  counts(counted: Counted, by: number): void {
    this.writes()
    this.counted.push(counted)
    this.amounts.push(by)
    this.countedIn.push(this.length)
  }

  /** Writes the scalars down as those of the newest state. */
  private store(): void {
    const { mm, settings, settled, length } = this
    this.storeCounters(length)
    const last = settled.length - 1
    if (last >= 0 && settings_are(mm, settings[last] as Settings)) return
    const isNew = last < 0 || settled.get(last) !== length
    if (isNew) settled.push(length)
    settings[isNew ? last + 1 : last] = gather_settings(mm)
  }

  private storeCounters(state: number): void {
    const { mm, counters, large } = this
    const [row, base] = [counters.chunk(state), counters.base(state)]
    gather_counters(mm, row, base)
    if (counters_are(mm, row, base)) {
      if (large.size > 0) large.delete(state)
      return
    }
    const numbers = new Float64Array(COUNTERS)
    gather_counters(mm, numbers, 0)
    large.set(state, numbers)
  }

  private countersAre(state: number): boolean {
    const large = this.large.get(state)
    if (large) return counters_are(this.mm, large, 0)
    return counters_are(this.mm, this.counters.chunk(state), this.counters.base(state))
  }

  /** Scalars are plain fields: a write between calls shows only now, and in the past it is a write like any other. */
  private noteScalars(): void {
    const { mm, position } = this
    if (position !== this.length) {
      if (this.countersAre(position) && settings_are(mm, this.settingsOf(position))) return
      this.writes()
    }
    this.store()
  }

  private settingsOf(state: number): Settings {
    return this.settings[this.settled.upTo(state) - 1] as Settings
  }

  private recount(state: number): void {
    const { countedIn, counted, amounts } = this
    const end = countedIn.upTo(state)
    let at = countedIn.upTo(this.position)
    for (; at < end; at++) count(counted[at] as Counted, amounts.get(at))
    while (at > end) count(counted[--at] as Counted, -amounts.get(at))
  }

  private forget(): void {
    const state = this.position
    this.vmas.forget(state)
    this.runs.forget(state)
    this.fields.forget(state, this.vmas.births)
    this.frames.forget(this.runs.births)
    const { counted, amounts, countedIn } = this
    counted.length = amounts.length = countedIn.length = countedIn.upTo(state)
    this.settings.length = this.settled.length = this.settled.upTo(state)
    this.length = this.stamp = state
  }
}
