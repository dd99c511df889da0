// SPDX-License-Identifier: GPL-2.0-only
// Which ranges a tree held in each of its past states.

import { Column, first } from './column.ts'
import { PAGE_SIZE } from './flags.ts'
import { NOWHERE, type Ranged, type RangeTree, type RangeWatcher } from './iter.ts'

/** The state in which a range leaves the tree that has not left it. */
const NEVER = 2 ** 30
/** One range more in or out costs as much as this many that are put into a new tree. */
const SINGLE = 8

/** Counts the states of an address space. */
export interface Clock {
  /** The state that is being made. */
  readonly length: number
  /** A tree or what it holds is about to be changed: if a state of the past is shown, it becomes the newest. */
  writes(): void
}

/** What is done with the ranges themselves as they come and go. A range is known by its serial number. */
export interface Keeper<T extends Ranged> {
  /** It is new. */
  bear(item: T, serial: number): void
  /** It leaves the tree for good; what it was must be kept. */
  bury(item: T, serial: number): void
  /** Copies what it is ahead of a write. */
  keep(item: T): void
  /** The ranges that were written to after one state and up to another. */
  changed(after: number, upTo: number): readonly number[]
  /** Another state is about to be shown than the one that is in the tree. */
  begin(tree: RangeTree<T>): void
  /** The range as it was in a state, in which it is in the tree; `died`: in the newest it is not. */
  show(serial: number, state: number, died: boolean): T
  /** A range that is in the tree, and is to leave it. */
  hide(serial: number): T
}

/**
 * The journal of one tree: every range that came or went, in order. The way to another state is what came and went
 * between the two, without what did both.
 */
export class Timeline<T extends Ranged> implements RangeWatcher<T> {
  private readonly clock: Clock
  private readonly tree: RangeTree<T>
  private readonly keeper: Keeper<T>
  /** By serial: the range is in the tree in the states from `born` on, before `died`. */
  private readonly born: Column = new Column()
  private readonly died: Column = new Column()
  /** What went, by its serial, in that order. What came is in order of its serial. */
  private readonly gone: Column = new Column()

  constructor(clock: Clock, tree: RangeTree<T>, keeper: Keeper<T>) {
    this.clock = clock
    this.tree = tree
    this.keeper = keeper
    tree.watcher = this
  }

  added(item: T): void {
    this.clock.writes()
    const serial = this.born.length
    item.serial = serial
    this.born.push(this.clock.length)
    this.died.push(NEVER)
    this.keeper.bear(item, serial)
  }

  removed(item: T): void {
    this.clock.writes()
    const { serial } = item
    this.keeper.bury(item, serial)
    this.died.set(serial, this.clock.length)
    this.gone.push(serial)
  }

  changes(item: T): void {
    this.keeper.keep(item)
  }

  isNew(item: T): boolean {
    return this.born.get(item.serial) === this.clock.length
  }

  /** The tree, which holds what it held in the state `from`, holds what it held in `to`. */
  restore(from: number, to: number): void {
    const { tree } = this
    this.keeper.begin(tree)
    const [gone, came] = this.difference(from, to)
    const stayed = this.rewrite(from, to)
    tree.watcher = null
    if ((gone.length + came.length) * SINGLE < tree.size) {
      for (const item of gone) tree.remove(item)
      for (const item of stayed) tree.setRange(item, item.vm_start, item.vm_end)
      for (const item of came) tree.insert(item)
    } else {
      for (const item of gone) item.tree_node = NOWHERE
      tree.build(merged(tree.toArray(), came))
    }
    tree.watcher = this
  }

  /** What leaves the tree and what comes, on the way from one state to another. */
  private difference(from: number, to: number): readonly [T[], T[]] {
    const { keeper, born, gone, died } = this
    const leave: T[] = []
    const come: T[] = []
    const [low, high] = [Math.min(from, to), Math.max(from, to)]
    const pass = (serial: number): void => {
      const was = this.held(serial, from)
      if (was === this.held(serial, to)) return
      const ended = died.get(serial) !== NEVER
      if (was) leave.push(keeper.hide(serial))
      else come.push(keeper.show(serial, to, ended))
    }
    const births = born.upTo(high)
    for (let serial = born.upTo(low); serial < births; serial++) pass(serial)
    const deaths = this.deathsUpTo(high)
    for (let i = this.deathsUpTo(low); i < deaths; i++)
      // What was born since has been passed already.
      if (born.get(gone.get(i)) <= low) pass(gone.get(i))
    return [leave, come]
  }

  /** What is in the tree in both states gets the fields of the second, where it has others. */
  private rewrite(from: number, to: number): T[] {
    const { keeper, died } = this
    const changed: T[] = []
    for (const serial of keeper.changed(Math.min(from, to), Math.max(from, to)))
      if (this.held(serial, from) && this.held(serial, to))
        changed.push(keeper.show(serial, to, died.get(serial) !== NEVER))
    return changed
  }

  private held(serial: number, state: number): boolean {
    return this.born.get(serial) <= state && state < this.died.get(serial)
  }

  /** How many have gone at the end of a state. */
  private deathsUpTo(state: number): number {
    const { gone, died } = this
    return first(gone.length, (at) => died.get(gone.get(at)) > state)
  }

  /** Nothing has happened after this state, which becomes the newest. The tree holds it already. */
  forget(state: number): void {
    const { gone, born, died } = this
    const deaths = this.deathsUpTo(state)
    for (let i = deaths; i < gone.length; i++) died.set(gone.get(i), NEVER)
    gone.length = deaths
    born.length = died.length = born.upTo(state)
  }

  /** The ranges that were ever born. */
  get births(): number {
    return this.born.length
  }
}

/** Both in order of address, without those that are nowhere. The first are in order already. */
function merged<T extends Ranged>(before: readonly T[], unordered: readonly T[]): readonly T[] {
  const stayed: T[] = []
  for (const item of before) if (item.tree_node !== NOWHERE) stayed.push(item)
  const came = in_order(unordered)
  const [lowest, highest] = [came[0], came[came.length - 1]]
  if (lowest === undefined || highest === undefined) return stayed
  // To look at every range again takes longer than all the rest: mostly what comes lies beside what stays.
  const [bottom, top] = [stayed[0], stayed[stayed.length - 1]]
  if (bottom === undefined || top === undefined) return came
  if (lowest.vm_start > top.vm_start) return stayed.concat(came)
  if (highest.vm_start < bottom.vm_start) return came.concat(stayed)
  const all: T[] = []
  let at = 0
  for (const item of stayed) {
    for (; at < came.length && (came[at] as T).vm_start < item.vm_start; at++)
      all.push(came[at] as T)
    all.push(item)
  }
  for (; at < came.length; at++) all.push(came[at] as T)
  return all
}

/** In order of address. Numbers are sorted several times as fast as objects: each has the place of its item in it. */
function in_order<T extends Ranged>(items: readonly T[]): readonly T[] {
  const count = items.length
  const keys = new Float64Array(count)
  let rises = 0
  for (let i = 0; i < count; i++) {
    const { vm_start } = items[i] as T
    keys[i] = (vm_start / PAGE_SIZE) * count + i
    if (i > 0 && (keys[i] as number) > (keys[i - 1] as number)) rises++
  }
  if (rises === count - 1) return items
  if (rises === 0) return [...items].reverse()
  keys.sort()
  if ((keys[count - 1] as number) > Number.MAX_SAFE_INTEGER)
    return [...items].sort((a, b) => a.vm_start - b.vm_start)
  const ordered: T[] = []
  for (const key of keys) ordered.push(items[key % count] as T)
  return ordered
}
