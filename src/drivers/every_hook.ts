// SPDX-License-Identifier: GPL-2.0-only
import {
  type file_operations,
  mmap_action_remap_full,
  mutex,
  mutex_lock,
  mutex_unlock,
  PAGE_SIZE,
  remap_pfn_range,
  VM_REMAP_FLAGS,
  type vm_area_desc,
  type vm_area_struct,
  type vm_operations_struct,
  vma_pages,
} from '../mm/index.ts'
import type { Hooks, Pattern } from './pattern.ts'

/** A device that is mapped ahead of any access, or whose mappings may merge: one cannot have both. */
export interface EveryHook {
  readonly fills: boolean
  readonly lock: mutex
  /** The first page frame. */
  readonly pfn: number
}

const device = (): EveryHook => ({ fills: true, lock: new mutex('device_lock'), pfn: 0x5808 })

const vm_ops: vm_operations_struct = { open: () => {}, close: () => {}, fault: () => 0 }

function remap({ fills, pfn }: EveryHook, vma: vm_area_struct): number {
  if (!fills) return 0
  return remap_pfn_range(vma, vma.vm_start, pfn, vma_pages(vma) * PAGE_SIZE)
}

function edit(desc: vm_area_desc, made: EveryHook, ops: vm_operations_struct = vm_ops): void {
  desc.vm_ops = ops
  desc.private_data = made
}

/** What core fills itself it marks itself; what a later hook fills is marked here, so that it does not merge. */
const marked = ({ fills }: EveryHook, desc: vm_area_desc): void => {
  if (fills) desc.vm_flags |= VM_REMAP_FLAGS
}

const legacy: Hooks<EveryHook> = (made = device()): file_operations => ({
  mmap: (_file, vma) => {
    vma.vm_ops = vm_ops
    vma.vm_private_data = made
    return remap(made, vma)
  },
})

/** Each hook that an era calls, doing what it is for: to see the order of things, not to be copied. */
export const everyHook: Pattern<
  'legacy' | 'proto' | 'prepare' | 'complete' | 'action' | 'mapped',
  EveryHook
> = {
  name: 'every_hook',
  text: 'A driver with every hook of its era.',
  cannot: { prepare: 'Nothing fills the page tables after the description: pages come by faults.' },
  device,
  legacy,
  proto: (made = device()) => ({
    mmap_proto: (desc) => {
      marked(made, desc)
      edit(desc, made)
      return 0
    },
    mmap: (_file, vma) => remap(made, vma),
  }),
  prepare: (made = device()) => ({
    mmap_prepare: (desc) => {
      edit(desc, made)
      return 0
    },
  }),
  complete: (made = device()) => ({
    mmap_prepare: (desc) => {
      mutex_lock(made.lock)
      marked(made, desc)
      edit(desc, made)
      desc.mmap_context = made
      return 0
    },
    mmap_complete: (_file, vma) => {
      const error = remap(made, vma)
      mutex_unlock(made.lock)
      return error
    },
    mmap_abort: () => mutex_unlock(made.lock),
  }),
  action: (made = device()) => ({
    mmap_prepare: (desc) => {
      edit(desc, made)
      if (made.fills) mmap_action_remap_full(desc, made.pfn)
      desc.action.success_hook = () => 0
      return 0
    },
  }),
  mapped: (made = device()) => ({
    mmap_prepare: (desc) => {
      edit(desc, made, { ...vm_ops, mapped: () => 0 })
      if (made.fills) mmap_action_remap_full(desc, made.pfn)
      return 0
    },
  }),
}
