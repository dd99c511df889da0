// SPDX-License-Identifier: GPL-2.0-only
// What a merge, or a failure before it, does to what was there.

import { EBUSY, PAGE_SIZE } from '../../mm/index.ts'
import { type ByEra, type Finding, hooksOf, Trial } from '../scenario.ts'

/** A mapping that fails leaves what was there. */
export const failingHookKeepsTheOld: Finding = {
  name: 'A mapping that fails leaves what was there',
  text: 'With MAP_FIXED the old mapping is gone before any hook runs, in every era.',
  fails: ['6.12', 'rfc-proto', '6.16', '6.19', '7.3', 'rfc-complete'],
  holds: [],
  run: (release) => {
    const fail = () => -EBUSY
    const trial = new Trial(
      release,
      hooksOf(
        {
          legacy: () => ({ mmap: fail }),
          proto: () => ({ mmap_proto: fail }),
          prepare: () => ({ mmap_prepare: fail }),
          complete: () => ({ mmap_prepare: fail }),
          action: () => ({ mmap_prepare: fail }),
          mapped: () => ({ mmap_prepare: fail }),
        },
        release,
      ),
    )
    const { mm } = trial
    mm.mmap({ addr: 0x10000000, len: 3 * PAGE_SIZE, prot: 3, flags: 0x32 })
    const told = trial.map(1)
    const hole = mm.vmaAt(0x10000000 + PAGE_SIZE) === null
    return { ok: !hole, seen: `${told}; ${hole ? 'a hole' : 'the old mapping'} in the middle` }
  },
}

/** Hands out a number as private data to each mapping that it is asked for. */
const numbered = (): ByEra => {
  let number = 0
  const prepare = () => ({
    mmap_prepare: (desc: { private_data: unknown }) => {
      desc.private_data = ++number
      return 0
    },
  })
  return {
    legacy: () => ({
      mmap: (_file, vma) => {
        vma.vm_private_data = ++number
        return 0
      },
    }),
    prepare,
    complete: prepare,
    action: prepare,
    mapped: prepare,
  }
}

function mapTwice(trial: Trial): unknown[] {
  trial.map(0)
  trial.map(1)
  return trial.mm.vmas().map((vma) => vma.vm_private_data)
}

/** The private data of a VMA stays when another mapping merges with it. */
export const privateDataStays: Finding = {
  name: 'The private data of a VMA stays when another mapping merges with it',
  text: 'Up to 7.2.9 the description of the new mapping was applied to the VMA that was there: what it held is lost.',
  fails: ['6.16', '6.18', '6.19', '7.1', '7.2.9', 'rfc-complete-6.17'],
  holds: ['6.12', '7.2.10', '7.3', 'rfc-complete'],
  run: (release) => {
    const found = mapTwice(new Trial(release, hooksOf(numbered(), release)))
    return { ok: found.includes(1), seen: `private data in the list of VMAs: ${found.join(', ')}` }
  },
}

/** The private data that a hook gives reaches a VMA. */
export const privateDataArrives: Finding = {
  name: 'The private data that a hook gives reaches a VMA',
  text: 'A mapping that merges has no VMA of its own: what mmap_prepare gave it vanishes. A legacy hook is not asked then.',
  fails: ['7.2.10', '7.3', 'rfc-complete'],
  holds: ['6.12', '6.16', '7.2.9'],
  run: (release) => {
    let given = 0
    const table = numbered()
    const hooks = hooksOf(table, release)
    const { mmap_prepare } = hooks
    const counted = mmap_prepare
      ? {
          mmap_prepare: (desc: Parameters<typeof mmap_prepare>[0]) => {
            given++
            return mmap_prepare(desc)
          },
        }
      : hooks
    const found = mapTwice(new Trial(release, counted))
    const last = mmap_prepare ? given : 1
    return { ok: found.includes(last), seen: `gave ${last}, found ${found.join(', ')}` }
  },
}

/** A description that fails leaves nothing charged. */
export const chargeComesBack: Finding = {
  name: 'A description that fails leaves nothing charged',
  text: 'Up to 7.2.7 the error path skipped the charge of a private writable mapping.',
  fails: ['6.16', '6.18', '6.19', '7.1', '7.2.7', 'rfc-complete-6.17'],
  holds: ['6.12', '7.2.8', '7.3', 'rfc-complete'],
  run: (release) => {
    const fail = () => -EBUSY
    const refuse = () => ({ mmap_prepare: fail })
    const table: ByEra = {
      legacy: () => ({ mmap: fail }),
      prepare: refuse,
      complete: refuse,
      action: refuse,
      mapped: refuse,
    }
    const trial = new Trial(release, hooksOf(table, release))
    const told = trial.map(0, 4, 0, true)
    const { committed } = trial.mm
    return { ok: committed === 0, seen: `${told}; ${committed} pages stay charged` }
  },
}
