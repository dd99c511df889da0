// SPDX-License-Identifier: GPL-2.0-only
// What holds after every call, recomputed from the VMAs of all address spaces that are alive.
import {
  type file,
  type Mm,
  type StepName,
  validate_mm,
  type vm_area_struct,
} from '../../../src/mm/index.ts'

/** The address spaces and the files of a program that is running. */
export interface World {
  readonly mms: readonly Mm[]
  readonly files: Readonly<Record<string, file>>
  /**
   * The source of a move could not be split for want of memory: it stays, charged, but without the flag that says so.
   * Linux: mm/mremap.c:unmap_source_vma()
   */
  readonly chargeKept: boolean
}

/** Gives a sentence for each way in which the law is broken. */
export type Law = (world: World) => string[]

/** Counters, order and index of each address space; a release's own mistake is not held against it. */
const valid: Law = ({ mms, chargeKept }) =>
  mms.flatMap((mm) => {
    const { returns_whole_charge, splits_unlocked_source } = mm.release
    const known = [
      ...(returns_whole_charge && !chargeKept ? [] : ['committed']),
      ...(splits_unlocked_source ? [] : ['locked_vm']),
    ]
    return validate_mm(mm).filter((law) => !known.some((name) => law.startsWith(name)))
  })

const unlocked: Law = ({ mms, files }) => [
  ...mms.flatMap(({ locks }) => [
    ...(locks.mmap_lock === 0 ? [] : [`mmap_lock is ${locks.mmap_lock}, held by ${locks.holder}`]),
    ...(locks.mm_lock_seq % 2 === 0 ? [] : ['mm_lock_seq is odd']),
    ...(locks.write_locked_vmas === 0 ? [] : [`${locks.write_locked_vmas} VMAs are write-locked`]),
    ...(locks.read_locked_vma === null ? [] : ['a VMA is read-locked']),
    ...(locks.hook === '' ? [] : [`${locks.hook} is still running`]),
  ]),
  ...Object.values(files)
    .filter(({ f_mapping }) => f_mapping.i_mmap_rwsem !== 0)
    .map(({ name, f_mapping }) => `i_mmap_rwsem of ${name} is ${f_mapping.i_mmap_rwsem}`),
]

const SHARED_MAYWRITE = 0x08 | 0x20

const references: Law = ({ mms, files }) => {
  const vmas = mms.flatMap((mm) => mm.vmas())
  const expect = (what: string, got: number, want: number) =>
    got === want ? [] : [`${what} is ${got}, recomputed ${want}`]
  const shared = new Set(vmas.flatMap(({ vm_file }) => vm_file ?? []))
  const opened = new Set(Object.values(files))
  return [...new Set([...shared, ...opened])].flatMap((one) => {
    const mapping = vmas.filter(({ vm_file }) => vm_file?.f_mapping === one.f_mapping)
    const held = vmas.filter(({ vm_file }) => vm_file === one).length + (opened.has(one) ? 1 : 0)
    const writers = mapping.filter(
      ({ vm_flags }) => (vm_flags & SHARED_MAYWRITE) === SHARED_MAYWRITE,
    )
    const unknown = mapping.filter((vma) => !one.f_mapping.i_mmap.has(vma))
    return [
      ...expect(`f_count of ${one.name}`, one.f_count, held),
      ...expect(`i_mmap of ${one.name}`, one.f_mapping.i_mmap.size, mapping.length),
      ...expect(`i_mmap_writable of ${one.name}`, one.f_mapping.i_mmap_writable, writers.length),
      ...unknown.map((vma) => `${vma.vm_start.toString(16)} is not in i_mmap of ${one.name}`),
    ]
  })
}

const anon_vmas: Law = ({ mms }) =>
  mms.flatMap((mm) =>
    mm
      .vmas()
      .filter((vma) => (vma.anon_vma === null) !== (vma.anon_vma_chain === 0))
      .map(
        (vma) =>
          `${hex(vma)} has ${vma.anon_vma_chain} links and ${vma.anon_vma ? 'an' : 'no'} anon_vma`,
      ),
  )

const hex = (vma: vm_area_struct): string => `the VMA at 0x${vma.vm_start.toString(16)}`

/** Every law of the model. */
export const LAWS: readonly Law[] = [valid, unlocked, references, anon_vmas]

/** Counts locks as steps tell them: what is taken is given back, in the order of the kernel. */
export class LockOrder {
  readonly broken: string[] = []
  /** mmap_lock of the call; fork() holds two. */
  private mmap = 0
  private vmaRead = 0
  private i_mmap = 0

  /** A listener. */
  hear(name: StepName): void {
    if (name === 'mmap_write_lock' || name === 'mmap_read_lock') this.take(name)
    else if (name === 'mmap_write_unlock' || name === 'mmap_read_unlock') this.give(name)
    else if (name === 'mmap_write_downgrade' && this.mmap === 0)
      this.broken.push(`${name} without mmap_lock`)
    else if (name === 'lock_vma_under_rcu') this.vmaRead++
    else if (name === 'vma_end_read') this.vmaRead--
    else if (name === 'vma_start_write' && this.mmap === 0)
      this.broken.push(`${name} without mmap_lock`)
    else if (name === 'i_mmap_lock_write') {
      if (this.mmap === 0) this.broken.push('i_mmap_lock_write before mmap_lock')
      if (this.i_mmap++ > 0) this.broken.push('i_mmap_lock_write within another')
    } else if (name === 'i_mmap_unlock_write') this.i_mmap--
  }

  private take(name: StepName): void {
    if (this.i_mmap > 0) this.broken.push(`${name} within i_mmap_rwsem`)
    this.mmap++
  }

  private give(name: StepName): void {
    if (this.i_mmap > 0) this.broken.push(`${name} within i_mmap_rwsem`)
    if (--this.mmap < 0) this.broken.push(`${name} without a lock`)
  }

  /** What is left at the end of a call. */
  left(): string[] {
    const { mmap, vmaRead, i_mmap } = this
    if (mmap === 0 && vmaRead === 0 && i_mmap === 0) return this.broken
    return [
      ...this.broken,
      `locks that were not given back: ${JSON.stringify({ mmap, vmaRead, i_mmap })}`,
    ]
  }
}
