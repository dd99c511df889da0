// SPDX-License-Identifier: GPL-2.0-only
import {
  type AnonVmaTest,
  type Era,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  type MremapSpare,
  mremap_several,
  mremap_single,
  type Release,
  VM_DATA_DEFAULT_FLAGS,
  VM_EXEC,
  VM_IO,
  VM_MAYBE_GUARD,
  VM_SOFTDIRTY,
  VM_SPECIAL,
  VMA_ARCH_1_BIT,
  VMA_MAYSHARE_BIT,
  VMA_SHARED_BIT,
} from '../mm/index.ts'
import { action } from './action.ts'
import { complete } from './complete.ts'
import {
  with_action,
  with_action_and_context,
  with_file,
  with_file_and_context,
  with_vm_file,
} from './descriptor.ts'
import { legacy } from './legacy.ts'
import { mapped } from './mapped.ts'
import { prepare } from './prepare.ts'
import { proto } from './proto.ts'

/** How a kernel is configured, where a model can tell. */
export interface Config {
  /** CONFIG_MEM_SOFT_DIRTY; default true. */
  readonly softDirty?: boolean
  /** The heap is executable, as under READ_IMPLIES_EXEC; default false. */
  readonly executableHeap?: boolean
  /** A hook's misuse of its description throws instead of only warning; default false. */
  readonly strict?: boolean
}

/**
 * An owner may go to either side unless that makes a fork child's pages shared.
 * Linux: mm/vma.c:is_mergeable_anon_vma()
 */
const eitherSide: AnonVmaTest = (target, owner, links) => {
  if (target.anon_vma === owner) return true
  if (!target.anon_vma) return links <= 1
  return !owner && target.anon_vma_chain <= 1
}

/**
 * Only the neighbour's links count: one without an owner takes nothing in.
 * Linux 6.12: mm/vma.c:is_mergeable_anon_vma()
 */
const neighbourOnly: AnonVmaTest = (target, owner) => {
  if (target.anon_vma === owner) return true
  return (!target.anon_vma || !owner) && target.anon_vma_chain === 1
}

/**
 * What the splits, unmaps and copies of the call can make at worst.
 * Linux: mm/mremap.c:__check_map_count_against_split()
 */
const worst_case: MremapSpare = {
  to_start: (flags) => (flags & MREMAP_DONTUNMAP ? 5 : 4),
  to_move: (splits) => (splits ? 3 : 2),
}

/** A reserve that only moves ask for. Linux 6.12: mm/mremap.c:mremap_to(), move_vma() */
const fixed_reserve: MremapSpare = {
  to_start: (flags) => (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ? 6 : 0),
  to_move: () => 4,
}

/** What no hook can change any more. Linux: mm/vma.c:can_set_ksm_flags_early() */
const unless_a_hook_follows: Release['marks_ksm_early'] = (file) =>
  !file || file.f_op.mmap_prepare !== undefined || file.f_mapping.is_shmem

type Behaviour = Omit<Release, 'name' | 'soft_dirty' | 'data_default_flags' | 'strict'>

const v7_3_4: Behaviour = {
  era: mapped,
  sticky: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  ignore_merge: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  dofork_refuses: VM_SPECIAL,
  dev_zero_shared_bit: VMA_MAYSHARE_BIT,
  dev_zero_aligns: true,
  perf_maps_pfns: true,
  noexec_pseudo_files: true,
  lacks_advice: [],
  marks_ksm_early: unless_a_hook_follows,
  merges_copy_with_source: false,
  splits_unlocked_source: true,
  locks_droppable: false,
  resets_emptied_source: true,
  mremap: mremap_several,
  mremap_spare: worst_case,
  separate_anon_pgoff: true,
  is_mergeable_anon_vma: eitherSide,
  returns_whole_charge: true,
  returns_charge_of_description: true,
  describe: with_action,
  absent_actions: [],
  absent_action_fields: ['success_hook', 'error_hook'],
  null_ops_is_anonymous: true,
  merge_overwrites_fields: false,
  takes_over_file_reference: true,
  checks_action_early: true,
  compat_assigns_flags: true,
  whole_remap_flags: 0,
}

const v7_3_0: Behaviour = { ...v7_3_4, returns_whole_charge: false }

// 6.18.44 and 7.3.4 were recorded: what differs between them and was not read elsewhere changes here.
const v7_2_10: Behaviour = {
  ...v7_3_0,
  dofork_refuses: VM_IO,
  merges_copy_with_source: true,
  resets_emptied_source: false,
  mremap_spare: fixed_reserve,
  separate_anon_pgoff: false,
}

const v7_2_8: Behaviour = { ...v7_2_10, merge_overwrites_fields: true }

const v7_2_0: Behaviour = {
  ...v7_2_8,
  returns_charge_of_description: false,
  splits_unlocked_source: false,
}

const v7_1: Behaviour = {
  ...v7_2_0,
  absent_action_fields: ['error_override'],
  null_ops_is_anonymous: false,
}

const v7_0_4: Behaviour = {
  ...v7_1,
  era: action,
  absent_actions: ['MMAP_SIMPLE_IO_REMAP', 'MMAP_MAP_KERNEL_PAGES'],
}

const v7_0_0: Behaviour = { ...v7_0_4, checks_action_early: false }

const v6_19: Behaviour = { ...v7_0_0, compat_assigns_flags: false }

const v6_18: Behaviour = {
  ...v6_19,
  era: prepare,
  describe: with_vm_file,
  dev_zero_shared_bit: VMA_SHARED_BIT,
  takes_over_file_reference: false,
}

const v6_17: Behaviour = { ...v6_18, describe: with_file }

const v6_16: Behaviour = { ...v6_17, mremap: mremap_single, marks_ksm_early: () => false }

const v6_12: Behaviour = {
  ...v6_16,
  era: legacy,
  sticky: 0,
  ignore_merge: VM_SOFTDIRTY,
  dev_zero_aligns: false,
  perf_maps_pfns: false,
  noexec_pseudo_files: false,
  lacks_advice: [MADV_GUARD_INSTALL, MADV_GUARD_REMOVE],
  merges_copy_with_source: false,
  splits_unlocked_source: true,
  locks_droppable: true,
  resets_emptied_source: true,
  is_mergeable_anon_vma: neighbourOnly,
  whole_remap_flags: 1 << VMA_ARCH_1_BIT,
}

/** A series of point releases: what holds from which patch on, and the newest one that is known. */
interface Series {
  readonly from: readonly (readonly [patch: number, behaviour: Behaviour])[]
  readonly newest: number
}

const series: Readonly<Record<string, Series>> = {
  '7.3': {
    from: [
      [0, v7_3_0],
      [4, v7_3_4],
    ],
    newest: 4,
  },
  '7.2': {
    from: [
      [0, v7_2_0],
      [8, v7_2_8],
      [10, v7_2_10],
    ],
    newest: 12,
  },
  '7.1': { from: [[0, v7_1]], newest: 13 },
  '7.0': {
    from: [
      [0, v7_0_0],
      [4, v7_0_4],
    ],
    newest: 13,
  },
  '6.19': { from: [[0, v6_19]], newest: 14 },
  '6.18': { from: [[0, v6_18]], newest: 44 },
  '6.17': { from: [[0, v6_17]], newest: 13 },
  '6.16': { from: [[0, v6_16]], newest: 12 },
  '6.12': { from: [[0, v6_12]], newest: 117 },
}

/** What was proposed: on the kernel that it was posted for, or carried onto a later one. */
const proposals: Readonly<Record<string, Behaviour>> = {
  'rfc-proto': { ...v6_17, era: proto },
  'rfc-complete': { ...v7_3_4, era: complete, describe: with_action_and_context },
  'rfc-complete-6.17': { ...v6_17, era: complete, describe: with_file_and_context },
}

function find(release: string): { name: string; found: Behaviour } | null {
  const [, prefix = '', patch] = release.match(/^(\d+\.\d+)(?:\.(\d+))?$/) ?? []
  if (Object.hasOwn(proposals, release))
    return { name: release, found: proposals[release] as Behaviour }
  if (!Object.hasOwn(series, prefix)) return null
  const { from, newest } = series[prefix] as Series
  const point = patch === undefined ? newest : Number(patch)
  const found = from.filter(([first]) => first <= point).at(-1)
  return found && point <= newest ? { name: `${prefix}.${point}`, found: found[1] } : null
}

/**
 * A Linux release as the model knows it: `linux()` and `linux("7.3")` are 7.3.4, `linux("7.2.9")` is that point
 * release. RangeError for an unknown name; it lists the known ones.
 */
export function linux(release = '7.3', config: Config = {}): Release {
  const known = find(release)
  if (!known)
    throw new RangeError(
      `no release ${release}: known are ${[...Object.entries(series).map(([name, { newest }]) => `${name} to ${name}.${newest}`), ...Object.keys(proposals)].join(', ')}`,
    )
  const { name, found } = known
  const soft_dirty = config.softDirty ?? true
  const mask = soft_dirty ? ~0 : ~VM_SOFTDIRTY
  return {
    ...found,
    name,
    soft_dirty,
    data_default_flags: VM_DATA_DEFAULT_FLAGS | (config.executableHeap ? VM_EXEC : 0),
    sticky: found.sticky & mask,
    ignore_merge: found.ignore_merge & mask,
    strict: config.strict ?? false,
  }
}

/**
 * A release that speaks an era: the newest, or the posting that proposed it. An era of nobody's is put into the newest
 * release.
 */
export function releaseOf(era: Era): Release {
  const known = [...Object.keys(series), ...Object.keys(proposals)].map((name) => linux(name))
  return known.find((release) => release.era === era) ?? { ...linux(), era }
}
