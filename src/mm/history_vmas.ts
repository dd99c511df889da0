// SPDX-License-Identifier: GPL-2.0-only
// The older fields of VMAs, for a history: copied ahead of a write, in rows.

import { Column, Rows } from './column.ts'
import { NOWHERE, type RangeTree } from './iter.ts'
import type { anon_vma, file, mm_struct, vm_operations_struct } from './mm_types.ts'
import { vm_area_struct } from './mm_types.ts'
import type { Clock, Keeper } from './timeline.ts'

const NONE = -1
/** The numbers of a VMA, its letter included, and which {@link References} it has. */
const WIDTH = 11

/** What a VMA refers to. Most VMAs of an address space refer to the same. */
interface References {
  readonly vm_file: file | null
  readonly vm_ops: vm_operations_struct | null
  readonly vm_private_data: unknown
  readonly anon_vma: anon_vma | null
  readonly anon_name: string | null
  readonly vm_userfaultfd_ctx: unknown
}

/** Copies of VMAs' fields. */
class Copies {
  private readonly rows: Rows = new Rows(WIDTH)
  private readonly references: References[] = []
  /** By copy. A VMA keeps them for good, whatever is loaded. */
  private readonly pieces: vm_area_struct['pieces'][] = []

  get length(): number {
    return this.rows.length
  }

  /** Forgets the copies from number `length` on. */
  truncate(length: number): void {
    this.rows.length = this.pieces.length = length
  }

  /** Copies the VMA's fields to number `at`, which becomes the last or was there before. */
  put(vma: vm_area_struct, at: number): void {
    const numbers = this.rows.chunk(at)
    const base = this.rows.base(at)
    this.rows.length = Math.max(this.rows.length, at + 1)
    this.pieces[at] = vma.pieces
    numbers[base] = vma.vm_start
    numbers[base + 1] = vma.vm_end
    numbers[base + 2] = vma.vm_flags
    numbers[base + 3] = vma.vm_flags_high
    numbers[base + 4] = vma.vm_pgoff
    numbers[base + 5] = vma.anon_pgoff
    numbers[base + 6] = vma.vm_page_prot
    numbers[base + 7] = vma.anon_vma_chain
    numbers[base + 8] = this.refer(vma)
    numbers[base + 9] = vma.id
    numbers[base + 10] = vma.piece
  }

  /** A VMA of which nothing but its letter is right yet. */
  make(at: number, mm: mm_struct): vm_area_struct {
    const numbers = this.rows.chunk(at)
    const base = this.rows.base(at)
    // Whole numbers that are small stay so: V8 gives every VMA more room once a field has held another number.
    const [id, piece] = [(numbers[base + 9] as number) | 0, (numbers[base + 10] as number) | 0]
    const vma = new vm_area_struct(mm, id, piece, 0, 0)
    vma.pieces = this.pieces[at] ?? null
    return vma
  }

  load(at: number, vma: vm_area_struct): void {
    const numbers = this.rows.chunk(at)
    const base = this.rows.base(at)
    const number = (i: number): number => numbers[base + i] as number
    vma.vm_start = number(0)
    vma.vm_end = number(1)
    // Small whole numbers, as make() says.
    vma.vm_flags = number(2) | 0
    vma.vm_flags_high = number(3) | 0
    vma.vm_pgoff = number(4)
    vma.anon_pgoff = number(5)
    vma.vm_page_prot = number(6) | 0
    vma.anon_vma_chain = number(7) | 0
    const references = this.references[number(8)] as References
    vma.vm_file = references.vm_file
    vma.vm_ops = references.vm_ops
    vma.vm_private_data = references.vm_private_data
    vma.anon_vma = references.anon_vma
    vma.anon_name = references.anon_name
    vma.vm_userfaultfd_ctx = references.vm_userfaultfd_ctx
  }

  private refer(vma: vm_area_struct): number {
    const { references } = this
    const last = references.at(-1)
    if (last === undefined || !agrees(last, vma)) {
      const { vm_file, vm_ops, vm_private_data, anon_vma, anon_name } = vma
      const { vm_userfaultfd_ctx } = vma
      references.push({
        vm_file,
        vm_ops,
        vm_private_data,
        anon_vma,
        anon_name,
        vm_userfaultfd_ctx,
      })
    }
    return references.length - 1
  }
}

function agrees(last: References, vma: vm_area_struct): boolean {
  return (
    last.vm_file === vma.vm_file &&
    last.vm_ops === vma.vm_ops &&
    last.vm_private_data === vma.vm_private_data &&
    last.anon_vma === vma.anon_vma &&
    last.anon_name === vma.anon_name &&
    last.vm_userfaultfd_ctx === vma.vm_userfaultfd_ctx
  )
}

/** The VMA is in its file's `i_mmap` when it is in the tree, and the file may have become another. */
function relink(vma: vm_area_struct, before: file | null, after: file | null): void {
  if (before === after) return
  before?.f_mapping.i_mmap.delete(vma)
  after?.f_mapping.i_mmap.add(vma)
}

/**
 * What VMAs were in past states. A VMA that is there in both of two states is one object; one that was unmapped comes
 * back as another object, with the letter it had.
 */
export class VmaKeeper implements Keeper<vm_area_struct> {
  private readonly clock: Clock
  private readonly mm: mm_struct
  /** By serial: the VMA; null of one that is gone in the newest state and in the one that is shown. Empty until asked. */
  private readonly objects: (vm_area_struct | null)[] = []
  /** By serial: the state that a copy was last made in (or of birth), and the last copy. */
  private readonly kept: Column = new Column()
  private readonly last: Column = new Column()
  private readonly copies: Copies = new Copies()
  /** By copy: it holds for the states before this one; the copy before it; whose it is. */
  private readonly until: Column = new Column()
  private readonly older: Column = new Column()
  private readonly serialOf: Column = new Column()
  /** The newest fields of VMAs that show older ones, and by serial which of them. */
  private readonly aside: Copies = new Copies()
  private readonly displaced: Map<number, number> = new Map()

  constructor(clock: Clock, mm: mm_struct) {
    this.clock = clock
    this.mm = mm
  }

  bear(): void {
    this.kept.push(this.clock.length)
    this.last.push(NONE)
  }

  keep(vma: vm_area_struct): void {
    const { serial } = vma
    // What is not in the tree yet, or no longer, is nobody's past.
    if (vma.tree_node !== NOWHERE) this.copy(vma, serial)
  }

  private copy(vma: vm_area_struct, serial: number): void {
    const { clock } = this
    clock.writes()
    const { length } = clock
    if (this.kept.get(serial) === length) return
    const at = this.copies.length
    this.copies.put(vma, at)
    this.until.push(length)
    this.older.push(this.last.get(serial))
    this.serialOf.push(serial)
    this.last.set(serial, at)
    this.kept.set(serial, length)
  }

  bury(vma: vm_area_struct, serial: number): void {
    this.copy(vma, serial)
    if (serial < this.objects.length) this.objects[serial] = null
  }

  begin(tree: RangeTree<vm_area_struct>): void {
    const { objects, last } = this
    if (objects.length === last.length) return
    while (objects.length < last.length) objects.push(null)
    for (const vma of tree.toArray()) objects[vma.serial] = vma
  }

  changed(after: number, upTo: number): readonly number[] {
    const { until, older, serialOf } = this
    const serials: number[] = []
    const first = until.upTo(after)
    const end = until.upTo(upTo)
    // Each once: its first copy of these.
    for (let at = first; at < end; at++) if (older.get(at) < first) serials.push(serialOf.get(at))
    return serials
  }

  show(serial: number, state: number, died: boolean): vm_area_struct {
    const newest = this.last.get(serial)
    let found = NONE
    for (let at = newest; at !== NONE && this.until.get(at) > state; )
      [found, at] = [at, this.older.get(at)]
    const vma = this.objects[serial] ?? this.revive(serial, newest)
    const before = vma.tree_node === NOWHERE ? null : vma.vm_file
    if (found !== NONE) {
      if (!died) this.setAside(vma, serial)
      this.copies.load(found, vma)
    } else this.putBack(vma, serial)
    vma.detached = false
    relink(vma, before, vma.vm_file)
    return vma
  }

  hide(serial: number, died: boolean): vm_area_struct {
    const vma = this.objects[serial] as vm_area_struct
    relink(vma, vma.vm_file, null)
    vma.detached = true
    if (died) this.objects[serial] = null
    return vma
  }

  /** Drops what was copied after a state that becomes the newest; of `serials` VMAs it is known that they were born. */
  forget(state: number, serials: number): void {
    const { copies, until, older, serialOf, last, kept } = this
    const end = until.upTo(state)
    for (let at = copies.length - 1; at >= end; at--) {
      const serial = serialOf.get(at)
      const before = older.get(at)
      last.set(serial, before)
      // Below every state: the next write makes a copy again.
      kept.set(serial, before === NONE ? NONE : until.get(before))
    }
    copies.truncate(end)
    until.length = older.length = serialOf.length = end
    this.displaced.clear()
    this.aside.truncate(0)
    this.objects.length = kept.length = last.length = serials
  }

  private revive(serial: number, copy: number): vm_area_struct {
    const vma = this.copies.make(copy, this.mm)
    vma.serial = serial
    this.objects[serial] = vma
    return vma
  }

  private setAside(vma: vm_area_struct, serial: number): void {
    if (this.displaced.has(serial)) return
    this.displaced.set(serial, this.aside.length)
    this.aside.put(vma, this.aside.length)
  }

  private putBack(vma: vm_area_struct, serial: number): void {
    if (this.displaced.size === 0) return
    const at = this.displaced.get(serial)
    if (at === undefined) return
    this.aside.load(at, vma)
    this.displaced.delete(serial)
    if (this.displaced.size === 0) this.aside.truncate(0)
  }
}
