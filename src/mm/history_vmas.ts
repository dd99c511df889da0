// SPDX-License-Identifier: GPL-2.0-only
// The older fields of VMAs, for a history: copied ahead of a write, in rows.

import { Column, Rows } from './column.ts'
import type { anon_vma, file, mm_struct, vm_operations_struct } from './mm_types.ts'
import { vm_area_struct } from './mm_types.ts'
import type { Keeper } from './timeline.ts'

const NONE = -1
/** The numbers of a VMA, and which {@link References} it has. */
const WIDTH = 9

/** What a VMA refers to. Most VMAs of an address space refer to the same. */
interface References {
  readonly vm_file: file | null
  readonly vm_ops: vm_operations_struct | null
  readonly vm_private_data: unknown
  readonly anon_vma: anon_vma | null
  readonly anon_name: string | null
  readonly vm_userfaultfd_ctx: unknown
  readonly pieces: { made: number } | null
}

/** Copies of VMAs' fields. */
class Copies {
  private readonly rows: Rows = new Rows(WIDTH)
  private readonly references: References[] = []

  get length(): number {
    return this.rows.length
  }

  /** Forgets the copies from number `length` on. */
  truncate(length: number): void {
    this.rows.length = length
  }

  /** Copies the VMA's fields to number `at`, which becomes the last or was there before. */
  put(vma: vm_area_struct, at: number): void {
    const numbers = this.rows.chunk(at)
    const base = this.rows.base(at)
    this.rows.length = Math.max(this.rows.length, at + 1)
    numbers[base] = vma.vm_start
    numbers[base + 1] = vma.vm_end
    numbers[base + 2] = vma.vm_flags
    numbers[base + 3] = vma.vm_flags_high
    numbers[base + 4] = vma.vm_pgoff
    numbers[base + 5] = vma.anon_pgoff
    numbers[base + 6] = vma.vm_page_prot
    numbers[base + 7] = vma.anon_vma_chain
    numbers[base + 8] = this.refer(vma)
  }

  load(at: number, vma: vm_area_struct): void {
    const numbers = this.rows.chunk(at)
    const base = this.rows.base(at)
    const number = (i: number): number => numbers[base + i] as number
    vma.vm_start = number(0)
    vma.vm_end = number(1)
    vma.vm_flags = number(2)
    vma.vm_flags_high = number(3)
    vma.vm_pgoff = number(4)
    vma.anon_pgoff = number(5)
    vma.vm_page_prot = number(6)
    vma.anon_vma_chain = number(7)
    const references = this.references[number(8)] as References
    vma.vm_file = references.vm_file
    vma.vm_ops = references.vm_ops
    vma.vm_private_data = references.vm_private_data
    vma.anon_vma = references.anon_vma
    vma.anon_name = references.anon_name
    vma.vm_userfaultfd_ctx = references.vm_userfaultfd_ctx
    vma.pieces = references.pieces
  }

  private refer(vma: vm_area_struct): number {
    const { references } = this
    const last = references.at(-1)
    if (last === undefined || !agrees(last, vma)) {
      const { vm_file, vm_ops, vm_private_data, anon_vma, anon_name, pieces } = vma
      const { vm_userfaultfd_ctx } = vma
      references.push({
        vm_file,
        vm_ops,
        vm_private_data,
        anon_vma,
        anon_name,
        vm_userfaultfd_ctx,
        pieces,
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
    last.vm_userfaultfd_ctx === vma.vm_userfaultfd_ctx &&
    last.pieces === vma.pieces
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
  /** The state that is being made. */
  now = 0
  readonly writes: () => void
  private readonly mm: mm_struct
  /** By serial: what is in the tree, while another state is made of it, and what only later states hold. */
  private readonly objects: (vm_area_struct | null)[] = []
  private readonly ids: Column = new Column()
  private readonly pieces: Column = new Column()
  /** By serial: the state that a copy was last made in (or of birth), the last copy, and the copy of the newest fields. */
  private readonly kept: Column = new Column()
  private readonly last: Column = new Column()
  private readonly newest: Column = new Column()
  private readonly copies: Copies = new Copies()
  /** By copy: it holds for the states before this one; the copy before it; whose it is. */
  private readonly until: Column = new Column()
  private readonly older: Column = new Column()
  private readonly serialOf: Column = new Column()
  /** The number of copies at the end of each state but the newest. */
  private readonly ends: Column = new Column()
  /** The newest fields of VMAs that show older ones. */
  private readonly set_aside: Copies = new Copies()
  /** By serial: does it show older fields (1)? */
  private readonly displaced: Column = new Column()

  constructor(mm: mm_struct, writes: () => void) {
    this.mm = mm
    this.writes = writes
  }

  bear(vma: vm_area_struct): void {
    this.ids.push(vma.id)
    this.pieces.push(vma.piece)
    this.kept.push(this.now)
    this.last.push(NONE)
    this.newest.push(NONE)
    this.displaced.push(0)
  }

  keep(vma: vm_area_struct): void {
    const { serial } = vma
    // What is not in the tree yet, or no longer, is nobody's past.
    if (vma.tree_node !== NONE) this.copy(vma, serial)
  }

  private copy(vma: vm_area_struct, serial: number): void {
    this.writes()
    if (this.kept.get(serial) === this.now) return
    const at = this.copies.length
    this.copies.put(vma, at)
    this.until.push(this.now)
    this.older.push(this.last.get(serial))
    this.serialOf.push(serial)
    this.last.set(serial, at)
    this.kept.set(serial, this.now)
  }

  bury(vma: vm_area_struct, serial: number): void {
    this.copy(vma, serial)
  }

  close(): void {
    this.ends.push(this.copies.length)
    this.now++
  }

  show(serial: number, state: number, died: boolean): vm_area_struct {
    let found = NONE
    for (let at = this.last.get(serial); at !== NONE && this.until.get(at) > state; )
      [found, at] = [at, this.older.get(at)]
    const vma = this.objects[serial] ?? this.revive(serial)
    const came = vma.tree_node === NONE
    if (came) this.objects[serial] = null
    const before = came ? null : vma.vm_file
    if (found !== NONE) {
      if (!died) this.setAside(vma, serial)
      this.copies.load(found, vma)
    } else if (this.displaced.get(serial) === 1) {
      this.displaced.set(serial, 0)
      this.set_aside.load(this.newest.get(serial), vma)
    }
    vma.detached = false
    relink(vma, before, vma.vm_file)
    return vma
  }

  hide(vma: vm_area_struct): void {
    vma.detached = true
    // Filled in order, so that the array stays dense.
    while (this.objects.length <= vma.serial) this.objects.push(null)
    this.objects[vma.serial] = vma
  }

  remove(vma: vm_area_struct, died: boolean): void {
    const gone = vma.detached
    if (gone) relink(vma, vma.vm_file, null)
    if (!gone || died) this.objects[vma.serial] = null
  }

  /** Drops what was copied after a state that becomes the newest; of `serials` VMAs it is known that they were born. */
  forget(state: number, serials: number): void {
    const { copies, until, older, serialOf, last, kept } = this
    const end = this.ends.get(state)
    for (let at = copies.length - 1; at >= end; at--) {
      const serial = serialOf.get(at)
      const before = older.get(at)
      last.set(serial, before)
      // Below every state: the next write makes a copy again.
      kept.set(serial, before === NONE ? NONE : until.get(before))
    }
    copies.truncate(end)
    until.length = older.length = serialOf.length = end
    this.ends.length = state
    this.displaced.fill(0)
    this.objects.length = 0
    for (const column of [this.ids, this.pieces, kept, last, this.newest, this.displaced])
      column.length = serials
    this.now = state
  }

  private revive(serial: number): vm_area_struct {
    const vma = new vm_area_struct(this.mm, this.ids.get(serial), this.pieces.get(serial), 0, 0)
    vma.serial = serial
    return vma
  }

  private setAside(vma: vm_area_struct, serial: number): void {
    if (this.displaced.get(serial) === 1) return
    this.displaced.set(serial, 1)
    if (this.newest.get(serial) === NONE) this.newest.set(serial, this.set_aside.length)
    this.set_aside.put(vma, this.newest.get(serial))
  }
}
