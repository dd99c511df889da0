// SPDX-License-Identifier: GPL-2.0-only
import { type AllocationSite, HOOK_SITES, KERNEL_SITES, type ShouldFail } from '../mm/index.ts'

const hooks: ReadonlySet<string> = new Set(HOOK_SITES)
const sites: readonly string[] = [...KERNEL_SITES, ...HOOK_SITES]

/** Is it a hook of the driver that fails there? */
export function isHookSite(site: AllocationSite): boolean {
  return hooks.has(site)
}

/** One attempt at a site, counted from 1. */
export interface Attempt {
  readonly site: AllocationSite
  readonly nth: number
}

/** The attempts of a run, in order, each with its number at its site: what {@link failNth} wants to know. */
export function numbered(attempts: readonly AllocationSite[]): Attempt[] {
  const seen = new Map<AllocationSite, number>()
  return attempts.map((site) => {
    const nth = (seen.get(site) ?? 0) + 1
    seen.set(site, nth)
    return { site, nth }
  })
}

/**
 * A fault plan that makes the `n`-th attempt at a site fail, counted from 1, and no other:
 * `mm.should_fail = failNth('vm_area_alloc', 1)`. A driver's own allocation is `kzalloc(NAME)`, any of them `kzalloc`;
 * a hook is `mapped` and so on: it is not run then. `error` is a negative errno, -ENOMEM unless told. RangeError for an
 * unknown site (it lists the known ones) or an `n` that is no count.
 */
export function failNth(site: AllocationSite | 'kzalloc', n = 1, error?: number): ShouldFail {
  if (!isDriverSite(site) && !sites.includes(site))
    throw new RangeError(`no site ${site}: known are ${sites.join(', ')}, kzalloc, kzalloc(NAME)`)
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`n ${n}: attempts are counted from 1`)
  let left = n
  const isMeant = (at: string): boolean =>
    at === site || (site === 'kzalloc' && at.startsWith('kzalloc('))
  return (at) => isMeant(at) && --left === 0 && (error ?? true)
}

function isDriverSite(site: string): site is `kzalloc(${string})` | 'kzalloc' {
  return /^kzalloc(\(.+\))?$/.test(site)
}
