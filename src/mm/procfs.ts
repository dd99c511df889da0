// SPDX-License-Identifier: GPL-2.0-only
// A VMA as /proc/PID/maps shows it. Linux: fs/proc/task_mmu.c

import { PAGE_SIZE, VM_EXEC, VM_MAYSHARE, VM_READ, VM_WRITE } from './flags.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'

/** The four letters of /proc/PID/maps: `rw-p`. Linux: fs/proc/task_mmu.c:show_vma_header_prefix() */
export function vma_perms({ vm_flags }: Pick<vm_area_struct, 'vm_flags'>): string {
  return (
    (vm_flags & VM_READ ? 'r' : '-') +
    (vm_flags & VM_WRITE ? 'w' : '-') +
    (vm_flags & VM_EXEC ? 'x' : '-') +
    (vm_flags & VM_MAYSHARE ? 's' : 'p')
  )
}

/** The last column of /proc/PID/maps; empty for plain anonymous memory. Linux: fs/proc/task_mmu.c:get_vma_name() */
export function vma_name(mm: mm_struct, vma: vm_area_struct): string {
  if (vma.vm_file) return vma.anon_name ? `[anon_shmem:${vma.anon_name}]` : vma.vm_file.name
  const special = vma.vm_ops?.name?.(vma)
  if (special) return special
  if (vma.vm_start < mm.brk && vma.vm_end > mm.start_brk) return '[heap]'
  if (vma.vm_start <= mm.start_stack && mm.start_stack < vma.vm_end) return '[stack]'
  return vma.anon_name ? `[anon:${vma.anon_name}]` : ''
}

/** Its line of /proc/PID/maps without device and inode: `7ffff7ffb000-7ffff7fff000 rw-s 00001000 /dev/demo`. */
export function maps_line(mm: mm_struct, vma: vm_area_struct): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  const offset = vma.vm_file ? vma.vm_pgoff * PAGE_SIZE : 0
  const fields = [`${hex(vma.vm_start)}-${hex(vma.vm_end)}`, vma_perms(vma), hex(offset)]
  return [...fields, vma_name(mm, vma)].join(' ').trimEnd()
}
