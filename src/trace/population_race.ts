// SPDX-License-Identifier: GPL-2.0-only
// unmap_mapping_range() against a mapping that is filled as it is made: truncate and device revoke do the first.
import {
  type file,
  type file_operations,
  MAP_SHARED,
  Mm,
  openFile,
  PAGE_SIZE,
  PROT_READ,
  type Release,
  unmap_mapping_range,
  vfs_mmap,
  vma_set_file,
} from '../mm/index.ts'
import { type Interleavings, InterleavingTable, interleave, type Meeting } from './interleave.ts'

/** How mmap() comes to the hooks. */
export type HookPath = 'direct' | 'compat'

const PAGES = 2

function fileOn(path: HookPath, f_op: file_operations): { mapped: file; device: file } {
  const device = openFile('/dev/demo', f_op)
  if (path === 'direct') return { mapped: device, device }
  const stacked: file_operations = {
    mmap: (_file, vma) => {
      vma_set_file(vma, device)
      return vfs_mmap(device, vma)
    },
  }
  return { mapped: openFile('/stacked', stacked), device }
}

/**
 * mmap() of a file whose hooks fill the page tables, met by unmap_mapping_range() of the whole file. It goes wrong
 * where entries are there when unmap_mapping_range() runs and are there when it is over, since it does not find the
 * VMA. `path` compat: an outer file's .mmap calls the hooks by vfs_mmap().
 */
export function populationRace(
  hooks: () => file_operations,
  release: Release,
  path: HookPath = 'direct',
): Interleavings {
  return interleave((): Meeting => {
    const mm = new Mm(release)
    const { mapped, device } = fileOn(path, hooks())
    let missed = 0
    return {
      mm,
      a: () =>
        mm.mmap({ len: PAGES * PAGE_SIZE, prot: PROT_READ, flags: MAP_SHARED, file: mapped }),
      b: () => {
        unmap_mapping_range(device.f_mapping, 0, 0, true)
        missed = [...mm.pages.within(0, mm.range.task_size)].length
      },
      mayRun: () => device.f_mapping.i_mmap_rwsem === 0,
      idle: () => (mm.pages.isEmpty ? 'mmap() fills no page table' : null),
      wrong: () =>
        missed > 0 ? 'unmap_mapping_range() is over, and the pages are still mapped' : null,
    }
  })
}

/** {@link populationRace} on each release, direct and through the compatibility layer. */
export function populationRaces(
  hooks: (release: Release) => file_operations,
  releases: readonly Release[],
): InterleavingTable {
  const rows = releases.flatMap((release) =>
    (['direct', 'compat'] as const).map((path) => ({
      names: [release.name, release.era.name, path],
      found: populationRace(() => hooks(release), release, path),
    })),
  )
  return new InterleavingTable(['release', 'era', 'path'], rows)
}
