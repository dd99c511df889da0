// SPDX-License-Identifier: GPL-2.0-only
import { type AnonVmaTest, type Release, VM_MAYBE_GUARD, VM_SOFTDIRTY } from '../mm/index.ts'
import { legacy } from './legacy.ts'
import { mapped } from './mapped.ts'

/** How a kernel is configured, where a model can tell. */
export interface Config {
  /** CONFIG_MEM_SOFT_DIRTY; default true. */
  readonly softDirty?: boolean
}

/** An owner may go to either side unless that makes a fork child's pages shared. Linux: mm/vma.c:is_mergeable_anon_vma() */
const eitherSide: AnonVmaTest = (target, source) => {
  if (target.anon_vma === (source?.anon_vma ?? null)) return true
  if (!target.anon_vma) return source !== null && source.anon_vma_chain <= 1
  return !source?.anon_vma && target.anon_vma_chain <= 1
}

/** Only the neighbour's links count: one without an owner takes nothing in. Linux 6.12: mm/vma.c:is_mergeable_anon_vma() */
const neighbourOnly: AnonVmaTest = (target, source) => {
  const owner = source?.anon_vma ?? null
  if (target.anon_vma === owner) return true
  return (!target.anon_vma || !owner) && target.anon_vma_chain === 1
}

const latest = {
  era: mapped,
  sticky: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  ignore_merge: VM_SOFTDIRTY | VM_MAYBE_GUARD,
  separate_anon_pgoff: true,
  is_mergeable_anon_vma: eitherSide,
  returns_whole_charge: true,
}

/** What each release does, by its name. */
const releases: Readonly<Record<string, Omit<Release, 'name' | 'soft_dirty'>>> = {
  '7.3.4': latest,
  '6.18.44': { ...latest, separate_anon_pgoff: false, returns_whole_charge: false },
  '6.12.117': {
    era: legacy,
    sticky: 0,
    ignore_merge: VM_SOFTDIRTY,
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
    sticky: found.sticky & mask,
    ignore_merge: found.ignore_merge & mask,
  }
}
