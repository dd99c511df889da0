// SPDX-License-Identifier: GPL-2.0-only
// Calls of hooks that others wrote: one that throws must not leave a call half done.
//
// Differs: a kernel hook cannot throw. Here the call ends as if the hook had returned -EIO, everything is unwound, and
// then the front door throws what the hook threw. Vectors: 0.

import { EIO } from './errno.ts'
import { type HookSite, injected_error } from './fault_plan.ts'
import { release_after_hook } from './locks.ts'
import type { file, mm_struct } from './mm_types.ts'

const running: { mm: mm_struct | null } = { mm: null }

/**
 * Whose call the hook that is running belongs to: `current.mm`, null outside hooks. State of the module, as it is of
 * the processor: hooks such as `mapped` are given neither an mm nor a VMA. Linux: asm/current.h:current
 */
export const current: { readonly mm: mm_struct | null } = running

/**
 * Runs a hook that returns 0 or a negative errno. What it throws, or another value, is kept in `mm.thrown`: -EIO. Where
 * the fault plan says so, the hook fails as if it had done nothing.
 */
export function call_hook(
  mm: mm_struct,
  site: HookSite,
  of: file | null,
  hook: () => number,
): number {
  const injected = injected_error(mm, site)
  if (injected !== 0) return injected
  const name = of ? `${site} of ${of.name}` : site
  return guard(mm, name, () => {
    const ret = hook()
    if (Number.isInteger(ret) && ret <= 0 && ret > -4096) return ret
    throw new TypeError(
      `${name} returned ${String(ret)}: a hook returns 0, or a negative errno such as -EINVAL`,
    )
  })
}

/** Runs a hook that returns an address or a negative errno. */
export function call_address_hook(mm: mm_struct, name: string, hook: () => number): number {
  return guard(mm, name, () => {
    const ret = hook()
    if (Number.isInteger(ret)) return ret
    throw new TypeError(`${name} returned ${String(ret)}: give an address or a negative errno`)
  })
}

/** Runs a `fault` hook: 0, VM_FAULT_* bits, or -EIO when it threw. */
export function call_fault_hook(mm: mm_struct, hook: () => number): number {
  return guard(mm, 'fault', hook)
}

/** Runs a hook that returns nothing. */
export function call_void_hook(mm: mm_struct, name: string, hook: () => void): void {
  guard(mm, name, () => {
    hook()
    return 0
  })
}

function guard(mm: mm_struct, name: string, act: () => number): number {
  const { locks } = mm
  const outer = running.mm
  const [outerHook, outerLock] = [locks.hook, locks.mmap_lock_of_hook]
  running.mm = mm
  locks.hook = name
  locks.mmap_lock_of_hook = locks.mmap_lock
  try {
    return act()
  } catch (error) {
    mm.thrown ??= { error }
    return -EIO
  } finally {
    if (locks.mmap_lock !== locks.mmap_lock_of_hook) release_after_hook(mm)
    locks.hook = outerHook
    locks.mmap_lock_of_hook = outerLock
    running.mm = outer
  }
}

/** Throws what a hook has thrown during the call that just ended. */
export function rethrow(mm: mm_struct): void {
  const { thrown } = mm
  mm.thrown = null
  if (thrown) throw thrown.error
}
