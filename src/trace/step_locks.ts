// SPDX-License-Identifier: GPL-2.0-only
// Which locks are held at a step, from the steps that take and release them.
import type { StepName } from '../mm/index.ts'

/** Whose lock it is. `vma` stands for the write locks of all VMAs: they are released together. */
export type LockClass = 'mmap' | 'vma' | 'i_mmap' | 'driver'

/** A lock that is held: plain JSON. */
export interface HeldLock {
  readonly lock: LockClass
  /** In words: `mmap lock, write`. */
  readonly name: string
  /** Others may hold it, too. */
  readonly forReading?: true
}

type Change = 'take' | 'drop' | 'dropAll'

/** The steps that change what is held, and the words for it; `{}` is the subject. */
const changes: Readonly<Record<string, readonly [Change, LockClass, string, 'read'?]>> = {
  mmap_write_lock: ['take', 'mmap', 'mmap lock, write'],
  mmap_write_unlock: ['dropAll', 'mmap', ''],
  mmap_read_lock: ['take', 'mmap', 'mmap lock, read', 'read'],
  mmap_read_unlock: ['dropAll', 'mmap', ''],
  vma_start_write: ['take', 'vma', 'VMA lock, write'],
  vma_end_write_all: ['dropAll', 'vma', ''],
  lock_vma_under_rcu: ['take', 'vma', 'VMA lock, read', 'read'],
  vma_end_read: ['drop', 'vma', 'VMA lock, read'],
  i_mmap_lock_write: ['take', 'i_mmap', 'i_mmap lock of {}'],
  i_mmap_unlock_write: ['drop', 'i_mmap', 'i_mmap lock of {}'],
  driver_lock: ['take', 'driver', '{}'],
  driver_unlock: ['drop', 'driver', '{}'],
}

/** Follows the steps of a run and knows what is held. */
export class HeldLocks {
  private held: readonly HeldLock[] = []

  /** What is held after a step about `subject`. The same array as before when nothing changed. */
  after(fn: StepName, subject: string): readonly HeldLock[] {
    if (fn === ('mmap_write_downgrade' as StepName)) this.downgrade()
    const change = changes[fn]
    if (!change) return this.held
    const [how, lock, words, mode] = change
    const name = words.replace('{}', subject)
    if (how === 'take') {
      const taken: HeldLock = { lock, name, ...(mode && { forReading: true }) }
      if (!this.held.some((each) => each.name === name)) this.held = [...this.held, taken]
    } else if (how === 'drop') this.held = this.held.filter((each) => each.name !== name)
    else this.held = this.held.filter((each) => each.lock !== lock)
    return this.held
  }

  private downgrade(): void {
    this.held = this.held.map((each) =>
      each.lock === 'mmap' ? { ...each, name: 'mmap lock, read', forReading: true } : each,
    )
  }
}
