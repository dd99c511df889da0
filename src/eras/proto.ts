// SPDX-License-Identifier: GPL-2.0-only
import {
  call_hook,
  call_mmap,
  describe_mapping,
  EINVAL,
  type Era,
  type file,
  type mmap_state,
  refuse,
  step,
  type vm_area_desc,
  type vm_area_struct,
} from '../mm/index.ts'
import { prepare } from './prepare.ts'

/**
 * The RFC of 30 April 2025: mmap_proto edits the listed fields before the merge, and .mmap may still follow on a new
 * VMA. A call of such a file's hooks from another's .mmap bails out, as was agreed in review.
 *
 * Differs: the mails name no errno for a nested call that bails out; the model's is EINVAL. Vectors: 0.
 */
export const proto: Era = {
  ...prepare,
  name: 'proto',
  about: {
    releases: 'RFC of 30 April 2025',
    status: 'proposed',
    hooks: 'mmap_proto describes the mapping; .mmap may follow on a new VMA',
    citation: '[RFC PATCH 1/3] mm: introduce new .mmap_proto() f_op callback, 30 Apr 2025',
  },
  before_merge: (map: mmap_state): number =>
    map.file?.f_op.mmap_proto ? describe_mapping(map, map.file, call_mmap_proto) : 0,
  nested: (file: file, vma: vm_area_struct): number =>
    file.f_op.mmap_proto
      ? refuse(vma.vm_mm, EINVAL, 'call_mmap', `${file.name} has mmap_proto: it cannot be nested`)
      : call_mmap(file, vma),
  can_mmap_file: ({ f_op }: file): boolean => Boolean(f_op.mmap || f_op.mmap_proto),
}

function call_mmap_proto(file: file, desc: vm_area_desc): number {
  const { mm } = desc
  const hook = file.f_op.mmap_proto
  if (!hook) return 0
  step(mm, 'call_mmap_proto', desc)
  const error = call_hook(mm, 'mmap_proto', file, () => hook(mm.release.describe(desc)))
  step(mm, 'return_mmap_proto', desc, error)
  return error === 0
    ? 0
    : refuse(mm, -error, 'mmap_proto', `the hook of ${file.name} returned an error`)
}
