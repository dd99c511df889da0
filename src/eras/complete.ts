// SPDX-License-Identifier: GPL-2.0-only
import {
  call_hook,
  call_void_hook,
  do_vmi_munmap,
  EINVAL,
  type Era,
  type file,
  type mm_struct,
  type mmap_state,
  refuse,
  step,
  type vm_area_desc,
  type vm_area_struct,
} from '../mm/index.ts'
import { mapped } from './mapped.ts'

/**
 * The series of September 2025: mmap_prepare, then mmap_complete on the finished VMA, or mmap_abort when none could be
 * made. Replaced by actions and `vm_ops->mapped` before it landed.
 */
export const complete: Era = {
  ...mapped,
  name: 'complete',
  about: {
    releases: 'series of 8 September 2025',
    status: 'proposed',
    hooks: 'mmap_prepare describes the mapping; mmap_complete gets the VMA, or mmap_abort undoes',
    citation: '[PATCH 06/16] mm: introduce the f_op->mmap_complete, mmap_abort hooks, 8 Sep 2025',
  },
  before_setup: (map: mmap_state): number =>
    map.original_file ? check_hooks(map.mm, map.original_file) : 0,
  abort: (map: mmap_state): void => {
    // Whether there is such a hook is looked up on the file given to mmap(), but the current file's is called.
    if (!map.original_file?.f_op.mmap_abort || !map.file) return
    const { mmap_abort } = map.file.f_op
    if (!mmap_abort) {
      step(map.mm, 'oops', map.file)
      return
    }
    step(map.mm, 'call_mmap_abort', map.file)
    const { file, vm_private_data, mmap_context } = map
    call_void_hook(map.mm, `mmap_abort of ${file.name}`, () =>
      mmap_abort(file, vm_private_data, mmap_context),
    )
  },
  complete: (map: mmap_state, vma: vm_area_struct): number => {
    const failed = mapped.complete(map, vma)
    if (failed !== 0) return failed
    const error = call_mmap_complete(map.mm, map.file, vma, map.mmap_context)
    if (error === 0) return 0
    const { vm_start, vm_end } = vma
    const stuck = do_vmi_munmap(map.mm, vm_start, vm_end - vm_start)
    if (stuck !== 0) step(map.mm, 'munmap_failed', vma, stuck)
    return refuse(map.mm, -error, 'mmap_complete', 'the hook returned an error')
  },
  complete_compat: (desc: vm_area_desc, vma: vm_area_struct): number =>
    mapped.complete_compat(desc, vma) ||
    call_mmap_complete(desc.mm, desc.file, vma, desc.mmap_context),
}

/** Each hook needs those that run before it. */
function check_hooks(mm: mm_struct, file: file): number {
  const { mmap_prepare, mmap_complete, mmap_abort } = file.f_op
  if (mmap_complete && !mmap_prepare)
    return refuse(mm, EINVAL, '__mmap_setup', `${file.name} has mmap_complete but no mmap_prepare`)
  if (mmap_abort && !(mmap_prepare && mmap_complete))
    return refuse(
      mm,
      EINVAL,
      '__mmap_setup',
      `${file.name} has mmap_abort but not both mmap_prepare and mmap_complete`,
    )
  return 0
}

function call_mmap_complete(
  mm: mm_struct,
  file: file | null,
  vma: vm_area_struct,
  context: unknown,
): number {
  const hook = file?.f_op.mmap_complete
  if (!file || !hook) return 0
  step(mm, 'call_mmap_complete', vma)
  const error = call_hook(mm, 'mmap_complete', file, () => hook(file, vma, context))
  step(mm, 'return_mmap_complete', vma, error)
  return error
}
