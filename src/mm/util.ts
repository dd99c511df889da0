// SPDX-License-Identifier: GPL-2.0-only
// Calls of a file's hooks on a VMA that is still being made. Linux: mm/util.c, mm/internal.h

import { mmap_action_prepare } from './action.ts'
import { call_hook } from './hooks.ts'
import { before_write } from './journal.ts'
import {
  type file,
  type mm_struct,
  type mmap_action,
  vm_area_desc,
  type vm_area_struct,
  vma_dummy_vm_ops,
} from './mm_types.ts'
import { misuse, refuse, step } from './steps.ts'
import { fput, get_file } from './vma.ts'

/**
 * Calls the legacy hook, if there is one. After its error no hook of the table it set is called any more.
 * Linux: mm/internal.h:mmap_file()
 */
export function mmap_file(mm: mm_struct, file: file, vma: vm_area_struct): number {
  const error = file.f_op.mmap ? call_mmap(file, vma) : 0
  if (error === 0) return 0
  vma.vm_ops = vma_dummy_vm_ops
  return refuse(mm, -error, 'mmap', `the hook of ${file.name} returned an error`)
}

/** A call of a hook that the file has not: a null pointer, where a kernel stops. */
function null_call(caller: string, file: file, hook: string): Error {
  return new TypeError(
    `${caller}(): ${file.name} has no ${hook}: the kernel calls a null pointer there; look at f_op->${hook} first`,
  )
}

/**
 * Asks the file's mmap_prepare hook. Returns 0 or a negative errno; the description holds what was decided. Throws
 * where the file has no such hook. Linux: include/linux/fs.h:vfs_mmap_prepare()
 */
export function vfs_mmap_prepare(file: file, desc: vm_area_desc): number {
  const { mm } = desc
  const hook = file.f_op.mmap_prepare
  if (!hook) throw null_call('vfs_mmap_prepare', file, 'mmap_prepare')
  step(mm, 'call_mmap_prepare', desc)
  const error = call_hook(mm, 'mmap_prepare', file, () => {
    const ret = hook(mm.release.describe(desc))
    ignore_absent_fields(mm, desc.action)
    return ret
  })
  step(mm, 'return_mmap_prepare', desc, error)
  return error === 0
    ? 0
    : refuse(mm, -error, 'mmap_prepare', `the hook of ${file.name} returned an error`)
}

/**
 * Asks the file's mmap_prepare hook, then checks the action that it asks for. Returns 0 or a negative errno.
 * Linux: mm/vma.c:call_mmap_prepare()
 */
export function prepare_description(file: file, desc: vm_area_desc): number {
  return vfs_mmap_prepare(file, desc) || mmap_action_prepare(desc)
}

function ignore_absent_fields(mm: mm_struct, action: mmap_action): void {
  const { type } = action
  if (mm.release.absent_actions.includes(type)) {
    action.type = 'MMAP_NOTHING'
    misuse(mm, `${type} is not in Linux ${mm.release.name}: ignored`)
  }
  for (const field of mm.release.absent_action_fields) {
    if (!action[field]) continue
    Object.assign(action, { [field]: field === 'error_override' ? 0 : null })
    misuse(mm, `action.${field} is not in Linux ${mm.release.name}: ignored`)
  }
}

/**
 * Calls another file's mapping hook from within a legacy one, as stacked filesystems do: its .mmap, or its mmap_prepare
 * through the compatibility layer. Linux: include/linux/fs.h:vfs_mmap()
 */
export function vfs_mmap(file: file, vma: vm_area_struct): number {
  return vma.vm_mm.release.era.nested(file, vma)
}

/**
 * Calls the file's legacy hook on a VMA in the making. Throws where the file has none.
 * Linux 6.12: include/linux/fs.h:call_mmap()
 */
export function call_mmap(file: file, vma: vm_area_struct): number {
  const hook = file.f_op.mmap
  if (!hook) throw null_call('vfs_mmap', file, 'mmap')
  step(vma.vm_mm, 'call_mmap', vma)
  const error = call_hook(vma.vm_mm, 'mmap', file, () => hook(file, vma))
  step(vma.vm_mm, 'return_mmap', vma, error)
  return error
}

/**
 * Lets mmap_prepare describe a VMA that a legacy hook is already making. The action and `mapped` run before the VMA is
 * in the tree; an error is only returned. Linux: mm/util.c:compat_vma_mmap()
 */
export function compat_vma_mmap(file: file, vma: vm_area_struct): number {
  const desc = compat_set_desc_from_vma(file, vma)
  const error = vfs_mmap_prepare(file, desc)
  if (error !== 0) return error
  desc.action.hide_from_rmap_until_complete = false
  return __compat_vma_mmap(desc, vma)
}

/**
 * Gives a VMA that a legacy hook is making what a description says, and checks and does its action.
 * Linux: mm/util.c:__compat_vma_mmap()
 */
export function __compat_vma_mmap(desc: vm_area_desc, vma: vm_area_struct): number {
  const error = mmap_action_prepare(desc)
  if (error !== 0) return error
  compat_set_vma_from_desc(vma, desc)
  return vma.vm_mm.release.era.complete_compat(desc, vma)
}

/** The description of a VMA that a legacy hook is making. Linux: mm/util.c:compat_set_desc_from_vma() */
export function compat_set_desc_from_vma(file: file, vma: vm_area_struct): vm_area_desc {
  const { vm_mm, vm_start, vm_end, vm_pgoff, vm_flags, vm_flags_high, vm_page_prot } = vma
  const desc = new vm_area_desc(
    vm_mm,
    file,
    vm_start,
    vm_end,
    vm_pgoff,
    vm_flags,
    vm_flags_high,
    vm_page_prot,
  )
  desc.vm_file = vma.vm_file ?? file
  desc.vm_ops = vm_mm.release.null_ops_is_anonymous ? vma.vm_ops : null
  return desc
}

/** Linux: mm/vma.h:compat_set_vma_from_desc() */
function compat_set_vma_from_desc(vma: vm_area_struct, desc: vm_area_desc): void {
  vma.vm_pgoff = desc.pgoff
  if (desc.vm_file !== vma.vm_file) vma_set_file(vma, desc.vm_file)
  const kept = vma.vm_mm.release.compat_assigns_flags ? 0 : ~0
  vma.vm_flags = (vma.vm_flags & kept) | desc.vm_flags
  vma.vm_flags_high = (vma.vm_flags_high & kept) | desc.vm_flags_high
  vma.vm_page_prot = desc.page_prot
  vma.vm_ops = desc.vm_ops
  vma.vm_private_data = desc.private_data
}

/** Puts another file in place of the VMA's, with a reference of its own. Linux: mm/util.c:vma_set_file() */
export function vma_set_file(vma: vm_area_struct, file: file): void {
  before_write(vma)
  const before = vma.vm_file
  vma.vm_file = get_file(vma.vm_mm, file)
  if (before) fput(vma.vm_mm, before)
}
