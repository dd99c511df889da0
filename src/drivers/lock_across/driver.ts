// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  ENODEV,
  type file,
  mmap_action_remap_full,
  mutex,
  mutex_lock,
  mutex_unlock,
  PAGE_SIZE,
  remap_pfn_range,
  VM_DONTEXPAND,
  VM_REMAP_FLAGS,
  type vm_area_struct,
  vma_desc_pages,
  vma_pages,
} from '../../mm/index.ts'
import { fits, type Hooks, type Pattern } from '../pattern.ts'

/** A region that may be taken away, unless its lock is held. */
export interface LockedRegion {
  readonly lock: mutex
  online: boolean
  /** Its first page frame number. */
  readonly pfn: number
  /** The open files that were mapped since they were opened: as long as there is one, the region stays. */
  readonly pins: Set<file>
}

const device = (): LockedRegion => ({
  lock: new mutex('region_lock'),
  online: true,
  pfn: 0x5808,
  pins: new Set(),
})

function remap({ pfn }: LockedRegion, vma: vm_area_struct): number {
  const size = vma_pages(vma) * PAGE_SIZE
  return remap_pfn_range(vma, vma.vm_start, pfn + vma.vm_pgoff, size)
}

/** Checks and maps under the lock. */
function mapLocked(region: LockedRegion, vma: vm_area_struct): number {
  mutex_lock(region.lock)
  const error = region.online ? remap(region, vma) : -ENODEV
  mutex_unlock(region.lock)
  return error
}

/** The lock covers the check alone: from then on the open file pins the region, until it is released. */
const described: Hooks<LockedRegion> = (region = device()) => ({
  mmap_prepare: (desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    mutex_lock(region.lock)
    const error = region.online ? 0 : -ENODEV
    if (error === 0) region.pins.add(desc.file)
    mutex_unlock(region.lock)
    if (error === 0) mmap_action_remap_full(desc, region.pfn + desc.pgoff)
    return error
  },
})

const released =
  'The lock is released before core fills the page tables: the open file has to pin the region.'

/** A driver that holds its lock from the check until the pages are in place. */
export const lockAcross: Pattern<
  'legacy' | 'proto' | 'complete' | 'action' | 'mapped',
  LockedRegion
> = {
  name: 'lock_across',
  text: 'The region must not go away while it is being mapped: a lock is held from check to remap.',
  cannot: {
    prepare:
      'Nothing runs after the description that could fill the page tables: the driver stays on .mmap.',
    complete:
      'A merge calls neither mmap_complete nor mmap_abort: flags must keep the mapping from merging.',
    action: released,
    mapped: released,
  },
  device,
  legacy: (region = device()) => ({
    mmap: (_file, vma) => (fits(vma.vm_pgoff, vma_pages(vma)) ? mapLocked(region, vma) : -EINVAL),
  }),
  proto: (region = device()) => ({
    mmap_proto: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      desc.vm_flags |= VM_REMAP_FLAGS
      return 0
    },
    mmap: (_file, vma) => mapLocked(region, vma),
  }),
  complete: (region = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      mutex_lock(region.lock)
      if (!region.online) {
        mutex_unlock(region.lock)
        return -ENODEV
      }
      desc.vm_flags |= VM_DONTEXPAND
      desc.mmap_context = region
      return 0
    },
    mmap_complete: (_file, vma, context) => {
      const { lock } = context as LockedRegion
      const error = remap(region, vma)
      mutex_unlock(lock)
      return error
    },
    mmap_abort: (_file, _private_data, context) => mutex_unlock((context as LockedRegion).lock),
  }),
  action: described,
  mapped: described,
}
