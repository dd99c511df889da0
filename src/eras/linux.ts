// SPDX-License-Identifier: GPL-2.0-only
import {
  type AnonVmaTest,
  type Release,
  unlock_range,
  unlock_whole,
  VM_DATA_DEFAULT_FLAGS,
  VM_EXEC,
  VM_IO,
  VM_MAYBE_GUARD,
  VM_SOFTDIRTY,
  VM_SPECIAL,
  VMA_MAYSHARE_BIT,
  VMA_SHARED_BIT,
} from '../mm/index.ts'
import { complete } from './complete.ts'
import { legacy } from './legacy.ts'
import { mapped } from './mapped.ts'

/** How a kernel is configured, where a model can tell. */
export interface Config {
  /** CONFIG_MEM_SOFT_DIRTY; default true. */
  readonly softDirty?: boolean
  /** The heap is executable, as under READ_IMPLIES_EXEC; default false. */
  readonly executableHeap?: boolean
}

/** An owner may go to either side unless that makes a fork child's pages shared. Linux: mm/vma.c:is_mergeable_anon_vma() */
const eitherSide: AnonVmaTest = (target, owner, links) => {
  if (target.anon_vma === owner) return true
  if (!target.anon_vma) return links <= 1
  return !owner && target.anon_vma_chain <= 1
}

/** Only the neighbour's links count: one without an owner takes nothing in. Linux 6.12: mm/vma.c:is_mergeable_anon_vma() */
const neighbourOnly: AnonVmaTest = (target, owner) => {
  if (target.anon_vma === owner) return true
  return (!target.anon_vma || !owner) && target.anon_vma_chain === 1
}

const latest = {
  era: mapped,
  sticky: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  ignore_merge: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  dofork_refuses: VM_SPECIAL,
  dev_zero_shared_bit: VMA_MAYSHARE_BIT,
  merges_copy_with_source: false,
  unlock_source: unlock_range,
  separate_anon_pgoff: true,
  is_mergeable_anon_vma: eitherSide,
  returns_whole_charge: true,
}

/** What each release does, by its name. */
const releases: Readonly<
  Record<string, Omit<Release, 'name' | 'soft_dirty' | 'data_default_flags'>>
> = {
  '7.3.4': latest,
  'rfc-complete': { ...latest, era: complete },
  '6.18.44': {
    ...latest,
    dofork_refuses: VM_IO,
    dev_zero_shared_bit: VMA_SHARED_BIT,
    merges_copy_with_source: true,
    unlock_source: unlock_whole,
    separate_anon_pgoff: false,
    returns_whole_charge: false,
  },
  '6.12.117': {
    era: legacy,
    sticky: 0,
    ignore_merge: VM_SOFTDIRTY,
    dofork_refuses: VM_IO,
    dev_zero_shared_bit: VMA_SHARED_BIT,
    merges_copy_with_source: false,
    unlock_source: unlock_range,
    separate_anon_pgoff: false,
    is_mergeable_anon_vma: neighbourOnly,
    returns_whole_charge: false,
  },
}

/** Series by the point release that the vectors were recorded on. */
const series: Readonly<Record<string, string>> = {
  '7.3': '7.3.4',
  '6.18': '6.18.44',
  '6.12': '6.12.117',
}

/**
 * A Linux release as the model knows it: `linux()` and `linux("7.3")` are 7.3.4. RangeError for an unknown name; it
 * lists the known ones.
 */
export function linux(release = '7.3', config: Config = {}): Release {
  const name = Object.hasOwn(series, release) ? (series[release] as string) : release
  const found = Object.hasOwn(releases, name) ? releases[name] : undefined
  if (!found)
    throw new RangeError(
      `no release ${release}: known are ${[...Object.keys(series), ...Object.keys(releases)].join(', ')}`,
    )
  const soft_dirty = config.softDirty ?? true
  const mask = soft_dirty ? ~0 : ~VM_SOFTDIRTY
  return {
    ...found,
    name,
    soft_dirty,
    data_default_flags: VM_DATA_DEFAULT_FLAGS | (config.executableHeap ? VM_EXEC : 0),
    sticky: found.sticky & mask,
    ignore_merge: found.ignore_merge & mask,
  }
}
