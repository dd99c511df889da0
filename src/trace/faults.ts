// SPDX-License-Identifier: GPL-2.0-only
import type { AllocationSite, HookSite, ShouldFail } from '../mm/index.ts'

/** Hooks that a fault plan can make fail. */
export const HOOK_SITES: ReadonlySet<string> = new Set<HookSite>([
  'mmap',
  'mmap_proto',
  'mmap_prepare',
  'mmap_complete',
  'mapped',
  'success_hook',
  'may_split',
  'mprotect',
])

const sites: readonly string[] = [
  'vm_area_alloc',
  'vma_iter_prealloc',
  'anon_vma_clone',
  'mas_store_gfp',
  'shmem_kernel_file_setup',
  'remap_pfn_range',
  'vm_insert_pages',
  ...HOOK_SITES,
]

/**
 * A fault plan that makes the `n`-th attempt at a site fail, counted from 1, and no other:
 * `mm.should_fail = failNth('vm_area_alloc', 1)`. A driver's own allocation is `kzalloc(NAME)`, any of them `kzalloc`; a
 * hook is `mapped` and so on: it is not run then.
 * `error` is a negative errno, -ENOMEM unless told. RangeError for an unknown site (it lists the known ones) or an `n`
 * that is no count.
 */
export function failNth(site: AllocationSite | 'kzalloc', n = 1, error?: number): ShouldFail {
  if (!isDriverSite(site) && !sites.includes(site))
    throw new RangeError(`no site ${site}: known are ${sites.join(', ')}, kzalloc, kzalloc(NAME)`)
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`n ${n}: attempts are counted from 1`)
  let left = n
  const anyOf = site === 'kzalloc' ? 'kzalloc(' : null
  const meant = (at: string): boolean => at === site || (anyOf !== null && at.startsWith(anyOf))
  return (at) => meant(at) && --left === 0 && (error ?? true)
}

function isDriverSite(site: string): site is `kzalloc(${string})` | 'kzalloc' {
  return /^kzalloc(\(.+\))?$/.test(site)
}
