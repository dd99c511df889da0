// SPDX-License-Identifier: GPL-2.0-only
import {
  call_mmap,
  type Era,
  type file,
  fput,
  merge_proposal,
  mmap_file,
  type mmap_state,
  type vm_area_struct,
  vma_merge_new_range,
} from '../mm/index.ts'

/**
 * 6.12: the merge comes first, .mmap works on the new VMA, and changed flags bring a second merge attempt.
 * Linux 6.12: mm/mmap.c:mmap_region()
 */
export const legacy: Era = {
  name: 'legacy',
  about: {
    releases: '6.12',
    status: 'replaced',
    hooks: '.mmap works on the new VMA',
    citation: 'Linux 6.12, mm/mmap.c:mmap_region()',
  },
  before_setup: (): number => 0,
  before_merge: (): number => 0,
  new_file_vma: (map: mmap_state, vma: vm_area_struct, file: file): number => {
    map.asked = { vm_flags: map.vm_flags, vm_flags_high: map.vm_flags_high, file }
    return mmap_file(map.mm, file, vma)
  },
  // The attempt uses the hook's flags, but the caller's offset and file; any VMA below is enough to make it.
  merge_again: (map: mmap_state, vma: vm_area_struct): vm_area_struct | null => {
    const { asked } = map
    const changed = vma.vm_flags !== asked?.vm_flags || vma.vm_flags_high !== asked.vm_flags_high
    if (!changed || !map.prev || !asked) return null
    const merged = vma_merge_new_range(
      merge_proposal(map, vma.vm_flags, vma.vm_flags_high, map.pgoff, asked.file),
    )
    if (merged && vma.vm_file) fput(map.mm, vma.vm_file)
    return merged
  },
  describe: (): void => {},
  complete: (): number => 0,
  abort: (): void => {},
  nested: call_mmap,
  complete_compat: (): number => 0,
  can_mmap_file: (file: file): boolean => file.f_op.mmap !== undefined,
}
