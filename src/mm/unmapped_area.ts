// SPDX-License-Identifier: GPL-2.0-only
// Where a mapping goes. Linux: mm/mmap.c, mm/vma.c, mm/huge_memory.c, arch/x86/kernel/sys_x86_64.c

import { EINVAL, ENOMEM, EPERM, is_err } from './errno.ts'
import { MAP_FIXED, MAP_SHARED, PAGE_SIZE, PMD_SIZE, VM_GROWSDOWN } from './flags.ts'
import { call_address_hook } from './hooks.ts'
import type { file, mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse } from './steps.ts'

/** Below this address a mapping needs CAP_SYS_RAWIO. Linux: security/min_addr.c:dac_mmap_min_addr */
const DAC_MMAP_MIN_ADDR = 4096

/** Bytes kept free below a VMA that grows downwards. Linux: mm/mmap.c:stack_guard_gap */
export const STACK_GUARD_GAP: number = 256 * PAGE_SIZE

/** The start of the VMA and of its guard gap. Linux: include/linux/mm.h:vm_start_gap() */
export function vm_start_gap(vma: vm_area_struct): number {
  if ((vma.vm_flags & VM_GROWSDOWN) === 0) return vma.vm_start
  return Math.max(0, vma.vm_start - STACK_GUARD_GAP)
}

/** A hint, rounded down to a page and raised to the lowest address allowed. Linux: mm/mmap.c:round_hint_to_min() */
export function round_hint_to_min(mm: mm_struct, hint: number): number {
  const addr = hint - (hint % PAGE_SIZE)
  return addr !== 0 && addr < mm.range.mmap_min_addr ? mm.range.mmap_min_addr : addr
}

/**
 * The highest free range below `high`. A guard gap in the way lowers the limit for the whole search, as in the kernel:
 * free pages between the two are not looked at. Linux: mm/vma.c:unmapped_area_topdown()
 */
export function unmapped_area_topdown(
  mm: mm_struct,
  len: number,
  low: number,
  high: number,
): number {
  const tree = mm.mm_mt
  let limit = high
  for (;;) {
    const end = tree.highestGapEnd(len, low, limit)
    if (end < 0) return -ENOMEM
    const above = tree.find(end - 1)
    if (!above || vm_start_gap(above) >= end) return end - len
    limit = vm_start_gap(above)
  }
}

/** The lowest free range from `low` on. Linux: mm/vma.c:unmapped_area() */
export function unmapped_area(mm: mm_struct, len: number, low: number, high: number): number {
  const tree = mm.mm_mt
  let limit = low
  for (;;) {
    const start = tree.lowestGapStart(len, limit, high)
    if (start < 0) return -ENOMEM
    const above = tree.find(start)
    if (!above || vm_start_gap(above) >= start + len) return start
    limit = above.vm_end
  }
}

/**
 * The hint if it is free, else the highest free range below mmap_base, else the lowest above it.
 * Linux: arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area_topdown()
 * Not modelled: MAP_32BIT, MAP_ABOVE4G, legacy layout, 5-level paging. Vectors: 0.
 */
export function arch_get_unmapped_area_topdown(mm: mm_struct, addr: number, len: number): number {
  const { task_size, mmap_base, mmap_min_addr } = mm.range
  if (addr !== 0 && addr <= task_size - len) {
    const above = mm.mm_mt.find(addr)
    if (!above || addr + len <= vm_start_gap(above)) return addr
  }
  const found = unmapped_area_topdown(mm, len, mmap_min_addr, mmap_base)
  return is_err(found) ? unmapped_area(mm, len, mmap_base, task_size) : found
}

/**
 * An address that huge pages can be used at, where the range holds a whole one; 0 when there is none.
 * Linux: mm/huge_memory.c:__thp_get_unmapped_area()
 */
function aligned_to_huge_page(mm: mm_struct, addr: number, len: number, offset: number): number {
  const first = Math.ceil(offset / PMD_SIZE) * PMD_SIZE
  if (offset + len - first < PMD_SIZE) return 0
  const found = arch_get_unmapped_area_topdown(mm, addr, len + PMD_SIZE)
  if (is_err(found)) return 0
  if (found === addr) return addr
  const behind = (((offset - found) % PMD_SIZE) + PMD_SIZE) % PMD_SIZE
  return behind === 0 ? found + PMD_SIZE : found + behind
}

/**
 * Aligned for huge pages when that is of use: what ext4 and other file systems choose. `pgoff` in pages.
 * Linux: mm/huge_memory.c:thp_get_unmapped_area()
 */
export function thp_get_unmapped_area(
  mm: mm_struct,
  _file: file | null,
  addr: number,
  len: number,
  pgoff: number,
): number {
  const found = aligned_to_huge_page(mm, addr, len, pgoff * PAGE_SIZE)
  return found !== 0 ? found : arch_get_unmapped_area_topdown(mm, addr, len)
}

/**
 * Chooses the address of a mapping and checks it. Returns it or a negative errno. `pgoff` in pages.
 * Linux: mm/mmap.c:__get_unmapped_area()
 */
export function __get_unmapped_area(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  pgoff: number,
  flags: number,
): number {
  const at = '__get_unmapped_area'
  const { task_size } = mm.range
  if (len > task_size)
    return refuse(
      mm,
      ENOMEM,
      at,
      `${len} bytes are more than the task size 0x${task_size.toString(16)}`,
    )
  const found = flags & MAP_FIXED ? addr : search(mm, file, addr, len, pgoff, flags)
  if (is_err(found)) return refuse(mm, -found, 'vm_unmapped_area', `no free range of ${len} bytes`)
  if (found > task_size - len)
    return refuse(mm, ENOMEM, at, `0x${found.toString(16)} + ${len} lies beyond the task size`)
  if (found % PAGE_SIZE !== 0)
    return refuse(
      mm,
      EINVAL,
      at,
      `address 0x${found.toString(16)} is not a multiple of ${PAGE_SIZE}`,
    )
  if (found < DAC_MMAP_MIN_ADDR && !mm.cap_sys_rawio)
    return refuse(mm, EPERM, 'cap_mmap_addr', 'page 0 needs CAP_SYS_RAWIO')
  return found
}

function search(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  pgoff: number,
  flags: number,
): number {
  const own = file?.f_op.get_unmapped_area
  if (own)
    return call_address_hook(mm, 'get_unmapped_area', () => own(mm, file, addr, len, pgoff, flags))
  const anonymous = file === null && (flags & MAP_SHARED) === 0
  if (anonymous && addr === 0 && len % PMD_SIZE === 0)
    return thp_get_unmapped_area(mm, file, addr, len, 0)
  return arch_get_unmapped_area_topdown(mm, addr, len)
}
