// SPDX-License-Identifier: GPL-2.0-only
import type { StepListener, StepName } from '../mm/index.ts'

/** What a driver's hooks can take and must give back. */
export type ResourceKind = 'lock' | 'reference' | 'allocation'

/** One resource of a driver and how its hooks dealt with it. */
export interface ResourceCount {
  readonly kind: ResourceKind
  /** The name the driver gave it. */
  readonly name: string
  taken: number
  given: number
  /** How often more was given back than had been taken. */
  underflows: number
}

const KINDS: Readonly<Partial<Record<StepName, readonly [ResourceKind, 'taken' | 'given']>>> = {
  driver_lock: ['lock', 'taken'],
  driver_unlock: ['lock', 'given'],
  driver_get: ['reference', 'taken'],
  driver_put: ['reference', 'given'],
  driver_alloc: ['allocation', 'taken'],
  driver_free: ['allocation', 'given'],
}

/** Is it a step of a hook that takes or gives back something? */
export function isDriverStep(name: StepName): boolean {
  return name in KINDS
}

/** Counts what the hooks of a driver take and give back, as the steps of an address space tell it. */
export class Ledger {
  private readonly counts = new Map<string, ResourceCount>()

  /** Has no hook taken or given back anything? */
  get isEmpty(): boolean {
    return this.counts.size === 0
  }

  /** To be told of every step. */
  hear(name: StepName, subject: Parameters<StepListener>[1], held: number): void {
    const meaning = KINDS[name]
    if (!meaning || typeof subject !== 'string') return
    const [kind, side] = meaning
    const count = this.of(kind, subject)
    count[side]++
    if (held < 0) count.underflows++
  }

  private of(kind: ResourceKind, name: string): ResourceCount {
    const key = `${kind} ${name}`
    const known = this.counts.get(key)
    if (known) return known
    const count: ResourceCount = { kind, name, taken: 0, given: 0, underflows: 0 }
    this.counts.set(key, count)
    return count
  }

  /** Every resource that was touched, in order of first use. */
  *[Symbol.iterator](): Generator<Readonly<ResourceCount>, void, undefined> {
    yield* this.counts.values()
  }

  /** The names of the locks that are held now. */
  locksHeld(): ReadonlySet<string> {
    const locks = [...this].filter(({ kind, taken, given }) => kind === 'lock' && taken > given)
    return new Set(locks.map(({ name }) => name))
  }

  /**
   * What is held now, `lock dev->lock 1, reference dev->users 2`, and what was given back more often than it was taken:
   * `allocation buffer given back 1 too often`. Empty when nothing is.
   */
  held(kind?: ResourceKind): string {
    const words: string[] = []
    for (const { kind: of, name, taken, given } of this.counts.values())
      if (taken !== given && (!kind || kind === of)) {
        const left = taken - given
        words.push(`${of} ${name} ${left > 0 ? left : `given back ${-left} too often`}`)
      }
    return words.join(', ')
  }

  /** What was given back without having been taken, in the form of {@link Ledger.held}. */
  underflows(): string {
    const words: string[] = []
    for (const { kind, name, underflows } of this.counts.values())
      if (underflows > 0) words.push(`${kind} ${name} ${underflows}`)
    return words.join(', ')
  }
}
