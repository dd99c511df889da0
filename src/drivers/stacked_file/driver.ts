// SPDX-License-Identifier: GPL-2.0-only
import {
  ENODEV,
  type file,
  get_file,
  openFile,
  PAGE_SIZE,
  vfs_mmap,
  vfs_mmap_prepare,
  vm_area_desc,
  vma_set_file,
} from '../../mm/index.ts'
import { pageCacheFile } from '../page_cache_file/driver.ts'
import type { Hooks, Pattern } from '../pattern.ts'

/** The file below, which is mapped instead. */
export interface StackedFile {
  readonly lower: file
}

const size = 4 * PAGE_SIZE
const over = (lower: file): StackedFile => ({ lower })
const device = (): StackedFile => over(openFile('/lower', pageCacheFile.mapped(), { size }))

/** Calls whichever hook the file below has. */
const stacked: Hooks<StackedFile> = ({ lower } = device()) => ({
  mmap: (_file, vma) => {
    if (!vma.vm_mm.release.era.can_mmap_file(lower)) return -ENODEV
    vma_set_file(vma, lower)
    return vfs_mmap(lower, vma)
  },
})

/** A file that maps another in its place, as overlayfs and fuse do. */
export const stackedFile: Pattern<
  'legacy' | 'proto' | 'prepare' | 'complete' | 'action' | 'mapped' | 'forward',
  StackedFile
> = {
  name: 'stacked_file',
  text: 'A file that maps another in its place, whose hooks may be of either kind.',
  cannot: {
    proto: 'A nested mmap_proto bails out: the file below has to keep .mmap alone.',
    prepare:
      'The outer hook stays .mmap until every file below is converted; flags are only added.',
    complete: 'mmap_complete of the file below runs twice, the second time without its context.',
    action: 'The outer hook stays .mmap until every file below is converted.',
    mapped:
      'The outer hook stays .mmap until every file below is converted; error_override is lost.',
    forward: 'Every file below must have mmap_prepare.',
  },
  device,
  legacy: (made = over(openFile('/lower', pageCacheFile.legacy(), { size }))) => stacked(made),
  proto: (made = over(openFile('/lower', pageCacheFile.legacy(), { size }))) => stacked(made),
  prepare: stacked,
  complete: stacked,
  action: stacked,
  mapped: stacked,
  // What the stacked file can do once every file below is converted: describe what the file below describes.
  forward: ({ lower } = device()) => ({
    mmap_prepare: (desc) => {
      const { mm, start, end, pgoff, vm_flags, vm_flags_high, page_prot } = desc
      const inner = new vm_area_desc(
        mm,
        lower,
        start,
        end,
        pgoff,
        vm_flags,
        vm_flags_high,
        page_prot,
      )
      const error = vfs_mmap_prepare(lower, inner)
      if (error !== 0) return error
      desc.vm_file = inner.vm_file === lower ? get_file(mm, lower) : inner.vm_file
      desc.pgoff = inner.pgoff
      desc.vm_flags = inner.vm_flags
      desc.vm_flags_high = inner.vm_flags_high
      desc.page_prot = inner.page_prot
      desc.vm_ops = inner.vm_ops
      desc.private_data = inner.private_data
      desc.action = inner.action
      return 0
    },
  }),
}
