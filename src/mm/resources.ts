// SPDX-License-Identifier: GPL-2.0-only
// What a driver's hooks take and give back: locks, references, memory. Linux: linux/mutex.h, refcount.h, slab.h
//
// Differs: only what is taken and given back is told, under a name of the driver's choice; nothing ever waits. Outside
// hooks (in the driver's open() or probe()) nobody is told, and no allocation fails. Vectors: 0.

import { injected_error } from './fault_plan.ts'
import { current } from './hooks.ts'
import { type StepName, step } from './steps.ts'

function tell(name: StepName, subject: string, held: number): void {
  if (current.mm) step(current.mm, name, subject, held)
}

function warn(text: string): void {
  if (current.mm) step(current.mm, 'warn', text)
}

/** A hook waits for a lock that its own task holds: a kernel would hang there. */
export class Deadlock extends Error {
  override name = 'Deadlock'
}

/** A lock of the driver's own. Linux: include/linux/mutex.h:struct mutex */
export class mutex {
  /** As steps tell it: `dev->lock`. */
  readonly name: string
  /** Locks that are not undone: 1 while it is held; below 0 after an unlock too many. */
  held = 0

  constructor(name: string) {
    this.name = name
  }
}

/** Takes the lock. Throws {@link Deadlock} when it is held: nobody is left to release it. Linux: mutex_lock() */
export function mutex_lock(lock: mutex): void {
  if (lock.held > 0)
    throw new Deadlock(
      `mutex_lock(${lock.name}): it is held already, and whoever took it has returned; a kernel would hang here`,
    )
  lock.held = 1
  tell('driver_lock', lock.name, 1)
}

/** Releases the lock; a warning when it is not held. Linux: mutex_unlock() */
export function mutex_unlock(lock: mutex): void {
  if (lock.held < 1) warn(`mutex_unlock(${lock.name}): it is not held`)
  lock.held--
  tell('driver_unlock', lock.name, lock.held)
  if (lock.held < 0) lock.held = 0
}

/** Linux: mutex_is_locked() */
export function mutex_is_locked(lock: mutex): boolean {
  return lock.held > 0
}

/** A count of references. Linux: include/linux/refcount.h:refcount_t */
export class refcount_t {
  /** As steps tell it: `dev->users`. */
  readonly name: string
  /** The references there are. */
  refs: number

  constructor(name: string, refs = 0) {
    this.name = name
    this.refs = refs
  }
}

/** Takes a reference. Linux: include/linux/refcount.h:refcount_inc() */
export function refcount_inc(count: refcount_t): void {
  count.refs++
  tell('driver_get', count.name, count.refs)
}

/** Drops a reference; a warning when there is none to drop. Linux: include/linux/refcount.h:refcount_dec() */
export function refcount_dec(count: refcount_t): void {
  if (count.refs < 1) warn(`refcount_dec(${count.name}): it is ${count.refs} already`)
  count.refs--
  tell('driver_put', count.name, count.refs)
}

/** Memory that {@link kzalloc} gave, with the name under which it is counted. */
export interface driver_object {
  readonly slab: { readonly name: string; freed: boolean }
}

/**
 * Memory for an object with these fields, or null when there is none: a fault plan makes `kzalloc(NAME)` fail.
 * Linux: include/linux/slab.h:kzalloc()
 */
export function kzalloc<T extends object>(name: string, fields: T): (T & driver_object) | null {
  if (current.mm && injected_error(current.mm, `kzalloc(${name})`) !== 0) return null
  tell('driver_alloc', name, 1)
  return { ...fields, slab: { name, freed: false } }
}

/** Gives memory back; null is nothing to do, a second time brings a warning. Linux: mm/slub.c:kfree() */
export function kfree(object: driver_object | null): void {
  if (!object) return
  const { slab } = object
  if (slab.freed) warn(`kfree(${slab.name}): it was freed before`)
  tell('driver_free', slab.name, slab.freed ? -1 : 0)
  slab.freed = true
}
