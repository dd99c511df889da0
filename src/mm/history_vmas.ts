// SPDX-License-Identifier: GPL-2.0-only
// The older fields of VMAs, for a history: copied ahead of a write, in rows.

import { Column, first, Rows } from './column.ts'
import { NOWHERE, type RangeTree } from './iter.ts'
import type { anon_vma, file, mm_struct, vm_operations_struct } from './mm_types.ts'
import { vm_area_struct } from './mm_types.ts'
import type { Clock, Keeper } from './timeline.ts'

const NONE = -1
/** The numbers of a VMA that may be large: its range and its offsets. */
const LARGE = 4
/** Those that are small, its letter included, which {@link References} it has, and three about the copy itself. */
const SMALL = 10

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
  private readonly large: Rows<Float64Array> = new Rows(LARGE, (n) => new Float64Array(n))
  private readonly small: Rows<Int32Array> = new Rows(SMALL, (n) => new Int32Array(n))
  private readonly references: References[] = []

  get length(): number {
    return this.small.length
  }

  /** Forgets the copies from number `length` on, and what only they refer to. */
  truncate(length: number): void {
    this.small.length = length
    this.references.length = length === 0 ? 0 : this.referencesOf(length - 1) + 1
  }

  /** The copy holds for the states before this one. */
  until(at: number): number {
    return this.small.chunk(at)[this.small.base(at)] as number
  }

  /** The copy of the same VMA before it, or -1. */
  older(at: number): number {
    return this.small.chunk(at)[this.small.base(at) + 1] as number
  }

  /** Whose copy it is. */
  serialOf(at: number): number {
    return this.small.chunk(at)[this.small.base(at) + 2] as number
  }

  /** Which of the references it has: as copies are made, the number only rises. */
  private referencesOf(at: number): number {
    return this.small.chunk(at)[this.small.base(at) + 7] as number
  }

  /** How many hold for no state after this one. */
  upTo(state: number): number {
    return first(this.length, (at) => this.until(at) > state)
  }

  /** Copies the fields of a VMA, and returns the number of the copy. */
  push(vma: vm_area_struct, until: number, older: number): number {
    const at = this.small.length++
    const large = this.large.chunk(at)
    const start = this.large.base(at)
    large[start] = vma.vm_start
    large[start + 1] = vma.vm_end
    large[start + 2] = vma.vm_pgoff
    large[start + 3] = vma.anon_pgoff
    const small = this.small.chunk(at)
    const base = this.small.base(at)
    small[base] = until
    small[base + 1] = older
    small[base + 2] = vma.serial
    small[base + 3] = vma.vm_flags
    small[base + 4] = vma.vm_flags_high
    small[base + 5] = vma.vm_page_prot
    small[base + 6] = vma.anon_vma_chain
    small[base + 7] = this.refer(vma)
    small[base + 8] = vma.id
    small[base + 9] = vma.piece
    return at
  }

  /** A VMA of which nothing but its letter is right yet. */
  make(at: number, mm: mm_struct): vm_area_struct {
    const small = this.small.chunk(at)
    const base = this.small.base(at)
    const [id, piece] = [small[base + 8] as number, small[base + 9] as number]
    return new vm_area_struct(mm, id, piece, 0, 0)
  }

  load(at: number, vma: vm_area_struct): void {
    const large = this.large.chunk(at)
    const start = this.large.base(at)
    vma.vm_start = large[start] as number
    vma.vm_end = large[start + 1] as number
    vma.vm_pgoff = large[start + 2] as number
    vma.anon_pgoff = large[start + 3] as number
    const small = this.small.chunk(at)
    const base = this.small.base(at)
    vma.vm_flags = small[base + 3] as number
    vma.vm_flags_high = small[base + 4] as number
    vma.vm_page_prot = small[base + 5] as number
    vma.anon_vma_chain = small[base + 6] as number
    const references = this.references[this.referencesOf(at)] as References
    vma.vm_file = references.vm_file
    vma.vm_ops = references.vm_ops
    vma.vm_private_data = references.vm_private_data
    vma.anon_vma = references.anon_vma
    vma.anon_name = references.anon_name
    vma.vm_userfaultfd_ctx = references.vm_userfaultfd_ctx
  }

  private refer(vma: vm_area_struct): number {
    const { references } = this
    const last = references[references.length - 1]
    if (last === undefined || !agrees(last, vma)) {
      const { vm_file, vm_ops, vm_private_data, anon_vma, anon_name, vm_userfaultfd_ctx } = vma
      references.push({ vm_file, vm_ops, vm_private_data, anon_vma, anon_name, vm_userfaultfd_ctx })
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
  /** By serial: the VMA; null of one that is gone in the newest state and was not shown since. Empty until asked. */
  private readonly objects: (vm_area_struct | null)[] = []
  /** By serial: the last copy. */
  private readonly last: Column = new Column()
  private readonly copies: Copies = new Copies()
  /** The newest fields of VMAs that show older ones; by serial which of them, or -1; and how many there are. */
  private readonly aside: Copies = new Copies()
  private readonly displaced: Column = new Column()
  private displacements = 0
  /** By the number that VMAs were born as: what counts their pieces. */
  private readonly pieces: Map<number, { made: number }> = new Map()

  constructor(clock: Clock, mm: mm_struct) {
    this.clock = clock
    this.mm = mm
  }

  bear(vma: vm_area_struct): void {
    vma.kept = this.clock.length
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
    if (vma.kept === length) return
    this.last.set(serial, this.copies.push(vma, length, this.last.get(serial)))
    vma.kept = length
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
    while (this.displaced.length < last.length) this.displaced.push(NONE)
  }

  /** From now on `pieces` counts what is split off the VMA born as `id`. */
  splits(id: number, pieces: { made: number }): void {
    this.pieces.set(id, pieces)
  }

  changed(after: number, upTo: number): readonly number[] {
    const { copies } = this
    const serials: number[] = []
    const start = copies.upTo(after)
    const end = copies.upTo(upTo)
    // Each once: its first copy of these.
    for (let at = start; at < end; at++)
      if (copies.older(at) < start) serials.push(copies.serialOf(at))
    return serials
  }

  show(serial: number, state: number, died: boolean): vm_area_struct {
    const { copies } = this
    const newest = this.last.get(serial)
    let found = NONE
    for (let at = newest; at !== NONE && copies.until(at) > state; at = copies.older(at)) found = at
    const vma = this.objects[serial] ?? this.revive(serial, newest)
    const before = vma.tree_node === NOWHERE ? null : vma.vm_file
    if (found !== NONE) {
      if (!died) this.setAside(vma, serial)
      copies.load(found, vma)
    } else this.putBack(vma, serial)
    vma.detached = false
    relink(vma, before, vma.vm_file)
    return vma
  }

  hide(serial: number): vm_area_struct {
    const vma = this.objects[serial] as vm_area_struct
    relink(vma, vma.vm_file, null)
    vma.detached = true
    return vma
  }

  /** Drops what was copied after a state that becomes the newest; of `serials` VMAs it is known that they were born. */
  forget(state: number, serials: number): void {
    const { copies, last, objects, displaced } = this
    const end = copies.upTo(state)
    for (let at = copies.length - 1; at >= end; at--) {
      const serial = copies.serialOf(at)
      last.set(serial, copies.older(at))
      displaced.set(serial, NONE)
      const vma = objects[serial]
      // Below every state: the next write makes a copy again.
      if (vma) vma.kept = NONE
    }
    copies.truncate(end)
    this.displacements = 0
    this.aside.truncate(0)
    objects.length = last.length = displaced.length = serials
  }

  private revive(serial: number, copy: number): vm_area_struct {
    const vma = this.copies.make(copy, this.mm)
    vma.serial = serial
    vma.pieces = this.pieces.get(vma.id) ?? null
    this.objects[serial] = vma
    return vma
  }

  private setAside(vma: vm_area_struct, serial: number): void {
    if (this.displaced.get(serial) !== NONE) return
    this.displaced.set(serial, this.aside.push(vma, NONE, NONE))
    this.displacements++
  }

  private putBack(vma: vm_area_struct, serial: number): void {
    const at = this.displaced.get(serial)
    if (at === NONE) return
    this.aside.load(at, vma)
    this.displaced.set(serial, NONE)
    if (--this.displacements === 0) this.aside.truncate(0)
  }
}
