// SPDX-License-Identifier: GPL-2.0-only
import {
  EBUSY,
  EINVAL,
  refcount_dec,
  refcount_inc,
  refcount_t,
  VM_FAULT_SIGBUS,
  type vm_area_desc,
  type vm_area_struct,
  type vm_operations_struct,
  vma_desc_pages,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, fits, type Pattern } from '../pattern.ts'

/** A device that counts the VMAs that map it. */
export interface ReferenceCounted {
  readonly users: refcount_t
  /** So many may map it. */
  readonly limit: number
}

const device = (): ReferenceCounted => ({ users: new refcount_t('dev->users'), limit: 2 })
const buffer = bufferPages()

function get({ users, limit }: ReferenceCounted): number {
  if (users.refs >= limit) return -EBUSY
  refcount_inc(users)
  return 0
}

/** Every VMA holds a reference: open() takes that of a copy, close() drops it. */
const counting = ({ users }: ReferenceCounted): vm_operations_struct => ({
  open: () => refcount_inc(users),
  close: () => refcount_dec(users),
  fault: (vmf) => {
    vmf.page = buffer[vmf.pgoff]
    return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
  },
})

/** Where close() may come although nothing was taken, private data tells. */
const telling = (dev: ReferenceCounted): vm_operations_struct => ({
  ...counting(dev),
  close: (vma) => {
    if (vma.vm_private_data) refcount_dec(dev.users)
  },
})

function describe(desc: vm_area_desc, vm_ops: vm_operations_struct): number {
  if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
  desc.vm_ops = vm_ops
  return 0
}

function take(dev: ReferenceCounted, vma: vm_area_struct): number {
  const error = get(dev)
  if (error === 0) vma.vm_private_data = dev
  return error
}

/** A device with a reference for each VMA, and a limit to them. */
export const referenceCounted: Pattern<
  'legacy' | 'proto' | 'complete' | 'action' | 'mapped',
  ReferenceCounted
> = {
  name: 'reference_counted',
  text: 'Each mapping counts as a user of the device, of which there are at most two.',
  cannot: {
    prepare:
      'The description runs for mappings that merge or fail, too: a reference that it takes leaks.',
    complete:
      'Where making the VMA fails, the reference is not taken yet: there is nothing to abort.',
    action:
      'success_hook has nowhere to say that it took nothing: it must not fail, so there is no limit.',
    mapped:
      'Before 7.2.10 a merge overwrites what mapped() stored: there the mapping must not merge.',
  },
  device,
  legacy: (dev = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      const error = get(dev)
      if (error === 0) vma.vm_ops = counting(dev)
      return error
    },
  }),
  proto: (dev = device()) => ({
    mmap_proto: (desc) => describe(desc, counting(dev)),
    mmap: () => get(dev),
  }),
  complete: (dev = device()) => ({
    mmap_prepare: (desc) => describe(desc, telling(dev)),
    mmap_complete: (_file, vma) => take(dev, vma),
  }),
  action: (dev = device()) => ({
    mmap_prepare: (desc) => {
      desc.action.success_hook = () => {
        refcount_inc(dev.users)
        return 0
      }
      return describe(desc, counting(dev))
    },
  }),
  mapped: (dev = device()) => ({
    mmap_prepare: (desc) =>
      describe(desc, {
        ...telling(dev),
        mapped: (_start, _end, _pgoff, _file, vm_private_data) => {
          const error = get(dev)
          if (error === 0) vm_private_data.value = dev
          return error
        },
      }),
  }),
}
