// SPDX-License-Identifier: GPL-2.0-only
// What the caller wants to fail. Linux: lib/fault-inject.c

import { ENOMEM } from './errno.ts'
import type { AllocationSite, mm_struct } from './mm_types.ts'

/** The negative errno that the fault plan wants of the next attempt at `site`, or 0. */
export function injected_error(mm: mm_struct, site: AllocationSite): number {
  if (mm.should_fail === null) return 0
  const error = mm.should_fail(site)
  return error === true ? -ENOMEM : Number(error)
}

/** Does the fault plan make the next allocation at `site` fail? */
export function should_fail(mm: mm_struct, site: AllocationSite): boolean {
  return injected_error(mm, site) !== 0
}
