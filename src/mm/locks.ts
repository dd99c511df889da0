// SPDX-License-Identifier: GPL-2.0-only
// The locks of an address space. Linux: include/linux/mmap_lock.h

/**
 * Which locks of an address space are held, and by whom. Whole numbers, so that taking a lock costs next to nothing.
 * Linux: include/linux/mm_types.h:struct mm_struct
 */
export class Locks {
  /** -1: held for writing; n > 0: held by n readers; 0: free. */
  mmap_lock = 0
  /** The call that holds mmap_lock; empty when it is free. */
  holder = ''
  /** Odd while mmap_lock is held for writing. A VMA whose `vm_lock_seq` equals it is write-locked. */
  mm_lock_seq = 0
  /** The VMAs that are write-locked. */
  write_locked_vmas = 0
}
