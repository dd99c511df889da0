// SPDX-License-Identifier: GPL-2.0-only
import {
  __compat_vma_mmap,
  compat_set_desc_from_vma,
  EINVAL,
  ENODEV,
  VM_DONTEXPAND,
  VM_FAULT_SIGBUS,
  VMA_DONTEXPAND_BIT,
  type vm_area_desc,
  type vm_area_struct,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, fits, type Pattern } from '../pattern.ts'

/** What a driver of the subsystem fills in: one of the two, at least. */
export interface widget_ops {
  readonly mmap?: (widget: Widget, vma: vm_area_struct) => number
  readonly mmap_prepare?: (widget: Widget, desc: vm_area_desc) => number
}

/** A device of the subsystem. */
export interface Widget {
  readonly ops: widget_ops
  readonly buffer: readonly string[]
}

const dispatcher_vm_ops: vm_operations_struct = {
  fault: (vmf) => {
    const { buffer } = vmf.vma.vm_private_data as Widget
    vmf.page = buffer[vmf.pgoff]
    return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
  },
}

/** A driver's half, both ways. */
const leaf_ops: widget_ops = {
  mmap: (widget, vma) => {
    if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
    vm_flags_set(vma, VM_DONTEXPAND)
    vma.vm_ops = dispatcher_vm_ops
    vma.vm_private_data = widget
    return 0
  },
  mmap_prepare: (widget, desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
    desc.vm_ops = dispatcher_vm_ops
    desc.private_data = widget
    return 0
  },
}

const device = (): Widget => ({ ops: leaf_ops, buffer: bufferPages() })

/** A subsystem that leaves the mapping to its drivers. */
export const dispatcher: Pattern<'legacy' | 'bridge' | Describing, Widget> = {
  name: 'dispatcher',
  text: 'A subsystem that passes the mapping on to a table of hooks of its own.',
  cannot: {
    bridge:
      'Needs 7.1; the hook stays .mmap, so that neither merges nor errors are those of mmap_prepare.',
  },
  device,
  legacy: (widget = device()) => ({
    mmap: (_file, vma) => widget.ops.mmap?.(widget, vma) ?? -ENODEV,
  }),
  ...describingIn(device, (widget) => (desc) => widget.ops.mmap_prepare?.(widget, desc) ?? -ENODEV),
  // While only some drivers are converted: their description is applied to the VMA that there is.
  bridge: (widget = device()) => ({
    mmap: (file, vma) => {
      const { mmap, mmap_prepare } = widget.ops
      if (!mmap_prepare) return mmap?.(widget, vma) ?? -ENODEV
      const desc = compat_set_desc_from_vma(file, vma)
      return mmap_prepare(widget, desc) || __compat_vma_mmap(desc, vma)
    },
  }),
}
