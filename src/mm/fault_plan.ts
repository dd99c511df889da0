// SPDX-License-Identifier: GPL-2.0-only
// What may fail, and what the caller wants to fail. Linux: lib/fault-inject.c

import { ENOMEM } from './errno.ts'
import type { mm_struct } from './mm_types.ts'

/** The hooks that may fail, by name. */
export const HOOK_SITES = [
  'mmap',
  'mmap_proto',
  'mmap_prepare',
  'mmap_complete',
  'mapped',
  'success_hook',
  'error_hook',
  'may_split',
  'mprotect',
  'fsync',
] as const

/** The allocations and the page-table work that may fail, by the name of the kernel function. */
export const KERNEL_SITES = [
  'vm_area_alloc',
  'vma_iter_prealloc',
  'anon_vma_clone',
  'mas_store_gfp',
  'shmem_kernel_file_setup',
  'remap_pfn_range',
  'vm_insert_pages',
] as const

/** A hook that may fail, by its name. */
export type HookSite = (typeof HOOK_SITES)[number]

/** What may fail on the mmap path: a hook, a driver's own allocation by the name it gave, or the kernel's own work. */
export type AllocationSite = HookSite | `kzalloc(${string})` | (typeof KERNEL_SITES)[number]

/** Says whether the next attempt at a site fails: true for -ENOMEM, or a negative errno. The caller's fault plan. */
export type ShouldFail = (site: AllocationSite) => boolean | number

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
