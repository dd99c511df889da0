// SPDX-License-Identifier: GPL-2.0-only
// What the model tells a listener: one step for everything that happens, named after the kernel function.

import { EINVAL } from './errno.ts'
import { PAGE_SIZE } from './flags.ts'
import type { file, mm_struct, vm_area_desc, vm_area_struct } from './mm_types.ts'

/**
 * Told of each step as it happens. `subject` is the live object: copy what you need of it, since the model goes on to
 * change it. The numbers mean what {@link StepName} says for the step; addresses are bytes.
 *
 * A call without a listener costs one comparison.
 */
export type StepListener = (
  name: StepName,
  subject: vm_area_struct | vm_area_desc | file | string | null,
  a: number,
  b: number,
  c: number,
) => void

/**
 * Hooks come twice: `call_...` on entry (subject: the description or the VMA) and `return_...` with the result in `a`.
 *
 * - call_mmap_prepare, call_mmap_proto, call_mmap, call_mapped, call_success_hook, call_open, call_close
 * - call_mmap_complete; call_mmap_abort: subject = the file; oops: subject = the file whose missing hook is called;
 *   munmap_failed: subject = the VMA that stays, a = error
 * - call_may_split: a = address; call_mprotect: a, b = range, c = new flags (low lane)
 * - get_file, fput: subject = the file
 * - remap_pfn_range: a = start, b = page frame number, c = pages; vm_insert_pages: a = start, b = pages;
 *   return_page_work: subject = which of the two, a = error
 * - unmap_mapping_range: subject = a VMA of the file, a, b = the range whose page tables are cleared
 * - unmap_region: a, b = the range whose page tables are cleared
 * - vms_gather_munmap_vmas: a, b = the range whose VMAs are taken out; reattach_vmas: they are put back
 * - vms_clear_range: a, b = the range left empty after a failure past the point of no return
 * - vm_acct_memory: a = pages, negative when given back
 * - __split_vma: subject = the new piece, a = the address of the cut
 * - vm_area_alloc, vma_iter_store: subject = the VMA
 * - vma_merge_new_range: a, b = the range that the neighbours are asked to take in; `mm.proposal` has the rest
 * - commit_merge: subject = the VMA that stays, a, b = its range before
 * - remove_vma: subject = the VMA that is freed
 * - vm_flags_reset: subject = the VMA, a, b = its flags before (low, high lane)
 * - mmap_write_lock, mmap_write_unlock, mmap_write_downgrade, mmap_read_lock, mmap_read_unlock: the lock of the mm
 * - vma_start_write: subject = the VMA, write-locked from now until vma_end_write_all, a = the VMAs that are unlocked
 * - lock_vma_under_rcu, vma_end_read: subject = the VMA, which a fault reads without the mm's lock
 * - i_mmap_lock_write, i_mmap_unlock_write: subject = the file whose `i_mmap` is locked
 * - driver_lock, driver_unlock, driver_get, driver_put, driver_alloc, driver_free: subject = the name of the driver's
 *   lock, counter or object, a = how often it is held then; below 0 when more is given back than was taken
 * - refuse: subject = the kernel function, a = errno
 * - warn: subject = what a debug kernel would print
 * - syscall: a system call is over. a = its result, b, c = start and length in bytes of what it was about;
 *   `mm.called()`
 *   puts it into words
 */
export type StepName =
  | 'call_mmap_prepare'
  | 'return_mmap_prepare'
  | 'call_mmap_proto'
  | 'return_mmap_proto'
  | 'call_mmap'
  | 'return_mmap'
  | 'call_mmap_complete'
  | 'return_mmap_complete'
  | 'call_mmap_abort'
  | 'munmap_failed'
  | 'oops'
  | 'call_mapped'
  | 'return_mapped'
  | 'call_success_hook'
  | 'return_success_hook'
  | 'call_open'
  | 'call_close'
  | 'call_may_split'
  | 'return_may_split'
  | 'call_mprotect'
  | 'return_mprotect'
  | 'get_file'
  | 'fput'
  | 'remap_pfn_range'
  | 'vm_insert_pages'
  | 'return_page_work'
  | 'unmap_mapping_range'
  | 'unmap_region'
  | 'vms_gather_munmap_vmas'
  | 'reattach_vmas'
  | 'vms_clear_range'
  | 'vm_acct_memory'
  | '__split_vma'
  | 'vm_area_alloc'
  | 'vma_iter_store'
  | 'vma_merge_new_range'
  | 'commit_merge'
  | 'remove_vma'
  | 'vm_flags_reset'
  | 'mmap_write_lock'
  | 'mmap_write_unlock'
  | 'mmap_write_downgrade'
  | 'mmap_read_lock'
  | 'mmap_read_unlock'
  | 'vma_start_write'
  | 'vma_end_write_all'
  | 'lock_vma_under_rcu'
  | 'vma_end_read'
  | 'i_mmap_lock_write'
  | 'i_mmap_unlock_write'
  | 'driver_lock'
  | 'driver_unlock'
  | 'driver_get'
  | 'driver_put'
  | 'driver_alloc'
  | 'driver_free'
  | 'refuse'
  | 'warn'
  | 'syscall'

/** Tells the listener, if there is one. */
export function step(
  mm: mm_struct,
  name: StepName,
  subject: vm_area_struct | vm_area_desc | file | string | null,
  a = 0,
  b = 0,
  c = 0,
): void {
  if (mm.listener !== null) mm.listener(name, subject, a, b, c)
}

/** Remembers why a call is refused and returns the negative errno, to be returned in turn. */
export function refuse(mm: mm_struct, errno: number, at: string, why: string): number {
  mm.refusal = { errno, at, why }
  if (mm.listener !== null) mm.listener('refuse', at, errno, 0, 0)
  return -errno
}

/** -EINVAL for an address off a page boundary. */
export function refuse_unaligned(mm: mm_struct, at: string, addr: number): number {
  return refuse(mm, EINVAL, at, `address 0x${addr.toString(16)} is not a multiple of ${PAGE_SIZE}`)
}

/**
 * Says that a hook did what its release does not allow; throws too where the release is strict. Call it inside a hook.
 */
export function misuse(mm: mm_struct, what: string): void {
  step(mm, 'warn', what)
  if (mm.release.strict) throw new TypeError(what)
}
