// SPDX-License-Identifier: GPL-2.0-only
// Where a mapping goes. Linux: mm/mmap.c, mm/vma.c, mm/huge_memory.c, arch/x86/kernel/sys_x86_64.c

import { ENOMEM, EPERM, is_err } from './errno.ts'
import {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_FIXED,
  MAP_SHARED,
  PAGE_SIZE,
  PMD_SIZE,
  VM_GROWSDOWN,
} from './flags.ts'
import { call_address_hook } from './hooks.ts'
import type { AddressRange, file, mm_struct, vm_area_struct } from './mm_types.ts'
import { refuse, refuse_unaligned } from './steps.ts'

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
  const addr = hint < 0 ? 2 ** 64 - PAGE_SIZE : hint - (hint % PAGE_SIZE)
  return addr !== 0 && addr < mm.range.mmap_min_addr ? mm.range.mmap_min_addr : addr
}

/**
 * The highest free range below `high` whose start is a multiple of `align` bytes. A guard gap in the way lowers the
 * limit for the whole search, as in the kernel: free pages between the two are not looked at.
 * Linux: mm/vma.c:unmapped_area_topdown()
 */
function unmapped_area_topdown(
  mm: mm_struct,
  len: number,
  low: number,
  high: number,
  align: number = PAGE_SIZE,
): number {
  const tree = mm.mm_mt
  const length = len + align - PAGE_SIZE
  let limit = high
  for (;;) {
    const end = tree.highestGapEnd(length, low, limit)
    if (end < 0) return -ENOMEM
    const above = tree.find(end - 1)
    if (!above || vm_start_gap(above) >= end) return end - len - ((end - len) % align)
    limit = vm_start_gap(above)
  }
}

/** The lowest free range from `low` on whose start is a multiple of `align` bytes. Linux: mm/vma.c:unmapped_area() */
export function unmapped_area(
  mm: mm_struct,
  len: number,
  low: number,
  high: number,
  align: number = PAGE_SIZE,
): number {
  const tree = mm.mm_mt
  const length = len + align - PAGE_SIZE
  let limit = low
  for (;;) {
    const gap = tree.lowestGapStart(length, limit, high)
    if (gap < 0) return -ENOMEM
    const start = Math.ceil(gap / align) * align
    const above = tree.find(gap)
    if (!above || vm_start_gap(above) >= start + length) return start
    limit = above.vm_end
  }
}

/** Where 31-bit code models look: the second gigabyte. Linux: arch/x86/kernel/sys_x86_64.c:find_start_end() */
const LOW_AREA = { begin: 0x40000000, end: 0x80000000 }
const FOUR_GB = 2 ** 32

/** Is a range of `len` bytes free at `addr`, guard gaps included? */
function is_free(mm: mm_struct, addr: number, len: number): boolean {
  const above = mm.mm_mt.find(addr)
  return !above || addr + len <= vm_start_gap(above)
}

/** The highest address that is given to whoever does not ask for more. Linux: DEFAULT_MAP_WINDOW */
function window_of({ task_size, map_window = task_size }: AddressRange): number {
  return map_window
}

function alignment(file: file | null): number {
  return file?.hugepages ? PMD_SIZE : PAGE_SIZE
}

/**
 * The hint if it is free, else the lowest free range above a third of the address space; with MAP_32BIT in the second
 * gigabyte. Linux: arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area()
 * Differs: the second gigabyte is searched from its start, not from a random page in its first 32 MiB. Vectors: 0.
 */
function arch_get_unmapped_area(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  flags: number,
): number {
  if (flags & MAP_FIXED) return addr
  const { range } = mm
  const window = window_of(range)
  const legacy_base = Math.ceil(window / 3 / PAGE_SIZE) * PAGE_SIZE
  const upper = addr > window ? range.task_size : window
  const { begin, end } = flags & MAP_32BIT ? LOW_AREA : { begin: legacy_base, end: upper }
  if (len > end) return -ENOMEM
  if (addr !== 0 && addr <= end - len && is_free(mm, addr, len)) return addr
  return unmapped_area(mm, len, begin, end, alignment(file))
}

/**
 * The hint if it is free, else the highest free range below mmap_base, else as from the bottom up. Addresses above the
 * default window are for hints above it. Linux: arch/x86/kernel/sys_x86_64.c:arch_get_unmapped_area_topdown()
 */
function arch_get_unmapped_area_topdown(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  flags: number,
): number {
  if (flags & MAP_FIXED) return addr
  if (flags & MAP_32BIT) return arch_get_unmapped_area(mm, file, addr, len, flags)
  const { task_size, mmap_base, mmap_min_addr } = mm.range
  const window = window_of(mm.range)
  const above_window = addr > window
  // A hint whose range would cross the border of the window is none. Linux: arch/x86/mm/mmap.c
  const usable = addr !== 0 && addr <= task_size - len && above_window === addr + len > window
  if (usable && is_free(mm, addr, len)) return addr
  const low = flags & MAP_ABOVE4G ? FOUR_GB : mmap_min_addr
  const high = above_window ? mmap_base + task_size - window : mmap_base
  const found = unmapped_area_topdown(mm, len, low, high, alignment(file))
  return is_err(found) ? arch_get_unmapped_area(mm, file, addr, len, flags) : found
}

/** From the top or from the bottom, as the process was laid out. Linux: mm/mmap.c:mm_get_unmapped_area() */
export function mm_get_unmapped_area(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  flags: number,
): number {
  const search = mm.range.bottom_up ? arch_get_unmapped_area : arch_get_unmapped_area_topdown
  return search(mm, file, addr, len, flags)
}

/**
 * An address that huge pages can be used at, where the range holds a whole one; 0 when there is none.
 * Linux: mm/huge_memory.c:__thp_get_unmapped_area()
 */
function aligned_to_huge_page(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  offset: number,
  flags: number,
): number {
  const first = Math.ceil(offset / PMD_SIZE) * PMD_SIZE
  if (offset + len - first < PMD_SIZE) return 0
  const found = mm_get_unmapped_area(mm, file, addr, len + PMD_SIZE, flags)
  if (is_err(found)) return 0
  if (found === addr) return addr
  const behind = (((offset - found) % PMD_SIZE) + PMD_SIZE) % PMD_SIZE
  return behind === 0 && !mm.range.bottom_up ? found + PMD_SIZE : found + behind
}

/**
 * Aligned for huge pages when that is of use: what ext4 and other file systems choose. `pgoff` in pages.
 * Linux: mm/huge_memory.c:thp_get_unmapped_area()
 */
export function thp_get_unmapped_area(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  pgoff: number,
  flags: number,
): number {
  const found = aligned_to_huge_page(mm, file, addr, len, pgoff * PAGE_SIZE, flags)
  return found !== 0 ? found : mm_get_unmapped_area(mm, file, addr, len, flags)
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
  const found = search(mm, file, addr, len, pgoff, flags)
  if (is_err(found)) return refuse(mm, -found, 'get_unmapped_area', refused_search(found, len))
  if (found > task_size - len)
    return refuse(mm, ENOMEM, at, `0x${found.toString(16)} + ${len} lies beyond the task size`)
  if (found % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, found)
  if (found < DAC_MMAP_MIN_ADDR && !mm.cap_sys_rawio)
    return refuse(mm, EPERM, 'cap_mmap_addr', 'page 0 needs CAP_SYS_RAWIO')
  return found
}

function refused_search(error: number, len: number): string {
  return error === -ENOMEM
    ? `no free range of ${len} bytes`
    : "the file's get_unmapped_area refuses"
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
    return thp_get_unmapped_area(mm, file, addr, len, 0, flags)
  return mm_get_unmapped_area(mm, file, addr, len, flags)
}
