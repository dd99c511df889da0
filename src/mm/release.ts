// SPDX-License-Identifier: GPL-2.0-only
// What separates one kernel release from another, as values: the model asks a field, never a version.

import type { anon_vma, file, mmap_action_type, vm_area_desc, vm_area_struct } from './mm_types.ts'
import type { mmap_state } from './mmap_region.ts'
import type { MremapForm } from './mremap.ts'

/** Where a hook protocol stands in history. */
export interface EraAbout {
  /** The Linux releases that speak it, or the posting that proposed it. */
  readonly releases: string
  readonly status: 'proposed' | 'landed' | 'replaced'
  /** What a driver writes, in one line. */
  readonly hooks: string
  /** Where that is written. */
  readonly citation: string
}

/** A hook protocol: what the pipeline calls at its few fixed points. */
export interface Era {
  /** `mapped`, `legacy`, ... */
  readonly name: string
  readonly about: EraAbout
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
  /**
   * The VMA that holds the range, new or merged into (`map.allocated_new` says which), is about to be completed: gives
   * it what the hook described.
   */
  describe(map: mmap_state, vma: vm_area_struct): void
  /** The new VMA is in the tree and accounted. Returns 0 or a negative errno; an error has unmapped it. */
  complete(map: mmap_state, vma: vm_area_struct): number
  /** No VMA could be made for the mapping: the driver may undo what it did, before anything is unwound. */
  abort(map: mmap_state): void
  /** A legacy hook calls another file's hook on the VMA that it is making. Returns 0 or a negative errno. */
  nested(file: file, vma: vm_area_struct): number
  /**
   * The compatibility layer has given a VMA in the making what a hook described: does what is left to do.
   * Returns 0 or a negative errno.
   */
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

/** VMAs that max_map_count must still allow for mremap(); 0: not asked. */
export interface MremapSpare {
  /** Before anything is done with these MREMAP_* flags. */
  to_start(flags: number): number
  /** When a VMA is about to move; `splits`: the moved range is split off first. */
  to_move(splits: boolean): number
}

/** A kernel as it was built and configured. Made by linux(). */
export interface Release {
  /** As asked for: `7.3.4`. */
  readonly name: string
  readonly era: Era
  /** VM_SOFTDIRTY is set on every new mapping (CONFIG_MEM_SOFT_DIRTY). */
  readonly soft_dirty: boolean
  /** Flags of the heap. Linux: include/linux/mm.h:VMA_DATA_DEFAULT_FLAGS */
  readonly data_default_flags: number
  /** Low-lane flags that a merge unites instead of comparing. Linux: include/linux/mm.h:VMA_STICKY_FLAGS */
  readonly sticky: number
  /** Low-lane flags that a merge does not compare. Linux: include/linux/mm.h:VMA_IGNORE_MERGE_FLAGS */
  readonly ignore_merge: number
  /** Low-lane flags of a mapping that MADV_DOFORK refuses. Linux: mm/madvise.c:madvise_vma_behavior() */
  readonly dofork_refuses: number
  /** The flag by which /dev/zero knows a shared mapping. Linux: drivers/char/mem.c:mmap_zero_prepare() */
  readonly dev_zero_shared_bit: number
  /** /dev/zero aligns private mappings for huge pages. Linux: drivers/char/mem.c:get_unmapped_area_zero() */
  readonly dev_zero_aligns: boolean
  /** A perf ring buffer is mapped as page frames. Linux: kernel/events/core.c:perf_mmap() */
  readonly perf_maps_pfns: boolean
  /** Pipes, sockets and anonymous inodes lie on file systems that are noexec. Linux: SB_I_NOEXEC */
  readonly noexec_pseudo_files: boolean
  /** MADV_* values that do not exist yet. */
  readonly lacks_advice: readonly number[]
  /** Is a mapping of the file marked for KSM before it may merge, or only the VMA that results? */
  marks_ksm_early(file: file | null): boolean
  /** MREMAP_DONTUNMAP may merge the copy with its own source. */
  readonly merges_copy_with_source: boolean
  /** MREMAP_DONTUNMAP splits the moved range off a locked source before it unlocks it, and counts the pages once. */
  readonly splits_unlocked_source: boolean
  /** Memory that may be dropped (MAP_DROPPABLE) is locked by mlock() and MCL_FUTURE as any other. */
  readonly locks_droppable: boolean
  /** A source that MREMAP_DONTUNMAP left without pages gets the page offsets of its place again. */
  readonly resets_emptied_source: boolean
  /** The stages of mremap(). */
  readonly mremap: MremapForm
  readonly mremap_spare: MremapSpare
  /** A private file mapping merges only where its anonymous page offset goes on too. */
  readonly separate_anon_pgoff: boolean
  readonly is_mergeable_anon_vma: AnonVmaTest
  /** A mapping that fails late gives the replaced pages' charge back too. */
  readonly returns_whole_charge: boolean
  /** A mapping that its description fails gives its charge back. */
  readonly returns_charge_of_description: boolean
  /** The description as a hook sees it: the fields of the release. */
  describe(desc: vm_area_desc): vm_area_desc
  /** Actions that the release does not have. */
  readonly absent_actions: readonly mmap_action_type[]
  /** Fields of the action that the release does not have. */
  readonly absent_action_fields: readonly ('error_override' | 'success_hook' | 'error_hook')[]
  /**
   * A description starts with the empty table and null makes the VMA anonymous. Before 7.2 it starts with null, which
   * leaves the VMA as it is.
   */
  readonly null_ops_is_anonymous: boolean
  /** A merge gives the surviving VMA the private data of the new call, and its hooks if it has any. */
  readonly merge_overwrites_fields: boolean
  /** A file put into a description comes with a reference, which the VMA takes over. */
  readonly takes_over_file_reference: boolean
  /** The action is checked before the merge; else only when it is carried out. */
  readonly checks_action_early: boolean
  /** The compatibility layer assigns the described flags; else it only adds them to the VMA's. */
  readonly compat_assigns_flags: boolean
  /** Flags of a VMA that a legacy hook remaps as a whole. Linux 6.12: arch/x86/mm/pat/memtype.c:track_pfn_remap() */
  readonly whole_remap_flags: number
  /** A hook's misuse of its description throws, besides the warning. */
  readonly strict: boolean
}
