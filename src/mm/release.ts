// SPDX-License-Identifier: GPL-2.0-only
// What separates one kernel release from another, as values: the model asks a field, never a version.

import type { file, vm_area_struct } from './mm_types.ts'
import type { mmap_state } from './mmap_region.ts'

/** A hook protocol: what the pipeline calls at its few fixed points. */
export interface Era {
  /** `mapped`, `legacy`, ... */
  readonly name: string
  /**
   * After the overlapped mappings are gone, before the merge: may describe the mapping (mmap_prepare).
   * Returns 0 or a negative errno.
   */
  before_merge(map: mmap_state): number
  /** On the new, still unlinked VMA of a file (legacy .mmap). Returns 0 or a negative errno. */
  new_file_vma(map: mmap_state, vma: vm_area_struct, file: file): number
  /**
   * The new file VMA is complete but not yet linked: an existing VMA that takes its range in after all, or null. The
   * era has then thrown the new one away.
   */
  merge_again(map: mmap_state, vma: vm_area_struct): vm_area_struct | null
  /** The new VMA is about to be completed: gives it what the hook described. */
  new_vma(map: mmap_state, vma: vm_area_struct): void
  /** The new VMA is in the tree and accounted. Returns 0 or a negative errno; an error has unmapped it. */
  complete(map: mmap_state, vma: vm_area_struct): number
  /** Does a file with these hooks have any that mmap() may call? Linux: include/linux/fs.h:can_mmap_file() */
  can_mmap_file(file: file): boolean
}

/** How a range may join a VMA whose anonymous pages have an owner, or not. Linux: mm/vma.c:is_mergeable_anon_vma() */
export type AnonVmaTest = (target: vm_area_struct, source: vm_area_struct | null) => boolean

/** A kernel as it was built and configured. Made by linux(). */
export interface Release {
  /** As asked for: `7.3.4`. */
  readonly name: string
  readonly era: Era
  /** VM_SOFTDIRTY is set on every new mapping (CONFIG_MEM_SOFT_DIRTY). */
  readonly soft_dirty: boolean
  /** Low-lane flags that a merge unites instead of comparing. Linux: include/linux/mm.h:VM_STICKY */
  readonly sticky: number
  /** Low-lane flags that a merge does not compare. Linux: mm/vma.c:VM_IGNORE_MERGE */
  readonly ignore_merge: number
  /** A private file mapping merges only where its anonymous page offset goes on too. */
  readonly separate_anon_pgoff: boolean
  readonly is_mergeable_anon_vma: AnonVmaTest
  /** A mapping that fails late gives the replaced pages' charge back too. */
  readonly returns_whole_charge: boolean
}
