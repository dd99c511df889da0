// SPDX-License-Identifier: GPL-2.0-only
import {
  ENXIO,
  mutex,
  mutex_lock,
  mutex_unlock,
  VM_DONTEXPAND,
  VM_FAULT_SIGBUS,
  VMA_DONTEXPAND_BIT,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, PAGES, type Pattern } from '../pattern.ts'

/** A device whose memory may be taken offline. */
export interface StateLock {
  readonly lock: mutex
  /** Pages that may be mapped. */
  online: number
}

const device = (): StateLock => ({ lock: new mutex('state_lock'), online: PAGES })
const buffer = bufferPages()

function check(dev: StateLock, pgoff: number, pages: number): number {
  mutex_lock(dev.lock)
  const error = pgoff >= dev.online || pages > dev.online - pgoff ? -ENXIO : 0
  mutex_unlock(dev.lock)
  return error
}

/** What the hook saw may be out of date by the first access: the handler looks again. */
const looking = (dev: StateLock): vm_operations_struct => ({
  fault: (vmf) => {
    mutex_lock(dev.lock)
    const present = vmf.pgoff < dev.online
    if (present) vmf.page = buffer[vmf.pgoff]
    mutex_unlock(dev.lock)
    return present ? 0 : VM_FAULT_SIGBUS
  },
})

/** The state of the device is read under its lock, which the hook releases. */
export const stateLock: Pattern<'legacy' | Describing, StateLock> = {
  name: 'state_lock',
  text: 'A device whose memory may be taken offline: the hook reads that under a lock.',
  cannot: {},
  device,
  legacy: (dev = device()) => ({
    mmap: (_file, vma) => {
      const error = check(dev, vma.vm_pgoff, vma_pages(vma))
      if (error !== 0) return error
      vm_flags_set(vma, VM_DONTEXPAND)
      vma.vm_ops = looking(dev)
      return 0
    },
  }),
  ...describingIn(device, (dev) => (desc) => {
    const error = check(dev, desc.pgoff, vma_desc_pages(desc))
    if (error !== 0) return error
    vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
    desc.vm_ops = looking(dev)
    return 0
  }),
}
