// SPDX-License-Identifier: GPL-2.0-only
// The store of ranges: where the kernel has a maple tree, a B+tree with the largest gap of each subtree.
//
// Differs: the kernel's tree is a maple tree (lib/maple_tree.c); ours answers the same questions. No vector tells the
// two apart: its allocations are named where the kernel makes them (mm.should_fail).

/** What a {@link RangeTree} holds: a VMA, or a run of page table entries. Addresses in bytes. */
export interface Ranged {
  vm_start: number
  /** Exclusive. */
  vm_end: number
  /** The tree's own: {@link NOWHERE} outside one. */
  tree_node: number
  /** The watcher's own. */
  serial: number
}

/** Told of what comes into a tree, changes and goes. */
export interface RangeWatcher<T> {
  added(item: T): void
  removed(item: T): void
  /** It is about to be written to. */
  changes(item: T): void
  /** May it be written to without anybody minding? */
  isNew(item: T): boolean
}

const FANOUT = 16
/** A node with no more entries than this looks for a sibling to join. */
const SPARSE = 4
/** Two nodes join only when this many entries hold both, so that the next insertion does not split them again. */
const JOINED = 12
/** The entries of a node that is built at once: room for some more before it splits. */
const BUILT = 14
/** The nodes that there is room for at first: most address spaces need few, and `equivalent()` makes thousands. */
const FIRST_NODES = 4
const NONE = -1
/** The node of a range that is in no tree. */
export const NOWHERE: number = NONE

/**
 * Ranges, say the VMAs of one address space, in order of address, none overlapping.
 *
 * Nodes are rows of shared typed arrays: slot `i` of node `n` is index `n * FANOUT + i`. A leaf's slots are ranges; an
 * inner node's are its children with the lowest start, the highest end and the largest gap found inside each. All
 * operations take O(log n).
 */
export class RangeTree<T extends Ranged> {
  /** The number of ranges held. */
  size = 0
  /** Told of every insertion and removal, when there is one. */
  watcher: RangeWatcher<T> | null = null
  private root = 0
  private nodes = 1
  private readonly free: number[] = []
  declare private lowest: Float64Array
  declare private highest: Float64Array
  declare private gap: Float64Array
  declare private child: Int32Array
  declare private used: Int32Array
  declare private level: Int32Array
  declare private parent: Int32Array
  declare private left: Int32Array
  declare private right: Int32Array
  private readonly items: (T | null)[] = new Array(FANOUT).fill(null)

  constructor() {
    this.makeColumns(FIRST_NODES)
    this.parent[0] = NONE
    this.left[0] = NONE
    this.right[0] = NONE
  }

  /** The first that ends after `addr`: the one that holds it or else the next above. Linux: mm/mmap.c:find_vma() */
  find(addr: number): T | null {
    const { used, highest, level, child } = this
    let node = this.root
    for (;;) {
      const base = node * FANOUT
      const end = base + (used[node] as number)
      let at = base
      while (at < end && (highest[at] as number) <= addr) at++
      if (at === end) return null
      if (level[node] === 0) return this.items[at] as T
      node = child[at] as number
    }
  }

  /** The last that starts below `addr`. */
  findBelow(addr: number): T | null {
    const { used, lowest, level, child } = this
    let node = this.root
    for (;;) {
      const base = node * FANOUT
      let at = base + (used[node] as number) - 1
      while (at >= base && (lowest[at] as number) >= addr) at--
      if (at < base) return null
      if (level[node] === 0) return this.items[at] as T
      node = child[at] as number
    }
  }

  /** The lowest. */
  first(): T | null {
    return this.find(-1)
  }

  /** The one after `item`, which must be in the tree. */
  next(item: T): T | null {
    const node = item.tree_node
    const at = this.slotOf(item) + 1
    if (at < node * FANOUT + (this.used[node] as number)) return this.items[at] as T
    const beside = this.right[node] as number
    return beside === NONE ? null : (this.items[beside * FANOUT] as T)
  }

  /** The one before `item`, which must be in the tree. */
  prev(item: T): T | null {
    const node = item.tree_node
    const at = this.slotOf(item) - 1
    if (at >= node * FANOUT) return this.items[at] as T
    const beside = this.left[node] as number
    if (beside === NONE) return null
    return this.items[beside * FANOUT + (this.used[beside] as number) - 1] as T
  }

  /** Each in order of address. The tree must not change meanwhile. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let item = this.first(); item; item = this.next(item)) yield item
  }

  /** All of them in order of address. */
  toArray(): T[] {
    const all: T[] = []
    for (let node: number = this.leftmost(); node !== NONE; node = this.right[node] as number) {
      const base = node * FANOUT
      const end = base + (this.used[node] as number)
      for (let at = base; at < end; at++) all.push(this.items[at] as T)
    }
    return all
  }

  /**
   * Adds `item` above `below`, the last one that starts below it, if any. Precondition: nothing overlaps its range, but
   * for one that is cut off at it right afterwards, by setRange().
   */
  insert(item: T, below: T | null = this.findBelow(item.vm_start)): void {
    let node = below ? below.tree_node : this.leftmost()
    let position = below ? this.slotOf(below) + 1 - node * FANOUT : 0
    if (this.used[node] === FANOUT) {
      const kept = this.split(node, position)
      if (position > kept) {
        node = this.right[node] as number
        position -= kept
      }
    }
    this.openSlot(node, position)
    const at = node * FANOUT + position
    this.items[at] = item
    this.lowest[at] = item.vm_start
    this.highest[at] = item.vm_end
    item.tree_node = node
    this.size++
    this.refresh(node)
    if (this.watcher !== null) this.watcher.added(item)
  }

  /** Takes `item` out; it must be in the tree. Its range stays as it is. */
  remove(item: T): void {
    const node = item.tree_node
    this.closeSlot(node, this.slotOf(item) - node * FANOUT)
    item.tree_node = NONE
    this.size--
    this.settle(node)
    if (this.watcher !== null) this.watcher.removed(item)
  }

  /** Gives `item` another range. Precondition: the order stays, and nothing overlaps. */
  setRange(item: T, start: number, end: number): void {
    if (this.watcher !== null) this.watcher.changes(item)
    item.vm_start = start
    item.vm_end = end
    if (item.tree_node === NONE) return
    const at = this.slotOf(item)
    this.lowest[at] = start
    this.highest[at] = end
    this.refresh(item.tree_node)
  }

  /**
   * Holds these ranges, which are in order of address, and nothing else from now on; the watcher is not told, and what
   * leaves keeps its `tree_node`.
   */
  build(items: readonly T[]): void {
    this.items.fill(null)
    this.free.length = 0
    this.nodes = 0
    this.size = items.length
    let row = this.buildLeaves(items)
    while (row.length > 1) row = this.buildAbove(row)
    this.root = row[0] as number
  }

  /** Is `item` in this tree? */
  holds(item: T): boolean {
    return item.tree_node !== NONE
  }

  /**
   * The end of the highest free range of `length` bytes within [low, high), or -1. The free range ends at another's
   * start or at `high`. Linux: mm/vma.h:vma_iter_area_highest()
   */
  highestGapEnd(length: number, low: number, high: number): number {
    if (this.size === 0) return high - low >= length ? high : -1
    const base = this.root * FANOUT
    const top = this.highest[base + (this.used[this.root] as number) - 1] as number
    if (high - Math.max(top, low) >= length) return high
    const inside = this.gapFromTop(this.root, length, low, high)
    if (inside >= 0) return inside
    const end = Math.min(this.lowest[base] as number, high)
    return end - low >= length ? end : -1
  }

  /**
   * The start of the lowest free range of `length` bytes within [low, high), or -1.
   * Linux: mm/vma.h:vma_iter_area_lowest()
   */
  lowestGapStart(length: number, low: number, high: number): number {
    if (this.size === 0) return high - low >= length ? low : -1
    const base = this.root * FANOUT
    const bottom = this.lowest[base] as number
    if (Math.min(bottom, high) - low >= length) return low
    const inside = this.gapFromBottom(this.root, length, low, high)
    if (inside >= 0) return inside
    const start = Math.max(this.highest[base + (this.used[this.root] as number) - 1] as number, low)
    return high - start >= length ? start : -1
  }

  private buildLeaves(items: readonly T[]): number[] {
    const leaves: number[] = []
    for (let from = 0; from < items.length || leaves.length === 0; from += BUILT) {
      const node = this.allocate(0)
      const beside = leaves.at(-1)
      if (beside !== undefined) this.linkRight(beside, node)
      const count = Math.min(BUILT, items.length - from)
      for (let i = 0; i < count; i++) {
        const item = items[from + i] as T
        const at = node * FANOUT + i
        this.items[at] = item
        this.lowest[at] = item.vm_start
        this.highest[at] = item.vm_end
        item.tree_node = node
      }
      this.used[node] = count
      leaves.push(node)
    }
    return leaves
  }

  private buildAbove(row: readonly number[]): number[] {
    const level = (this.level[row[0] as number] as number) + 1
    const above: number[] = []
    for (let from = 0; from < row.length; from += BUILT) {
      const node = this.allocate(level)
      for (const [i, child] of row.slice(from, from + BUILT).entries())
        this.adoptChild(node, i, child)
      above.push(node)
    }
    return above
  }

  private gapFromTop(node: number, length: number, low: number, high: number): number {
    const { lowest, highest, gap } = this
    const inner = this.level[node] !== 0
    const base = node * FANOUT
    const last = base + (this.used[node] as number) - 1
    let at = last
    while (at >= base && (lowest[at] as number) >= high) at--
    if (at < base) return -1
    if (at < last && high - Math.max(highest[at] as number, low) >= length) return high
    for (; ; at--) {
      if (inner && (gap[at] as number) >= length && (highest[at] as number) > low) {
        const inside = this.gapFromTop(this.child[at] as number, length, low, high)
        if (inside >= 0) return inside
      }
      const end = lowest[at] as number
      if (at === base || end <= low) return -1
      if (end - Math.max(highest[at - 1] as number, low) >= length) return end
    }
  }

  private gapFromBottom(node: number, length: number, low: number, high: number): number {
    const { lowest, highest, gap } = this
    const inner = this.level[node] !== 0
    const base = node * FANOUT
    const last = base + (this.used[node] as number) - 1
    let at = base
    while (at <= last && (highest[at] as number) <= low) at++
    if (at > last) return -1
    if (at > base && Math.min(lowest[at] as number, high) - low >= length) return low
    for (; ; at++) {
      if (inner && (gap[at] as number) >= length && (lowest[at] as number) < high) {
        const inside = this.gapFromBottom(this.child[at] as number, length, low, high)
        if (inside >= 0) return inside
      }
      const start = highest[at] as number
      if (at === last || start >= high) return -1
      if (Math.min(lowest[at + 1] as number, high) - start >= length) return start
    }
  }

  private slotOf(item: T): number {
    let at = item.tree_node * FANOUT
    while (this.items[at] !== item) at++
    return at
  }

  /** The leaf that holds the lowest. */
  private leftmost(): number {
    let node = this.root
    while (this.level[node] !== 0) node = this.child[node * FANOUT] as number
    return node
  }

  private slotOfChild(node: number): number {
    let at = (this.parent[node] as number) * FANOUT
    while (this.child[at] !== node) at++
    return at
  }

  /** Moves the slots from `position` on up by one. */
  private openSlot(node: number, position: number): void {
    const from = node * FANOUT + position
    const end = node * FANOUT + (this.used[node] as number)
    this.used[node] = (this.used[node] as number) + 1
    const inner = this.level[node] !== 0
    for (let at = end; at > from; at--) this.copySlot(at - 1, at, inner)
  }

  private closeSlot(node: number, position: number): void {
    const last = node * FANOUT + (this.used[node] as number) - 1
    this.used[node] = (this.used[node] as number) - 1
    const inner = this.level[node] !== 0
    for (let at = node * FANOUT + position; at < last; at++) this.copySlot(at + 1, at, inner)
    this.items[last] = null
  }

  private copySlot(from: number, to: number, inner: boolean): void {
    this.lowest[to] = this.lowest[from] as number
    this.highest[to] = this.highest[from] as number
    if (inner) {
      this.gap[to] = this.gap[from] as number
      this.child[to] = this.child[from] as number
    } else this.items[to] = this.items[from] as T
  }

  /** Moves `count` slots between nodes; what they hold learns its new node. */
  private moveSlots(from: number, to: number, count: number, node: number): void {
    const inner = this.level[node] !== 0
    for (let i = 0; i < count; i++) {
      this.copySlot(from + i, to + i, inner)
      if (inner) this.parent[this.child[to + i] as number] = node
      else (this.items[to + i] as T).tree_node = node
      this.items[from + i] = null
    }
  }

  /**
   * Splits a full node in two and returns how many slots stay. An insertion at either end leaves the node nearly full
   * or nearly empty, so that mappings made in address order fill the nodes.
   */
  private split(node: number, position: number): number {
    const kept = position === 0 ? 1 : position === FANOUT ? FANOUT - 1 : FANOUT / 2
    const level = this.level[node] as number
    const beside = this.allocate(level)
    this.moveSlots(node * FANOUT + kept, beside * FANOUT, FANOUT - kept, beside)
    this.used[beside] = FANOUT - kept
    this.used[node] = kept
    if (level === 0) this.linkRight(node, beside)
    if (node === this.root) {
      this.root = this.allocate(level + 1)
      this.adoptChild(this.root, 0, node)
      this.adoptChild(this.root, 1, beside)
      return kept
    }
    this.summarize(node, this.slotOfChild(node))
    const above = this.parent[node] as number
    if (this.used[above] === FANOUT) this.split(above, this.slotOfChild(node) - above * FANOUT + 1)
    const parent = this.parent[node] as number
    this.adoptChild(parent, this.slotOfChild(node) - parent * FANOUT + 1, beside)
    this.refresh(parent)
    return kept
  }

  private adoptChild(node: number, position: number, child: number): void {
    this.openSlot(node, position)
    const at = node * FANOUT + position
    this.child[at] = child
    this.parent[child] = node
    this.summarize(child, at)
  }

  private linkRight(node: number, beside: number): void {
    const beyond = this.right[node] as number
    this.left[beside] = node
    this.right[beside] = beyond
    this.right[node] = beside
    if (beyond !== NONE) this.left[beyond] = beside
  }

  private allocate(level: number): number {
    const node = this.free.pop() ?? this.nodes++
    if (node >= this.used.length) this.grow()
    for (let at = this.items.length; at < (node + 1) * FANOUT; at++) this.items.push(null)
    this.used[node] = 0
    this.level[node] = level
    this.parent[node] = NONE
    this.left[node] = NONE
    this.right[node] = NONE
    return node
  }

  private grow(): void {
    const { lowest, highest, gap, child, used, level, parent, left, right } = this
    this.makeColumns(used.length * 2)
    this.lowest.set(lowest)
    this.highest.set(highest)
    this.gap.set(gap)
    this.child.set(child)
    this.used.set(used)
    this.level.set(level)
    this.parent.set(parent)
    this.left.set(left)
    this.right.set(right)
  }

  /** Columns for so many nodes, in one buffer: to make nine takes three times as long. */
  private makeColumns(nodes: number): void {
    const slots = nodes * FANOUT
    const buffer = new ArrayBuffer((3 * 8 + 4) * slots + 5 * 4 * nodes)
    let end = 0
    const floats = (length: number): Float64Array => {
      const start = end
      end += 8 * length
      return new Float64Array(buffer, start, length)
    }
    const integers = (length: number): Int32Array => {
      const start = end
      end += 4 * length
      return new Int32Array(buffer, start, length)
    }
    this.lowest = floats(slots)
    this.highest = floats(slots)
    this.gap = floats(slots)
    this.child = integers(slots)
    this.used = integers(nodes)
    this.level = integers(nodes)
    this.parent = integers(nodes)
    this.left = integers(nodes)
    this.right = integers(nodes)
  }

  /** Writes a node's range and largest inner gap into its slot above; tells whether anything changed. */
  private summarize(node: number, at: number): boolean {
    const { lowest, highest, gap } = this
    const base = node * FANOUT
    const last = base + (this.used[node] as number) - 1
    const inner = this.level[node] !== 0
    let widest = 0
    for (let i = base; i <= last; i++) {
      if (inner && (gap[i] as number) > widest) widest = gap[i] as number
      if (i < last) {
        const between = (lowest[i + 1] as number) - (highest[i] as number)
        if (between > widest) widest = between
      }
    }
    if (lowest[at] === lowest[base] && highest[at] === highest[last] && gap[at] === widest)
      return false
    lowest[at] = lowest[base] as number
    highest[at] = highest[last] as number
    gap[at] = widest
    return true
  }

  /** Carries a change of `node` up as far as it is felt. */
  private refresh(changed: number): void {
    let node = changed
    while (node !== this.root && this.summarize(node, this.slotOfChild(node)))
      node = this.parent[node] as number
  }

  /** After a removal: drops an empty node, joins a sparse one with a sibling, lowers the tree. */
  private settle(node: number): void {
    if (node === this.root) {
      while (this.level[this.root] !== 0 && this.used[this.root] === 1) {
        this.free.push(this.root)
        this.root = this.child[this.root * FANOUT] as number
      }
      return
    }
    const count = this.used[node] as number
    if (count === 0) {
      this.dropNode(node)
      return
    }
    this.refresh(node)
    if (count > SPARSE) return
    const parent = this.parent[node] as number
    const at = this.slotOfChild(node)
    const end = parent * FANOUT + (this.used[parent] as number)
    if (at + 1 < end) this.join(node, this.child[at + 1] as number)
    else if (at > parent * FANOUT) this.join(this.child[at - 1] as number, node)
  }

  /** Moves all of `beside`, the next node under the same parent, into `node`, when they fit. */
  private join(node: number, beside: number): void {
    const count = this.used[node] as number
    const more = this.used[beside] as number
    if (count + more > JOINED) return
    this.moveSlots(beside * FANOUT, node * FANOUT + count, more, node)
    this.used[node] = count + more
    this.used[beside] = 0
    this.refresh(node)
    this.dropNode(beside)
  }

  private dropNode(node: number): void {
    const parent = this.parent[node] as number
    const [before, after] = [this.left[node] as number, this.right[node] as number]
    if (before !== NONE) this.right[before] = after
    if (after !== NONE) this.left[after] = before
    this.closeSlot(parent, this.slotOfChild(node) - parent * FANOUT)
    this.free.push(node)
    this.settle(parent)
  }
}
