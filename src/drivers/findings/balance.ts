// SPDX-License-Identifier: GPL-2.0-only
// Locks, references and memory that a driver takes and does not get to give back.

import {
  type driver_object,
  ENOMEM,
  kfree,
  kzalloc,
  mutex,
  mutex_lock,
  mutex_unlock,
  refcount_dec,
  refcount_inc,
  refcount_t,
  VM_DONTCOPY,
  VM_DONTEXPAND,
  vm_flags_set,
  type vm_operations_struct,
} from '../../mm/index.ts'
import { type ReferenceCounted, referenceCounted } from '../reference_counted/driver.ts'
import { type ByEra, type Finding, hooksOf, Trial } from '../scenario.ts'

const count = (counted: refcount_t): string => `${counted.name} is ${counted.refs}`

/** A lock that mmap_prepare takes and the other two hooks release, with nothing that forbids merging. */
const lockAcrossHooks = (lock: mutex): ByEra => ({
  legacy: () => ({
    mmap: () => {
      mutex_lock(lock)
      mutex_unlock(lock)
      return 0
    },
  }),
  complete: () => ({
    mmap_prepare: () => {
      mutex_lock(lock)
      return 0
    },
    mmap_complete: () => {
      mutex_unlock(lock)
      return 0
    },
    mmap_abort: () => mutex_unlock(lock),
  }),
})

/** A lock that mmap_prepare takes is released. */
export const lockIsReleased: Finding = {
  name: 'A lock that mmap_prepare takes is released',
  text: 'When the mapping merges, neither mmap_complete nor mmap_abort is called: the lock stays held. Flags that forbid merging avoid it.',
  fails: ['rfc-complete', 'rfc-complete-6.17'],
  holds: ['6.12', '6.18', '7.3'],
  run: (release) => {
    const lock = new mutex('region_lock')
    const trial = new Trial(release, hooksOf(lockAcrossHooks(lock), release))
    trial.map(0)
    trial.map(1)
    const held = lock.held > 0
    return { ok: !held, seen: `${lock.name} is ${held ? 'held' : 'free'} after two mmaps` }
  },
}

/** Takes a reference where the mapping is made, and drops it in close() whatever happened. */
const trustingHooks = (users: refcount_t): ByEra => {
  const close = () => refcount_dec(users)
  const get = () => {
    const object = kzalloc('bookkeeping', {})
    if (!object) return -ENOMEM
    refcount_inc(users)
    return 0
  }
  return {
    legacy: () => ({
      mmap: (_file, vma) => {
        vma.vm_ops = { close }
        return get()
      },
    }),
    mapped: () => ({
      mmap_prepare: (desc) => {
        desc.vm_ops = { close, mapped: get }
        return 0
      },
    }),
  }
}

/** close() runs only for what was made. */
export const closeFollowsMapped: Finding = {
  name: 'close() runs only for what was made',
  text: 'After a failing mapped(), or a failing action, core unmaps the VMA: close() runs, and drops what was never taken.',
  fails: ['7.1', '7.2', '7.3'],
  holds: ['6.12', '6.18'],
  run: (release) => {
    const users = new refcount_t('dev->users')
    const trial = new Trial(release, hooksOf(trustingHooks(users), release))
    const told = trial.mapFailing('kzalloc(bookkeeping)', 0)
    return { ok: users.refs === 0, seen: `${told}, then ${count(users)}` }
  },
}

/** fs/afs: an open-mmap count. The conversion of 6.17 counted where the description is made. */
const openMmapCount = (dev: ReferenceCounted): ByEra => {
  const naive = () => ({
    mmap_prepare: (desc: { vm_ops: vm_operations_struct | null }) => {
      refcount_inc(dev.users)
      desc.vm_ops = {
        open: () => refcount_inc(dev.users),
        close: () => refcount_dec(dev.users),
      }
      return 0
    },
  })
  return {
    legacy: () => referenceCounted.legacy(dev),
    prepare: naive,
    action: naive,
    mapped: () => referenceCounted.mapped(dev),
  }
}

/** A count of mappings comes back to 0. */
export const countComesBack: Finding = {
  name: 'A count of mappings comes back to 0',
  text: 'The description is made for every mmap(), also for one that merges, and close() runs once a VMA: afs counted in mmap_prepare from 6.17 until 7.1 brought mapped().',
  fails: ['6.17', '6.18', '6.19', '7.0'],
  holds: ['6.12', '7.2.10', '7.3'],
  run: (release) => {
    const dev = { ...referenceCounted.device(), limit: 9 }
    const trial = new Trial(release, hooksOf(openMmapCount(dev), release))
    trial.map(0)
    trial.map(1)
    trial.unmapAll()
    return { ok: dev.users.refs === 0, seen: `${count(dev.users)} when nothing is mapped` }
  },
}

/** fs/hugetlbfs: a lock for each VMA, allocated in mmap_prepare in 6.19, and in .mmap again after the revert. */
const vmaLock = (): ByEra => {
  const close: vm_operations_struct['close'] = (vma) => kfree(vma.vm_private_data as driver_object)
  return {
    legacy: () => ({
      mmap: (_file, vma) => {
        vma.vm_private_data = kzalloc('vma_lock', {})
        vma.vm_ops = { close }
        return vma.vm_private_data ? 0 : -ENOMEM
      },
    }),
    complete: () => ({
      mmap_prepare: (desc) => {
        desc.private_data = kzalloc('vma_lock', {})
        desc.vm_ops = { close }
        desc.vm_flags |= VM_DONTEXPAND
        return desc.private_data ? 0 : -ENOMEM
      },
      mmap_complete: () => 0,
      mmap_abort: (_file, private_data) => kfree(private_data as driver_object),
    }),
    action: () => ({
      mmap_prepare: (desc) => {
        desc.private_data = kzalloc('vma_lock', {})
        desc.vm_ops = { close }
        desc.vm_flags |= VM_DONTEXPAND
        return desc.private_data ? 0 : -ENOMEM
      },
    }),
  }
}

/** What the hook allocates is freed when no VMA can be made. */
export const allocationIsFreed: Finding = {
  name: 'What the hook allocates is freed when no VMA can be made',
  text: 'Between mmap_prepare and the new VMA an allocation can fail, and nothing tells the driver: hugetlbfs was converted in 6.19, leaked its lock, and was reverted. mmap_abort would have told.',
  fails: ['6.19', '7.0.4'],
  holds: ['6.12', '6.18', '7.1', '7.3', 'rfc-complete'],
  run: (release) => {
    const trial = new Trial(release, hooksOf(vmaLock(), release))
    let kept = 0
    trial.mm.listener = (name) => {
      if (name === 'driver_alloc') kept++
      if (name === 'driver_free') kept--
    }
    const told = trial.mapFailing('vm_area_alloc', 0)
    return { ok: kept === 0, seen: `${told}; ${kept} vma_lock left` }
  },
}

/** What a legacy hook took is given back by close(). */
export const mergedHookGivesBack: Finding = {
  name: 'What a legacy hook took is given back by close()',
  text: '6.12 merges once more after a hook that changed flags, and throws the new VMA away: neither close() nor anything else tells the driver.',
  fails: ['6.12'],
  holds: ['6.16', '7.3'],
  run: (release) => {
    const users = new refcount_t('dev->users')
    const trial = new Trial(release, {
      mmap: (_file, vma) => {
        refcount_inc(users)
        vm_flags_set(vma, VM_DONTCOPY)
        vma.vm_ops = { close: () => refcount_dec(users) }
        return 0
      },
    })
    trial.map(0)
    trial.map(1)
    trial.unmapAll()
    return { ok: users.refs === 0, seen: `${count(users)} when nothing is mapped` }
  },
}
