// SPDX-License-Identifier: GPL-2.0-only
// Calls of a file's hooks around a VMA. Linux: mm/util.c, mm/internal.h

import { type file, type mm_struct, type vm_area_struct, vma_dummy_vm_ops } from './mm_types.ts'
import { do_vmi_munmap } from './munmap.ts'
import { refuse, step } from './steps.ts'

/**
 * Calls the legacy hook, if there is one. After its error no hook of the table it set is called any more.
 * Linux: mm/internal.h:mmap_file()
 */
export function mmap_file(mm: mm_struct, file: file, vma: vm_area_struct): number {
  const hook = file.f_op.mmap
  if (!hook) return 0
  step(mm, 'call_mmap', vma)
  const error = hook(file, vma)
  step(mm, 'return_mmap', vma, error)
  if (error === 0) return 0
  vma.vm_ops = vma_dummy_vm_ops
  return refuse(mm, -error, 'mmap', `the hook of ${file.name} returned an error`)
}

/**
 * Tells the driver that the VMA it described is in place. An error unmaps the VMA, and `close` runs.
 * Linux: mm/util.c:mmap_action_complete()
 * Not modelled: mmap_action_*(). Vectors: 1.
 */
export function mmap_action_complete(mm: mm_struct, vma: vm_area_struct): number {
  const error = call_vma_mapped(mm, vma)
  if (error === 0) return 0
  const { vm_start, vm_end } = vma
  do_vmi_munmap(mm, vm_start, vm_end - vm_start)
  return refuse(mm, -error, 'vm_ops->mapped', 'the hook returned an error')
}

/** Linux: mm/util.c:call_vma_mapped() */
function call_vma_mapped(mm: mm_struct, vma: vm_area_struct): number {
  const hook = vma.vm_ops?.mapped
  if (!hook || !vma.vm_file) return 0
  const private_data = { value: vma.vm_private_data }
  step(mm, 'call_mapped', vma)
  const error = hook(vma.vm_start, vma.vm_end, vma.vm_pgoff, vma.vm_file, private_data)
  step(mm, 'return_mapped', vma, error)
  if (error === 0) vma.vm_private_data = private_data.value
  return error
}
