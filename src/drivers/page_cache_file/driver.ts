// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE, VM_FAULT_SIGBUS, type vm_operations_struct } from '../../mm/index.ts'
import { type Describing, describingIn, type Pattern } from '../pattern.ts'

/** How often the file was mapped: its time of access, as it were. */
export interface PageCacheFile {
  accessed: number
}

const page_cache_file_vm_ops: vm_operations_struct = {
  fault: (vmf) => {
    const size = vmf.vma.vm_file?.f_inode.i_size ?? 0
    if (vmf.pgoff * PAGE_SIZE >= size) return VM_FAULT_SIGBUS
    vmf.page = `page ${vmf.pgoff}`
    return 0
  },
}

const device = (): PageCacheFile => ({ accessed: 0 })

/** A file that is mapped through the page cache. */
export const pageCacheFile: Pattern<'legacy' | Describing, PageCacheFile> = {
  name: 'page_cache_file',
  text: 'A file system whose file is mapped through the page cache.',
  cannot: {},
  device,
  legacy: (inode = device()) => ({
    fsync: () => 0,
    mmap: (_file, vma) => {
      inode.accessed++
      vma.vm_ops = page_cache_file_vm_ops
      return 0
    },
  }),
  ...describingIn(device, (inode) => (desc) => {
    inode.accessed++
    desc.vm_ops = page_cache_file_vm_ops
    return 0
  }),
}
