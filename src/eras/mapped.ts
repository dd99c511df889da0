// SPDX-License-Identifier: GPL-2.0-only
import {
  call_mmap_prepare,
  type Era,
  type file,
  mmap_action_complete,
  mmap_file,
  type mmap_state,
  set_vma_user_defined_fields,
  type vm_area_struct,
} from '../mm/index.ts'

/**
 * 7.1 to 7.3, the default: mmap_prepare describes the mapping before the merge, `vm_ops->mapped` is told of a new VMA.
 * Status: landed. Linux: mm/vma.c:__mmap_region(), mm/util.c:mmap_action_complete()
 */
export const mapped: Era = {
  name: 'mapped',
  before_setup: (): number => 0,
  before_merge: (map: mmap_state): number => (map.file ? call_mmap_prepare(map, map.file) : 0),
  new_file_vma: (map: mmap_state, vma: vm_area_struct, file: file): number =>
    mmap_file(map.mm, file, vma),
  merge_again: (): null => null,
  new_vma: (map: mmap_state, vma: vm_area_struct): void => {
    if (map.action) set_vma_user_defined_fields(map, vma)
  },
  complete: (map: mmap_state, vma: vm_area_struct): number =>
    map.action ? mmap_action_complete(map.mm, vma, map.action, false) : 0,
  abort: (): void => {},
  complete_compat: (): number => 0,
  can_mmap_file: (file: file): boolean => !file.f_op.mmap !== !file.f_op.mmap_prepare,
}
