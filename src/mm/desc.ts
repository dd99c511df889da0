// SPDX-License-Identifier: GPL-2.0-only
// What an mmap_prepare hook calls on the description it is given. Linux: include/linux/mm.h

import { PAGE_SIZE } from './flags.ts'
import type { vm_area_desc } from './mm_types.ts'
import { vma_flags_is_cow_mapping } from './vma.ts'

function check_bit(bit: number): number {
  if (Number.isInteger(bit) && bit >= 0 && bit < 64) return bit
  throw new RangeError(
    `${bit} is no VMA flag: give bit numbers such as VMA_IO_BIT, which are integers from 0 to 63`,
  )
}

/** Bytes in the mapping. Linux: include/linux/mm.h:vma_desc_size() */
export function vma_desc_size(desc: vm_area_desc): number {
  return desc.end - desc.start
}

/** Pages in the mapping. Linux: include/linux/mm.h:vma_desc_pages() */
export function vma_desc_pages(desc: vm_area_desc): number {
  return vma_desc_size(desc) / PAGE_SIZE
}

/** Is this one flag set? A RangeError for what is no bit number. Linux: include/linux/mm.h:vma_desc_test() */
export function vma_desc_test(desc: vm_area_desc, bit: number): boolean {
  check_bit(bit)
  return ((bit < 32 ? desc.vm_flags >>> bit : desc.vm_flags_high >>> (bit - 32)) & 1) === 1
}

/** Is one of these flags set? Linux: include/linux/mm.h:vma_desc_test_any() */
export function vma_desc_test_any(desc: vm_area_desc, ...bits: readonly number[]): boolean {
  return bits.some((bit) => vma_desc_test(desc, bit))
}

/** Are all of these flags set? Linux: include/linux/mm.h:vma_desc_test_all() */
export function vma_desc_test_all(desc: vm_area_desc, ...bits: readonly number[]): boolean {
  return bits.every((bit) => vma_desc_test(desc, bit))
}

/** Sets flags, by bit number. Linux: include/linux/mm.h:vma_desc_set_flags() */
export function vma_desc_set_flags(desc: vm_area_desc, ...bits: readonly number[]): void {
  for (const bit of bits) {
    if (check_bit(bit) < 32) desc.vm_flags |= 1 << bit
    else desc.vm_flags_high |= 1 << (bit - 32)
  }
}

/** Clears flags, by bit number. Linux: include/linux/mm.h:vma_desc_clear_flags() */
export function vma_desc_clear_flags(desc: vm_area_desc, ...bits: readonly number[]): void {
  for (const bit of bits) {
    if (check_bit(bit) < 32) desc.vm_flags &= ~(1 << bit)
    else desc.vm_flags_high &= ~(1 << (bit - 32))
  }
}

/**
 * Does a write copy the page: private, and writable now or later? Linux: include/linux/mm.h:vma_desc_is_cow_mapping()
 */
export function vma_desc_is_cow_mapping(desc: vm_area_desc): boolean {
  return vma_flags_is_cow_mapping(desc.vm_flags)
}

/** Makes the mapping anonymous; only for files like /dev/zero. Linux: include/linux/mm.h:vma_desc_set_anonymous() */
export function vma_desc_set_anonymous(desc: vm_area_desc): void {
  desc.vm_ops = null
}

/** Does [start, end), in bytes, lie in the mapping? Linux: include/linux/mm.h:range_in_vma_desc() */
export function range_in_vma_desc(desc: vm_area_desc, start: number, end: number): boolean {
  return desc.start <= start && start < end && end <= desc.end
}
