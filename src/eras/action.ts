// SPDX-License-Identifier: GPL-2.0-only
import {
  call_success_hook,
  do_page_work,
  type Era,
  filter_error,
  maybe_rmap_unlock_action,
  type mmap_action,
  type mmap_state,
  unmap_failed_action,
  type vm_area_desc,
  type vm_area_struct,
} from '../mm/index.ts'
import { prepare } from './prepare.ts'

/**
 * 6.19 and 7.0: core fills the page tables that mmap_prepare asks for. Linux 6.19: mm/util.c:mmap_action_complete()
 *
 * Differs: 6.19 and 7.0 before 7.0.13 look for a VMA to unmap after an error under the compatibility layer, where none
 * is in the tree yet; the model leaves the tree alone. Vectors: 0.
 */
export const action: Era = {
  ...prepare,
  name: 'action',
  about: {
    releases: '6.19 and 7.0',
    status: 'replaced',
    hooks: 'mmap_prepare describes the mapping and an action, core does it, success_hook is told',
    citation: 'commit ac0a3fc9c07d, Linux 6.19',
  },
  complete: (map: mmap_state, vma: vm_area_struct): number => {
    if (!map.action) return 0
    const error = do_page_work(vma, map.action)
    maybe_rmap_unlock_action(vma, map.action)
    if (error !== 0) return unmap_failed_action(vma, map.action, error)
    // The error of a success_hook is told, but the mapping stays.
    return call_success_hook(vma, map.action)
  },
  complete_compat: (desc: vm_area_desc, vma: vm_area_struct): number => carry_out(vma, desc.action),
}

function carry_out(vma: vm_area_struct, asked: mmap_action): number {
  const error = do_page_work(vma, asked)
  return error === 0 ? call_success_hook(vma, asked) : filter_error(vma.vm_mm, asked, error)
}
