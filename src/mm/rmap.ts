// SPDX-License-Identifier: GPL-2.0-only
// Who maps a file and who owns anonymous pages. Linux: mm/rmap.c, mm/vma.c

import { EFAULT, EINVAL, ENOMEM, EPERM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import { PMD_SIZE, VM_ACCESS_FLAGS, VM_MAYWRITE, VM_SHARED, VM_SPECIAL } from './flags.ts'
import { before_write, count_writers } from './journal.ts'
import {
  i_mmap_assert_write_locked,
  i_mmap_lock_write,
  i_mmap_unlock_write,
  mmap_assert_locked,
} from './locks.ts'
import {
  type address_space,
  anon_vma,
  type file,
  type mm_struct,
  type vm_area_struct,
  vma_pages,
} from './mm_types.ts'
import { refuse } from './steps.ts'
import { vma_flags_is_cow_mapping, vma_lookup } from './vma.ts'

/** May the mapping write to the file, now or after mprotect()? Linux: include/linux/mm.h:vma_is_shared_maywrite() */
export function is_shared_maywrite(vm_flags: number): boolean {
  return (vm_flags & (VM_SHARED | VM_MAYWRITE)) === (VM_SHARED | VM_MAYWRITE)
}

/** Counts a writer, unless the file is sealed against them: -EPERM. Linux: include/linux/fs.h:mapping_map_writable() */
export function mapping_map_writable(mapping: address_space): number {
  if (mapping.i_mmap_writable < 0) return -EPERM
  mapping.i_mmap_writable++
  return 0
}

/** Linux: include/linux/fs.h:mapping_unmap_writable() */
export function mapping_unmap_writable(mapping: address_space): void {
  mapping.i_mmap_writable--
}

/** Makes the file know the VMA; with `hold_rmap_lock` its lock stays held. Linux: mm/vma.c:vma_link_file() */
export function vma_link_file(vma: vm_area_struct, hold_rmap_lock = false): void {
  const { vm_mm, vm_file } = vma
  if (!vm_file) return
  i_mmap_lock_write(vm_mm, vm_file)
  __vma_link_file(vma, vm_file.f_mapping)
  if (!hold_rmap_lock) i_mmap_unlock_write(vm_mm, vm_file)
}

/** Linux: mm/vma.c:__vma_link_file() */
export function __vma_link_file(vma: vm_area_struct, mapping: address_space): void {
  i_mmap_assert_write_locked(mapping)
  const writers = Number(is_shared_maywrite(vma.vm_flags))
  mapping.i_mmap_writable += writers
  mapping.i_mmap.add(vma)
  count_writers(vma.vm_mm, mapping, writers)
}

/** Makes the file forget the VMA. Linux: mm/vma.c:__remove_shared_vm_struct() */
export function __remove_shared_vm_struct(vma: vm_area_struct, mapping: address_space): void {
  i_mmap_assert_write_locked(mapping)
  if (!mapping.i_mmap.delete(vma)) return
  const writers = Number(is_shared_maywrite(vma.vm_flags))
  mapping.i_mmap_writable -= writers
  count_writers(vma.vm_mm, mapping, -writers)
}

/** The VMAs of one file that are taken from it under one lock. Linux: mm/vma.h:struct unlink_vma_file_batch */
const UNLINK_BATCH = 8

/**
 * Makes the files forget their VMAs, up to eight neighbours of one file at a time.
 * Linux: mm/vma.c:unlink_file_vma_batch_add(), unlink_file_vma_batch_process()
 */
export function unlink_file_vmas(mm: mm_struct, vmas: readonly vm_area_struct[]): void {
  let locked: file | null = null
  let batched = 0
  let end = 0
  for (const vma of vmas) {
    const { vm_file } = vma
    // Page tables are freed as far as they lie close together, and the batch ends with them.
    const apart = vma.vm_start > end + PMD_SIZE
    end = vma.vm_end
    if (!vm_file) continue
    if (locked && (apart || locked !== vm_file || batched === UNLINK_BATCH)) {
      i_mmap_unlock_write(mm, locked)
      locked = null
    }
    if (!locked) {
      i_mmap_lock_write(mm, vm_file)
      locked = vm_file
      batched = 0
    }
    __remove_shared_vm_struct(vma, vm_file.f_mapping)
    batched++
  }
  if (locked) i_mmap_unlock_write(mm, locked)
}

/**
 * Copies the links of `source` to `target`, which has none; -ENOMEM leaves it so.
 * Linux: mm/rmap.c:anon_vma_clone()
 */
export function anon_vma_clone(
  mm: mm_struct,
  target: vm_area_struct,
  source: vm_area_struct,
): number {
  for (let link = 0; link < source.anon_vma_chain; link++)
    if (should_fail(mm, 'anon_vma_clone')) return -ENOMEM
  before_write(target)
  target.anon_vma_chain = source.anon_vma_chain
  return 0
}

/** Linux: mm/rmap.c:unlink_anon_vmas() */
export function unlink_anon_vmas(vma: vm_area_struct): void {
  before_write(vma)
  vma.anon_vma = null
  vma.anon_vma_chain = 0
}

/**
 * A neighbour whose anonymous pages this VMA may share, so that the two can merge later.
 * Linux: mm/vma.c:anon_vma_compatible(), reusable_anon_vma()
 */
function reusable_anon_vma(
  mm: mm_struct,
  below: vm_area_struct,
  above: vm_area_struct,
  owner: vm_area_struct,
): anon_vma | null {
  const differing = (below.vm_flags ^ above.vm_flags) & ~(VM_ACCESS_FLAGS | mm.release.ignore_merge)
  const compatible =
    below.vm_end === above.vm_start &&
    below.vm_file === above.vm_file &&
    differing === 0 &&
    below.vm_flags_high === above.vm_flags_high &&
    above.vm_pgoff === below.vm_pgoff + vma_pages(below)
  return compatible && owner.anon_vma_chain === 1 ? owner.anon_vma : null
}

/**
 * The first write fault of a VMA gives it an owner for its anonymous pages: a neighbour's where that helps merging.
 * -EFAULT when nothing is mapped at `addr`, -EINVAL when the VMA has no private pages.
 * Linux: mm/rmap.c:__anon_vma_prepare(), mm/vma.c:find_mergeable_anon_vma()
 */
export function anon_vma_prepare(mm: mm_struct, addr: number): number {
  const vma = vma_lookup(mm, addr)
  if (!vma)
    return refuse(mm, EFAULT, 'handle_mm_fault', `nothing is mapped at 0x${addr.toString(16)}`)
  if (!vma_flags_is_cow_mapping(vma.vm_flags) || vma.vm_flags & VM_SPECIAL)
    return refuse(
      mm,
      EINVAL,
      'anon_vma_prepare',
      `the VMA at 0x${vma.vm_start.toString(16)} has no private pages`,
    )
  __anon_vma_prepare(mm, vma)
  return 0
}

/** Linux: mm/rmap.c:__anon_vma_prepare() */
export function __anon_vma_prepare(mm: mm_struct, vma: vm_area_struct): void {
  if (vma.anon_vma) return
  mmap_assert_locked(mm, '__anon_vma_prepare()')
  before_write(vma)
  const next = mm.mm_mt.next(vma)
  const prev = mm.mm_mt.prev(vma)
  const reused =
    (next?.anon_vma && reusable_anon_vma(mm, vma, next, next)) ||
    (prev?.anon_vma && reusable_anon_vma(mm, prev, vma, prev))
  vma.anon_vma = reused || new anon_vma(++mm.anon_vmas_made)
  vma.anon_vma_chain = 1
}
