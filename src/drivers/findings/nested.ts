// SPDX-License-Identifier: GPL-2.0-only
// Hooks that are called from within another file's.

import { openFile, type Release, VM_MAYWRITE, vfs_mmap, vma_set_file } from '../../mm/index.ts'
import { dispatcher } from '../dispatcher/driver.ts'
import { oneErrno } from '../one_errno/driver.ts'
import { type AnyPattern, hooksIn } from '../pattern.ts'
import { readOnlyClamp } from '../read_only_clamp/driver.ts'
import { type Finding, hooksOf, Trial } from '../scenario.ts'

/** A stacked file over one of this pattern, with the hooks that it has in the release. */
const over =
  (pattern: AnyPattern) =>
  (release: Release): Trial => {
    const lower = openFile('/lower', hooksIn(pattern, release))
    return new Trial(release, {
      mmap: (_file, vma) => {
        vma_set_file(vma, lower)
        return vfs_mmap(lower, vma)
      },
    })
  }

/** The errno that a driver wants told is told through a stacked file. */
export const errnoIsRewritten: Finding = {
  name: 'The errno that a driver wants told is told through a stacked file',
  text: 'The compatibility layer returns the error of the action as it is: error_override is not applied.',
  fails: ['7.2', '7.3'],
  holds: ['6.12', '6.18', '6.19'],
  run: (release) => {
    const told = over(oneErrno)(release).mapFailing('remap_pfn_range', 0)
    return { ok: told === 'EAGAIN', seen: `the caller is told ${told}, the driver wants EAGAIN` }
  },
}

/** Writing stays forbidden through a stacked file. */
export const clampHolds: Finding = {
  name: 'Writing stays forbidden through a stacked file',
  text: 'Up to 6.19 the compatibility layer only added flags: VM_MAYWRITE, cleared by the description, came back.',
  fails: ['6.16', '6.18', '6.19'],
  holds: ['6.12', '7.0', '7.3'],
  run: (release) => {
    const trial = over(readOnlyClamp)(release)
    trial.map(0)
    const clamped = ((trial.mm.vmas()[0]?.vm_flags ?? 0) & VM_MAYWRITE) === 0
    return { ok: clamped, seen: `VM_MAYWRITE is ${clamped ? 'clear' : 'set'}` }
  },
}

/** The hooks of a file below run once. */
export const completesOnce: Finding = {
  name: 'The hooks of a file below run once',
  text: 'The compatibility layer calls mmap_complete, and core calls it again, without its context, on the finished VMA, whose file is the one below.',
  fails: ['rfc-complete'],
  holds: ['6.12', '6.18', '7.3'],
  run: (release) => {
    const calls: unknown[] = []
    const lower = openFile(
      '/lower',
      hooksOf(
        {
          legacy: () => ({ mmap: () => calls.push('mmap') * 0 }),
          prepare: () => ({ mmap_prepare: () => calls.push('mmap_prepare') * 0 }),
          mapped: () => ({ mmap_prepare: () => calls.push('mmap_prepare') * 0 }),
          complete: () => ({
            mmap_prepare: () => 0,
            mmap_complete: () => calls.push('mmap_complete') * 0,
          }),
        },
        release,
      ),
    )
    new Trial(release, {
      mmap: (_file, vma) => {
        vma_set_file(vma, lower)
        return vfs_mmap(lower, vma)
      },
    }).map(0)
    return { ok: calls.length === 1, seen: calls.join(', ') }
  },
}

/** A stacked file reaches the hook below. */
export const nestedIsCalled: Finding = {
  name: 'A stacked file reaches the hook below',
  text: 'mmap_proto could not be nested: the call bails out. The compatibility layer of 6.16 calls mmap_prepare on the VMA that there is.',
  fails: ['rfc-proto'],
  holds: ['6.12', '6.16', '7.3'],
  run: (release) => {
    const lower = openFile('/lower', hooksIn(dispatcher, release))
    const told = new Trial(release, { mmap: (_file, vma) => vfs_mmap(lower, vma) }).map(0)
    return { ok: told === 'mapped', seen: told }
  },
}
