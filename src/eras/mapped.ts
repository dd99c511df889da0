// SPDX-License-Identifier: GPL-2.0-only
import {
  call_mmap,
  call_mmap_prepare,
  call_success_hook,
  call_vma_mapped,
  compat_vma_mmap,
  do_page_work,
  type Era,
  type file,
  maybe_rmap_unlock_action,
  type mmap_action,
  mmap_file,
  type mmap_state,
  set_vma_user_defined_fields,
  unmap_failed_action,
  type vm_area_desc,
  type vm_area_struct,
} from '../mm/index.ts'

/** 7.1 to 7.3, the default: `vm_ops->mapped` is told of a new VMA. Linux: mm/vma.c:__mmap_region() */
export const mapped: Era = {
  name: 'mapped',
  about: {
    releases: '7.1 to 7.3',
    status: 'landed',
    hooks: 'mmap_prepare describes the mapping, core does its action, vm_ops->mapped is told',
    citation: 'commit c50ca15dd496, Linux 7.1; Documentation/filesystems/mmap_prepare.rst',
  },
  before_setup: (): number => 0,
  before_merge: (map: mmap_state): number => (map.file ? call_mmap_prepare(map, map.file) : 0),
  new_file_vma: (map: mmap_state, vma: vm_area_struct, file: file): number =>
    mmap_file(map.mm, file, vma),
  merge_again: (): null => null,
  describe: (map: mmap_state, vma: vm_area_struct): void => {
    if (!map.action) return
    if (map.allocated_new || map.mm.release.merge_overwrites_fields)
      set_vma_user_defined_fields(map, vma)
  },
  complete: (map: mmap_state, vma: vm_area_struct): number => {
    if (!map.action) return 0
    const error = carry_out(vma, map.action)
    maybe_rmap_unlock_action(vma, map.action)
    return error === 0 ? 0 : unmap_failed_action(vma, map.action, error)
  },
  abort: (): void => {},
  nested: (file: file, vma: vm_area_struct): number =>
    file.f_op.mmap_prepare ? compat_vma_mmap(file, vma) : call_mmap(file, vma),
  complete_compat: (desc: vm_area_desc, vma: vm_area_struct): number => carry_out(vma, desc.action),
  can_mmap_file: (file: file): boolean => !file.f_op.mmap !== !file.f_op.mmap_prepare,
}

function carry_out(vma: vm_area_struct, action: mmap_action): number {
  return do_page_work(vma, action) || call_vma_mapped(vma) || call_success_hook(vma, action)
}
