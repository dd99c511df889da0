// SPDX-License-Identifier: GPL-2.0-only
// What separates one kernel release from another, as values: the model asks a field, never a version.

import type { anon_vma, file, mm_struct, vm_area_desc, vm_area_struct } from './mm_types.ts'
import type { mmap_state } from './mmap_region.ts'

/** A hook protocol: what the pipeline calls at its few fixed points. */
export interface Era {
  /** `mapped`, `legacy`, ... */
  readonly name: string
  /** Before anything is touched: may refuse the file's set of hooks. Returns 0 or a negative errno. */
  before_setup(map: mmap_state): number
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
  /** No VMA could be made for the mapping: the driver may undo what it did, before anything is unwound. */
  abort(map: mmap_state): void
  /** The end of a description that the compatibility layer carried out for a legacy hook. Returns 0 or an errno. */
  complete_compat(desc: vm_area_desc, vma: vm_area_struct): number
  /** Does a file with these hooks have any that mmap() may call? Linux: include/linux/fs.h:can_mmap_file() */
  can_mmap_file(file: file): boolean
}

/** How a range may join a VMA whose anonymous pages have an owner, or not. Linux: mm/vma.c:is_mergeable_anon_vma() */
export type AnonVmaTest = (
  target: vm_area_struct,
  /** The owner that the range brings along, and the links of the VMA it comes from (0: not looked at). */
  owner: anon_vma | null,
  links: number,
) => boolean

/** A kernel as it was built and configured. Made by linux(). */
export interface Release {
  /** As asked for: `7.3.4`. */
  readonly name: string
  readonly era: Era
  /** VM_SOFTDIRTY is set on every new mapping (CONFIG_MEM_SOFT_DIRTY). */
  readonly soft_dirty: boolean
  /** Flags of the heap. Linux: include/linux/mm.h:VM_DATA_DEFAULT_FLAGS */
  readonly data_default_flags: number
  /** Low-lane flags that a merge unites instead of comparing. Linux: include/linux/mm.h:VM_STICKY */
  readonly sticky: number
  /** Low-lane flags that a merge does not compare. Linux: mm/vma.c:VM_IGNORE_MERGE */
  readonly ignore_merge: number
  /** Low-lane flags of a mapping that MADV_DOFORK refuses. Linux: mm/madvise.c:madvise_vma_behavior() */
  readonly dofork_refuses: number
  /** The flag by which /dev/zero knows a shared mapping. Linux: drivers/char/mem.c:mmap_zero_prepare() */
  readonly dev_zero_shared_bit: number
  /** MREMAP_DONTUNMAP may merge the copy with its own source. */
  readonly merges_copy_with_source: boolean
  /** Unlocks the source of MREMAP_DONTUNMAP, whose moved range is [start, end). */
  unlock_source(mm: mm_struct, vma: vm_area_struct, start: number, end: number): void
  /** A private file mapping merges only where its anonymous page offset goes on too. */
  readonly separate_anon_pgoff: boolean
  readonly is_mergeable_anon_vma: AnonVmaTest
  /** A mapping that fails late gives the replaced pages' charge back too. */
  readonly returns_whole_charge: boolean
}
