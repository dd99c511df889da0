// SPDX-License-Identifier: GPL-2.0-only
// System V shared memory: a file of shmem that several processes attach. Linux: ipc/shm.c

import { EINVAL } from './errno.ts'
import { MAP_FIXED, MAP_SHARED, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE } from './flags.ts'
import { mmap_unlock, mmap_write_lock } from './locks.ts'
import { FMODE_READ, FMODE_WRITE, file, type mm_struct } from './mm_types.ts'
import { do_mmap } from './mmap.ts'
import { do_vmi_munmap } from './munmap.ts'
import { shmem_kernel_file_setup, shmem_legacy_operations } from './shmem.ts'
import { refuse, refuse_unaligned } from './steps.ts'

/** Attach for reading only. Linux: include/uapi/linux/shm.h */
export const SHM_RDONLY = 0x1000
/** Round the address down to a page. */
export const SHM_RND = 0x2000
/** Replace what is there. */
export const SHM_REMAP = 0x4000
/** Attach for executing too. */
export const SHM_EXEC = 0x8000

/** A segment of `size` bytes, or null when there is no memory. Linux: ipc/shm.c:newseg() */
export function newseg(mm: mm_struct, size: number): file | null {
  return shmem_kernel_file_setup(mm, size, 0)
}

/** An open of the segment for one attachment: the mappings of two never merge. */
function open_segment(segment: file, mode: number): file {
  return new file(segment.name, shmem_legacy_operations, mode, segment.f_inode, segment)
}

/** shmat(): the address or a negative errno. `shmflg` is SHM_* bits. Linux: ipc/shm.c:do_shmat() */
export function do_shmat(mm: mm_struct, segment: file, shmaddr: number, shmflg: number): number {
  const at = 'do_shmat'
  const rest = shmaddr % PAGE_SIZE
  if (rest !== 0 && !(shmflg & SHM_RND)) return refuse_unaligned(mm, at, shmaddr)
  const addr = shmaddr - rest
  if (addr === 0 && shmflg & SHM_REMAP) return refuse(mm, EINVAL, at, 'SHM_REMAP needs an address')
  mmap_write_lock(mm, 'shmat()')
  try {
    return attach(mm, segment, addr, shmflg)
  } finally {
    mmap_unlock(mm)
  }
}

function attach(mm: mm_struct, segment: file, addr: number, shmflg: number): number {
  const size = segment.f_inode.i_size
  const found = mm.mm_mt.find(addr)
  if (addr !== 0 && !(shmflg & SHM_REMAP) && found && found.vm_start < addr + size)
    return refuse(mm, EINVAL, 'do_shmat', `a VMA at 0x${found.vm_start.toString(16)} is in the way`)
  const writes = !(shmflg & SHM_RDONLY)
  const prot = PROT_READ | (writes ? PROT_WRITE : 0) | (shmflg & SHM_EXEC ? PROT_EXEC : 0)
  const opened = open_segment(segment, FMODE_READ | (writes ? FMODE_WRITE : 0))
  return do_mmap(mm, opened, addr, size, prot, MAP_SHARED | (addr ? MAP_FIXED : 0), 0)
}

/**
 * shmdt(): takes the attachment at `addr` away, what is left of it included. -EINVAL when none begins there.
 * Linux: ipc/shm.c:ksys_shmdt()
 */
export function ksys_shmdt(mm: mm_struct, addr: number): number {
  const at = 'ksys_shmdt'
  if (addr % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, addr)
  mmap_write_lock(mm, 'shmdt()')
  try {
    return detach(mm, addr)
  } finally {
    mmap_unlock(mm)
  }
}

function detach(mm: mm_struct, addr: number): number {
  const part = (vma: { vm_start: number; vm_pgoff: number; vm_file: file | null }): boolean =>
    vma.vm_file?.private_data instanceof file && (vma.vm_start - addr) / PAGE_SIZE === vma.vm_pgoff
  let first = mm.mm_mt.find(addr)
  while (first && !part(first)) first = mm.mm_mt.next(first)
  if (!first?.vm_file) return refuse(mm, EINVAL, 'ksys_shmdt', 'no attachment begins there')
  const { vm_file } = first
  const end = addr + vm_file.f_inode.i_size
  for (const vma of [...mm.mm_mt])
    if (vma.vm_file === vm_file && part(vma) && vma.vm_end <= end)
      do_vmi_munmap(mm, vma.vm_start, vma.vm_end - vma.vm_start)
  return 0
}
