// SPDX-License-Identifier: GPL-2.0-only
// VMA flags as bit numbers, their masks, and the PROT_* and MAP_* arguments of the system calls.
//
// A VMA's flags fill two 32-bit lanes, since bits go up to 63: `vm_flags` holds bits 0-31 and `vm_flags_high` bits
// 32-63. Linux: include/linux/mm.h (VMA_*_BIT, VM_*), fs/proc/task_mmu.c:show_smap_vma_flags()

/** Pages may be read. */
export const VMA_READ_BIT = 0
/** Pages may be written. */
export const VMA_WRITE_BIT = 1
/** Pages may be executed. */
export const VMA_EXEC_BIT = 2
/** Writes reach the file: a shared mapping of a writable file. */
export const VMA_SHARED_BIT = 3
/** mprotect() may grant PROT_READ. */
export const VMA_MAYREAD_BIT = 4
/** mprotect() may grant PROT_WRITE. */
export const VMA_MAYWRITE_BIT = 5
/** mprotect() may grant PROT_EXEC. */
export const VMA_MAYEXEC_BIT = 6
/** Asked for with MAP_SHARED. */
export const VMA_MAYSHARE_BIT = 7
/** Grows downwards like a stack. */
export const VMA_GROWSDOWN_BIT = 8
/** userfaultfd reports missing pages. */
export const VMA_UFFD_MISSING_BIT = 9
/** Page frames without struct page. */
export const VMA_PFNMAP_BIT = 10
/** May hold guard regions. */
export const VMA_MAYBE_GUARD_BIT = 11
/** userfaultfd reports writes. */
export const VMA_UFFD_WP_BIT = 12
/** Pages are locked in memory. */
export const VMA_LOCKED_BIT = 13
/** Device memory. */
export const VMA_IO_BIT = 14
/** Will be read in sequence. */
export const VMA_SEQ_READ_BIT = 15
/** Will be read at random. */
export const VMA_RAND_READ_BIT = 16
/** Not copied by fork(). */
export const VMA_DONTCOPY_BIT = 17
/** Cannot be grown by mremap(). */
export const VMA_DONTEXPAND_BIT = 18
/** Locked as pages are faulted in. */
export const VMA_LOCKONFAULT_BIT = 19
/** Charged against the commit limit. */
export const VMA_ACCOUNT_BIT = 20
/** Not charged, as asked for with MAP_NORESERVE. */
export const VMA_NORESERVE_BIT = 21
/** A hugetlb mapping. */
export const VMA_HUGETLB_BIT = 22
/** Synchronous page faults (MAP_SYNC). */
export const VMA_SYNC_BIT = 23
/** Belongs to the architecture. */
export const VMA_ARCH_1_BIT = 24
/** Zeroed in a child. */
export const VMA_WIPEONFORK_BIT = 25
/** Left out of core dumps. */
export const VMA_DONTDUMP_BIT = 26
/** Touched since soft-dirty bits were cleared. */
export const VMA_SOFTDIRTY_BIT = 27
/** Pages with and without struct page. */
export const VMA_MIXEDMAP_BIT = 28
/** madvise(MADV_HUGEPAGE). */
export const VMA_HUGEPAGE_BIT = 29
/** madvise(MADV_NOHUGEPAGE). */
export const VMA_NOHUGEPAGE_BIT = 30
/** KSM may merge pages. */
export const VMA_MERGEABLE_BIT = 31
/** Pages may be dropped under pressure. */
export const VMA_DROPPABLE_BIT = 40
/** userfaultfd reports minor faults. */
export const VMA_UFFD_MINOR_BIT = 41
/** Sealed by mseal(). */
export const VMA_SEALED_BIT = 42
/** userfaultfd reports reads and writes. */
export const VMA_UFFD_RWP_BIT = 43

// Masks of the low lane.
/** Mask of {@link VMA_READ_BIT} in the low lane. */
export const VM_READ: number = 1 << VMA_READ_BIT
/** Mask of {@link VMA_WRITE_BIT} in the low lane. */
export const VM_WRITE: number = 1 << VMA_WRITE_BIT
/** Mask of {@link VMA_EXEC_BIT} in the low lane. */
export const VM_EXEC: number = 1 << VMA_EXEC_BIT
/** Mask of {@link VMA_SHARED_BIT} in the low lane. */
export const VM_SHARED: number = 1 << VMA_SHARED_BIT
/** Mask of {@link VMA_MAYREAD_BIT} in the low lane. */
export const VM_MAYREAD: number = 1 << VMA_MAYREAD_BIT
/** Mask of {@link VMA_MAYWRITE_BIT} in the low lane. */
export const VM_MAYWRITE: number = 1 << VMA_MAYWRITE_BIT
/** Mask of {@link VMA_MAYEXEC_BIT} in the low lane. */
export const VM_MAYEXEC: number = 1 << VMA_MAYEXEC_BIT
/** Mask of {@link VMA_MAYSHARE_BIT} in the low lane. */
export const VM_MAYSHARE: number = 1 << VMA_MAYSHARE_BIT
/** Mask of {@link VMA_GROWSDOWN_BIT} in the low lane. */
export const VM_GROWSDOWN: number = 1 << VMA_GROWSDOWN_BIT
/** Mask of {@link VMA_UFFD_MISSING_BIT} in the low lane. */
export const VM_UFFD_MISSING: number = 1 << VMA_UFFD_MISSING_BIT
/** Mask of {@link VMA_PFNMAP_BIT} in the low lane. */
export const VM_PFNMAP: number = 1 << VMA_PFNMAP_BIT
/** Mask of {@link VMA_MAYBE_GUARD_BIT} in the low lane. */
export const VM_MAYBE_GUARD: number = 1 << VMA_MAYBE_GUARD_BIT
/** Mask of {@link VMA_LOCKED_BIT} in the low lane. */
export const VM_LOCKED: number = 1 << VMA_LOCKED_BIT
/** Mask of {@link VMA_IO_BIT} in the low lane. */
export const VM_IO: number = 1 << VMA_IO_BIT
/** Mask of {@link VMA_DONTCOPY_BIT} in the low lane. */
export const VM_DONTCOPY: number = 1 << VMA_DONTCOPY_BIT
/** Mask of {@link VMA_DONTEXPAND_BIT} in the low lane. */
export const VM_DONTEXPAND: number = 1 << VMA_DONTEXPAND_BIT
/** Mask of {@link VMA_LOCKONFAULT_BIT} in the low lane. */
export const VM_LOCKONFAULT: number = 1 << VMA_LOCKONFAULT_BIT
/** Mask of {@link VMA_ACCOUNT_BIT} in the low lane. */
export const VM_ACCOUNT: number = 1 << VMA_ACCOUNT_BIT
/** Mask of {@link VMA_NORESERVE_BIT} in the low lane. */
export const VM_NORESERVE: number = 1 << VMA_NORESERVE_BIT
/** Mask of {@link VMA_HUGETLB_BIT} in the low lane. */
export const VM_HUGETLB: number = 1 << VMA_HUGETLB_BIT
/** Mask of {@link VMA_DONTDUMP_BIT} in the low lane. */
export const VM_DONTDUMP: number = 1 << VMA_DONTDUMP_BIT
/** Mask of {@link VMA_SOFTDIRTY_BIT} in the low lane. */
export const VM_SOFTDIRTY: number = 1 << VMA_SOFTDIRTY_BIT
/** Mask of {@link VMA_MIXEDMAP_BIT} in the low lane. */
export const VM_MIXEDMAP: number = 1 << VMA_MIXEDMAP_BIT
/** Mask of {@link VMA_WIPEONFORK_BIT} in the low lane. */
export const VM_WIPEONFORK: number = 1 << VMA_WIPEONFORK_BIT
/** Mask of {@link VMA_HUGEPAGE_BIT} in the low lane. */
export const VM_HUGEPAGE: number = 1 << VMA_HUGEPAGE_BIT
/** Mask of {@link VMA_NOHUGEPAGE_BIT} in the low lane. */
export const VM_NOHUGEPAGE: number = 1 << VMA_NOHUGEPAGE_BIT
/** Mask of {@link VMA_SEQ_READ_BIT} in the low lane. */
export const VM_SEQ_READ: number = 1 << VMA_SEQ_READ_BIT
/** Mask of {@link VMA_RAND_READ_BIT} in the low lane. */
export const VM_RAND_READ: number = 1 << VMA_RAND_READ_BIT
/** Mask of {@link VMA_MERGEABLE_BIT} in the low lane. */
export const VM_MERGEABLE: number = 1 << VMA_MERGEABLE_BIT
/** Mask of {@link VMA_UFFD_WP_BIT} in the low lane. */
export const VM_UFFD_WP: number = 1 << VMA_UFFD_WP_BIT
/** Mask of {@link VMA_SYNC_BIT} in the low lane. */
export const VM_SYNC: number = 1 << VMA_SYNC_BIT
/** Mask of {@link VMA_SEALED_BIT} in the high lane. */
export const VM_SEALED_HIGH: number = 1 << (VMA_SEALED_BIT - 32)
/** Mask of {@link VMA_DROPPABLE_BIT} in the high lane. */
export const VM_DROPPABLE_HIGH: number = 1 << (VMA_DROPPABLE_BIT - 32)

/** What mprotect() changes. Linux: include/linux/mm.h:VM_ACCESS_FLAGS */
export const VM_ACCESS_FLAGS: number = VM_READ | VM_WRITE | VM_EXEC
/** A mapping with one of these never merges. Linux: include/linux/mm.h:VM_SPECIAL */
export const VM_SPECIAL: number = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP
/** Both kinds of mlock(). Linux: include/linux/mm.h:VM_LOCKED_MASK */
export const VM_LOCKED_MASK: number = VM_LOCKED | VM_LOCKONFAULT
/** Flags of the heap. Linux: include/linux/mm.h:VMA_DATA_DEFAULT_FLAGS */
export const VM_DATA_DEFAULT_FLAGS: number =
  VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC

/** Pages can be read. Linux: include/uapi/asm-generic/mman-common.h */
export const PROT_READ = 0x1
/** Pages can be written. */
export const PROT_WRITE = 0x2
/** Pages can be executed. */
export const PROT_EXEC = 0x4
/** Pages may be used for atomic operations; no effect. */
export const PROT_SEM = 0x8
/** No access. */
export const PROT_NONE = 0x0
/** mprotect(): from the start of a growing-down VMA. */
export const PROT_GROWSDOWN = 0x01000000
/** mprotect(): to the end of a growing-up VMA. */
export const PROT_GROWSUP = 0x02000000

/** Writes are shared. */
export const MAP_SHARED = 0x01
/** Writes are private copies. */
export const MAP_PRIVATE = 0x02
/** MAP_SHARED that refuses unknown flags. */
export const MAP_SHARED_VALIDATE = 0x03
/** Private anonymous memory that may be dropped under pressure. */
export const MAP_DROPPABLE = 0x08
/** The bits that hold the kind of mapping. */
export const MAP_TYPE = 0x0f
/** At exactly this address, replacing what is there. */
export const MAP_FIXED = 0x10
/** Not backed by a file. */
export const MAP_ANONYMOUS = 0x20
/** In the low 2 GiB. */
export const MAP_32BIT = 0x40
/** Above 4 GiB. */
export const MAP_ABOVE4G = 0x80
/** Grows downwards like a stack. */
export const MAP_GROWSDOWN = 0x0100
/** Ignored. */
export const MAP_DENYWRITE = 0x0800
/** Ignored. */
export const MAP_EXECUTABLE = 0x1000
/** Pages are locked in memory. */
export const MAP_LOCKED = 0x2000
/** Not charged against the commit limit. */
export const MAP_NORESERVE = 0x4000
/** Pages are faulted in at once. */
export const MAP_POPULATE = 0x8000
/** With MAP_POPULATE: do not wait for I/O. */
export const MAP_NONBLOCK = 0x10000
/** An address good for a stack; no effect on the VMA. */
export const MAP_STACK = 0x20000
/** From hugetlb pages. */
export const MAP_HUGETLB = 0x40000
/** Where the flags of mmap() hold the binary logarithm of a huge page's size; 0: the default size. */
export const MAP_HUGE_SHIFT = 26
export const MAP_HUGE_MASK = 0x3f
/** Synchronous page faults (DAX). */
export const MAP_SYNC = 0x80000
/** MAP_FIXED that refuses to replace anything. */
export const MAP_FIXED_NOREPLACE = 0x100000

/** madvise(): no advice. */
export const MADV_NORMAL = 0
/** madvise(): will be read at random. */
export const MADV_RANDOM = 1
/** madvise(): will be read in sequence. */
export const MADV_SEQUENTIAL = 2
/** madvise(): will be needed soon. */
export const MADV_WILLNEED = 3
/** madvise(): give the pages up. */
export const MADV_DONTNEED = 4
/** madvise(): the pages may be freed. */
export const MADV_FREE = 8
/** madvise(): punch a hole into the file. */
export const MADV_REMOVE = 9
/** madvise(): not for children. */
export const MADV_DONTFORK = 10
/** madvise(): for children again. */
export const MADV_DOFORK = 11
/** madvise(): KSM may merge pages. */
export const MADV_MERGEABLE = 12
/** madvise(): KSM may not merge pages. */
export const MADV_UNMERGEABLE = 13
/** madvise(): use huge pages. */
export const MADV_HUGEPAGE = 14
/** madvise(): use no huge pages. */
export const MADV_NOHUGEPAGE = 15
/** madvise(): leave out of core dumps. */
export const MADV_DONTDUMP = 16
/** madvise(): put into core dumps again. */
export const MADV_DODUMP = 17
/** madvise(): zeroed in a child. */
export const MADV_WIPEONFORK = 18
/** madvise(): kept in a child again. */
export const MADV_KEEPONFORK = 19
/** madvise(): not needed soon. */
export const MADV_COLD = 20
/** madvise(): reclaim now. */
export const MADV_PAGEOUT = 21
/** madvise(): make present for reading. */
export const MADV_POPULATE_READ = 22
/** madvise(): make present for writing. */
export const MADV_POPULATE_WRITE = 23
/** madvise(): MADV_DONTNEED, locked pages too. */
export const MADV_DONTNEED_LOCKED = 24
/** madvise(): make huge pages now. */
export const MADV_COLLAPSE = 25
/** madvise(): forbid access by guards. */
export const MADV_GUARD_INSTALL = 102
/** madvise(): take guards away. */
export const MADV_GUARD_REMOVE = 103
/** mremap(): the mapping may be moved. */
export const MREMAP_MAYMOVE = 1
/** mremap(): moved to the given address, in place of what is there. */
export const MREMAP_FIXED = 2
/** mremap(): the old mapping stays, without its pages. */
export const MREMAP_DONTUNMAP = 4

/** Bytes in a page. */
export const PAGE_SIZE = 4096
/** log2 of {@link PAGE_SIZE}. */
export const PAGE_SHIFT = 12
/** Bytes that one page-table directory entry maps: the size of a transparent huge page. */
export const PMD_SIZE = 0x200000

// Codes of the VmFlags line in /proc/PID/smaps, in the order in which they are printed.
const codes: readonly (readonly [bit: number, code: string, name: string])[] = [
  [VMA_READ_BIT, 'rd', 'READ'],
  [VMA_WRITE_BIT, 'wr', 'WRITE'],
  [VMA_EXEC_BIT, 'ex', 'EXEC'],
  [VMA_SHARED_BIT, 'sh', 'SHARED'],
  [VMA_MAYREAD_BIT, 'mr', 'MAYREAD'],
  [VMA_MAYWRITE_BIT, 'mw', 'MAYWRITE'],
  [VMA_MAYEXEC_BIT, 'me', 'MAYEXEC'],
  [VMA_MAYSHARE_BIT, 'ms', 'MAYSHARE'],
  [VMA_GROWSDOWN_BIT, 'gd', 'GROWSDOWN'],
  [VMA_UFFD_MISSING_BIT, 'um', 'UFFD_MISSING'],
  [VMA_PFNMAP_BIT, 'pf', 'PFNMAP'],
  [VMA_MAYBE_GUARD_BIT, 'gu', 'MAYBE_GUARD'],
  [VMA_UFFD_WP_BIT, 'uw', 'UFFD_WP'],
  [VMA_LOCKED_BIT, 'lo', 'LOCKED'],
  [VMA_IO_BIT, 'io', 'IO'],
  [VMA_SEQ_READ_BIT, 'sr', 'SEQ_READ'],
  [VMA_RAND_READ_BIT, 'rr', 'RAND_READ'],
  [VMA_DONTCOPY_BIT, 'dc', 'DONTCOPY'],
  [VMA_DONTEXPAND_BIT, 'de', 'DONTEXPAND'],
  [VMA_LOCKONFAULT_BIT, 'lf', 'LOCKONFAULT'],
  [VMA_ACCOUNT_BIT, 'ac', 'ACCOUNT'],
  [VMA_NORESERVE_BIT, 'nr', 'NORESERVE'],
  [VMA_HUGETLB_BIT, 'ht', 'HUGETLB'],
  [VMA_SYNC_BIT, 'sf', 'SYNC'],
  [VMA_ARCH_1_BIT, 'ar', 'ARCH_1'],
  [VMA_WIPEONFORK_BIT, 'wf', 'WIPEONFORK'],
  [VMA_DONTDUMP_BIT, 'dd', 'DONTDUMP'],
  [VMA_SOFTDIRTY_BIT, 'sd', 'SOFTDIRTY'],
  [VMA_MIXEDMAP_BIT, 'mm', 'MIXEDMAP'],
  [VMA_HUGEPAGE_BIT, 'hg', 'HUGEPAGE'],
  [VMA_NOHUGEPAGE_BIT, 'nh', 'NOHUGEPAGE'],
  [VMA_MERGEABLE_BIT, 'mg', 'MERGEABLE'],
  [VMA_DROPPABLE_BIT, 'dp', 'DROPPABLE'],
  [VMA_UFFD_MINOR_BIT, 'ui', 'UFFD_MINOR'],
  [VMA_SEALED_BIT, 'sl', 'SEALED'],
  [VMA_UFFD_RWP_BIT, 'ur', 'UFFD_RWP'],
]

function has(low: number, high: number, bit: number): boolean {
  return ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1
}

/** The VmFlags line of /proc/PID/smaps without its trailing space: `rd wr mr mw me ac`. */
export function vm_flags_codes(low: number, high: number): string {
  return codes.flatMap(([bit, code]) => (has(low, high, bit) ? [code] : [])).join(' ')
}

/** The names of all flags that are set, without prefix, in bit order: `['READ', 'MAYREAD']`. */
export function vm_flags_names(low: number, high: number): string[] {
  if ((low | high) === 0) return []
  return codes.filter(([bit]) => has(low, high, bit)).map(([, , name]) => name)
}
