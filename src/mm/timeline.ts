// SPDX-License-Identifier: GPL-2.0-only
// Which ranges a tree held in each of its past states.

import { Column } from './column.ts'
import type { Ranged, RangeTree, RangeWatcher } from './iter.ts'

/** The state in which a range leaves the tree that has not left it. */
const NEVER = 2 ** 30

/** What is done with the ranges themselves as they come and go. A range is known by its serial number. */
export interface Keeper<T> {
  /** The tree is about to be changed: a state of the past becomes the newest. */
  writes(): void
  /** It is new. */
  bear(item: T, serial: number): void
  /** It leaves the tree for good; what it was must be kept. */
  bury(item: T, serial: number): void
  /** Copies what it is ahead of a write. */
  keep(item: T): void
  /** The range as it was in a state, in which it is in the tree; `died`: in the newest it is not. */
  show(serial: number, state: number, died: boolean): T
  /** It was in the tree, and may be shown again or not. */
  hide(item: T): void
  /** It was in the tree and is not shown. */
  remove(item: T, died: boolean): void
}

interface Checkpoint {
  readonly state: number
  /** The length of the log then. */
  readonly at: number
  /** What the tree held, in order of address. */
  readonly serials: Int32Array
}

/** A checkpoint is due after this many changes, and after half as many as the tree holds. */
const LEAST_CHANGES = 1024

/**
 * The journal of one tree: every range that came or went, in order. A past state is the nearest checkpoint before it
 * and what came since, without those that were gone by then.
 */
export class Timeline<T extends Ranged> implements RangeWatcher<T> {
  /** The state that is being made. */
  now = 0
  private readonly tree: RangeTree<T>
  private readonly keeper: Keeper<T>
  /** By serial: the range is in the tree in the states from `born` on, before `died`. */
  private readonly born: Column = new Column()
  private readonly died: Column = new Column()
  private readonly log: Column = new Column()
  /** The lengths of the log and of the serials at the end of each state but the newest. */
  private readonly ends: Column = new Column()
  private readonly birthEnds: Column = new Column()
  private readonly checkpoints: Checkpoint[] = [{ state: -1, at: 0, serials: new Int32Array() }]

  constructor(tree: RangeTree<T>, keeper: Keeper<T>) {
    this.tree = tree
    this.keeper = keeper
    tree.watcher = this
  }

  added(item: T): void {
    this.keeper.writes()
    const serial = this.born.length
    item.serial = serial
    this.born.push(this.now)
    this.died.push(NEVER)
    this.log.push(serial)
    this.keeper.bear(item, serial)
  }

  removed(item: T): void {
    this.keeper.writes()
    const { serial } = item
    this.keeper.bury(item, serial)
    this.died.set(serial, this.now)
    this.log.push(serial)
  }

  changes(item: T): void {
    this.keeper.keep(item)
  }

  isNew(item: T): boolean {
    return this.born.get(item.serial) === this.now
  }

  /** The newest state is complete, the next begins. */
  close(): void {
    const { log, tree } = this
    const last = this.checkpoints.at(-1) as Checkpoint
    if (log.length - last.at > Math.max(LEAST_CHANGES, tree.size / 2)) {
      this.checkpoints.push({ state: this.now, at: log.length, serials: serials_of(tree) })
    }
    this.ends.push(log.length)
    this.birthEnds.push(this.births)
    this.now++
  }

  /** The tree holds what it held at the end of a state. O(n), whatever has happened since. */
  restore(state: number): void {
    const { keeper, log, checkpoints } = this
    let nearest = checkpoints.length - 1
    while ((checkpoints[nearest] as Checkpoint).state > state) nearest--
    const { at, serials } = checkpoints[nearest] as Checkpoint
    const before = this.tree.toArray()
    for (const item of before) keeper.hide(item)
    const stayed: T[] = []
    for (const serial of serials) this.show(serial, state, stayed)
    const came: T[] = []
    const end = state < this.ends.length ? this.ends.get(state) : log.length
    for (let i = at; i < end; i++) this.show(log.get(i), state, came)
    for (const item of before) keeper.remove(item, this.died.get(item.serial) !== NEVER)
    this.tree.build(came.length === 0 ? stayed : merged(stayed, came))
  }

  private show(serial: number, state: number, shown: T[]): void {
    const died = this.died.get(serial)
    if (this.born.get(serial) <= state && state < died)
      shown.push(this.keeper.show(serial, state, died !== NEVER))
  }

  /** Nothing has happened after this state, which becomes the newest. The tree holds it already. */
  forget(state: number): void {
    const { log, ends, birthEnds, checkpoints, died } = this
    const end = ends.get(state)
    for (let i = end; i < log.length; i++) {
      const serial = log.get(i)
      if (died.get(serial) > state) died.set(serial, NEVER)
    }
    log.length = end
    this.born.length = died.length = birthEnds.get(state)
    birthEnds.length = ends.length = state
    while ((checkpoints.at(-1) as Checkpoint).state >= state) checkpoints.pop()
    this.now = state
  }

  /** The ranges that were ever born. */
  get births(): number {
    return this.born.length
  }
}

function serials_of<T extends Ranged>(tree: RangeTree<T>): Int32Array {
  const serials = new Int32Array(tree.size)
  const items = tree.toArray()
  for (let i = 0; i < items.length; i++) serials[i] = (items[i] as T).serial
  return serials
}

/** Both in order of address; the first are in order already. */
function merged<T extends Ranged>(stayed: readonly T[], came: T[]): T[] {
  came.sort((a, b) => a.vm_start - b.vm_start)
  const all: T[] = []
  let at = 0
  for (const item of stayed) {
    for (; at < came.length && (came[at] as T).vm_start < item.vm_start; at++)
      all.push(came[at] as T)
    all.push(item)
  }
  return all.concat(came.slice(at))
}
