// SPDX-License-Identifier: GPL-2.0-only
// The objects of the mmap path. Linux: include/linux/mm_types.h, include/linux/fs.h

import type { ShouldFail } from './fault_plan.ts'
import { PAGE_SIZE } from './flags.ts'
import type { History } from './history.ts'
import { RangeTree } from './iter.ts'
import { Locks } from './locks.ts'
import type { vma_merge_struct } from './merge.ts'
import { PageTable } from './pages.ts'
import { maps_line } from './procfs.ts'
import type { Release } from './release.ts'
import type { StepListener } from './steps.ts'

/** Gives a class the text that console.log() and Jupyter show of it; fields would lead through the whole model. */
function shown_as<T>(made: { readonly prototype: T }, text: (value: T) => string): void {
  const value = function (this: T): string {
    return text(this)
  }
  Object.defineProperty(made.prototype, Symbol.for('nodejs.util.inspect.custom'), { value })
}

/** The page cannot be had: the access gets SIGBUS. Linux: include/linux/mm_types.h:VM_FAULT_SIGBUS */
export const VM_FAULT_SIGBUS = 0x2
/** The hook has filled the page table entry itself. Linux: include/linux/mm_types.h:VM_FAULT_NOPAGE */
export const VM_FAULT_NOPAGE = 0x100

/** One access to a page, as a `fault` hook sees it. Linux: include/linux/mm.h:struct vm_fault */
export interface vm_fault {
  readonly vma: vm_area_struct
  /** Bytes, page aligned. */
  readonly address: number
  /** Pages. */
  readonly pgoff: number
  readonly write: boolean
  /** The page that the hook gives, where pages are to be told apart. */
  page: unknown
}

/**
 * A driver's hooks on its VMAs. Hooks that return a number return 0 or a negative errno.
 * Linux: include/linux/mm.h:struct vm_operations_struct
 */
export interface vm_operations_struct {
  /** Gives the page of an access: 0, VM_FAULT_NOPAGE from vmf_insert_pfn(), or VM_FAULT_SIGBUS where there is none. */
  readonly fault?: (vmf: vm_fault) => number
  /** The name that /proc/PID/maps shows for a VMA without a file: `[vdso]`. */
  readonly name?: (vma: vm_area_struct) => string | null
  /** The VMA was duplicated by a split, a fork or a move; never called for the first mapping. */
  readonly open?: (vma: vm_area_struct) => void
  /** The VMA goes away; also after `mapped` or an action failed. */
  readonly close?: (vma: vm_area_struct) => void
  /** May the VMA be split at `addr`? */
  readonly may_split?: (vma: vm_area_struct, addr: number) => number
  /** mprotect() is about to set `newflags` (low lane) on [start, end). */
  readonly mprotect?: (vma: vm_area_struct, start: number, end: number, newflags: number) => number
  /** A new VMA is in place: not on a merge. May replace the private data through the returned object. */
  readonly mapped?: (
    start: number,
    end: number,
    pgoff: number,
    file: file,
    vm_private_data: { value: unknown },
  ) => number
}

/** The table that core installs where a driver's must not be called any more. Linux: mm/init-mm.c:vma_dummy_vm_ops */
export const vma_dummy_vm_ops: vm_operations_struct = Object.freeze({})

/** What backs file pages and which VMAs map them. Linux: include/linux/fs.h:struct address_space */
export class address_space {
  /** The VMAs that map this file. */
  readonly i_mmap: Set<vm_area_struct> = new Set()
  /** Writable shared mappings; negative while the file is sealed against them. */
  i_mmap_writable = 0
  /** -1: `i_mmap` is locked for writing; 0: it is not. */
  i_mmap_rwsem = 0
  /** Memory of the kernel's own file system: memfd, tmpfs, shared anonymous. */
  is_shmem = false
}

/** A file's identity: opens of one path share it. Linux: include/linux/fs.h:struct inode */
export class inode {
  readonly i_ino: number
  readonly i_mapping: address_space = new address_space()
  /** Bytes. */
  i_size: number

  constructor(ino: number, size: number) {
    this.i_ino = ino
    this.i_size = size
  }
}

/** Opened for reading. Linux: include/linux/fs.h:FMODE_READ */
export const FMODE_READ = 0x1
/** Opened for writing. */
export const FMODE_WRITE = 0x2

/** An open file. Linux: include/linux/fs.h:struct file */
export class file {
  /** The path, as /proc/PID/maps prints it. */
  readonly name: string
  readonly f_op: file_operations
  /** FMODE_READ and FMODE_WRITE bits. */
  readonly f_mode: number
  readonly f_inode: inode
  readonly f_mapping: address_space
  /** It lies on a file system mounted noexec: no mapping of it may be executed. */
  readonly noexec: boolean
  /** Sealed against writing (F_SEAL_WRITE, F_SEAL_FUTURE_WRITE): a shared mapping of it may not be written. */
  readonly sealed: boolean
  /** Its offsets go up to 2^64, as those of memory devices do. Linux: FMODE_UNSIGNED_OFFSET */
  readonly unsignedOffset: boolean
  /** Its pages are huge: lengths and places are multiples of PMD_SIZE. Linux: FOP_HUGE_PAGES */
  readonly hugepages: boolean
  /** References: one for the opener, one for each VMA. */
  f_count = 1
  /** The driver's own. */
  private_data: unknown

  constructor(
    name: string,
    f_op: file_operations,
    f_mode: number,
    f_inode: inode,
    private_data: unknown,
    options: {
      noexec?: boolean
      sealed?: boolean
      unsignedOffset?: boolean
      hugepages?: boolean
    } = {},
  ) {
    this.name = name
    this.f_op = f_op
    this.f_mode = f_mode
    this.f_inode = f_inode
    this.f_mapping = f_inode.i_mapping
    this.private_data = private_data
    this.noexec = options.noexec ?? false
    this.sealed = options.sealed ?? false
    this.unsignedOffset = options.unsignedOffset ?? false
    this.hugepages = options.hugepages ?? false
  }

  static {
    shown_as(file, (shown) => `file { ${shown.name}, f_count ${shown.f_count} }`)
  }
}

/** What core does to the page tables after the hook. Linux: include/linux/mm_types.h:enum mmap_action_type */
export type mmap_action_type =
  | 'MMAP_NOTHING'
  | 'MMAP_REMAP_PFN'
  | 'MMAP_IO_REMAP_PFN'
  | 'MMAP_SIMPLE_IO_REMAP'
  | 'MMAP_MAP_KERNEL_PAGES'

/**
 * Page-table work that a hook asks for through mmap_action_remap() and its like. By hand only `error_override` and
 * `hide_from_rmap_until_complete` are set. Linux: include/linux/mm_types.h:struct mmap_action
 */
export class mmap_action {
  type: mmap_action_type = 'MMAP_NOTHING'
  /** Bytes. */
  start = 0
  /** A page frame number. */
  start_pfn = 0
  /** Bytes. */
  size = 0
  /** The page protection of the entries, as the description had it when the action was asked for. */
  pgprot = 0
  /** Bytes. */
  start_phys_addr = 0
  pages: readonly unknown[] = []
  nr_pages = 0
  /** A negative errno that replaces the error of the action or of `mapped`; 0 for none. 7.2 and later. */
  error_override = 0
  /** Called on the finished VMA once the action is done: 0 or a negative errno. 6.19 to 7.1. */
  success_hook: ((vma: vm_area_struct) => number) | null = null
  /** Turns the error of the action into another negative errno. 6.19 to 7.1. */
  error_hook: ((error: number) => number) | null = null
  /** Keep the file's rmap lock until the action is done. */
  hide_from_rmap_until_complete = false
}

/**
 * The mapping that a hook is asked about, before any VMA exists. A hook may change `pgoff`, `vm_file`, the flags (by
 * vma_desc_set_flags() and vma_desc_clear_flags()), `page_prot`, `vm_ops` and `private_data`; the rest is ignored.
 * A hook sees it through the fields of its release ({@link Release.describe}).
 * Linux: include/linux/mm_types.h:struct vm_area_desc
 */
export class vm_area_desc {
  readonly mm: mm_struct
  /** The file whose hook runs. In 6.16 and 6.17 it is the mutable file, which is `vm_file` since. */
  file: file
  /** Bytes. Immutable: an assignment is ignored, as core never reads it back. */
  start: number
  /** Bytes, exclusive. Immutable like `start`. */
  end: number
  /** Pages. */
  pgoff: number
  /** The file of the VMA to be; a file put here gives its reference away. */
  vm_file: file
  /** VM_* flags, bits 0-31. */
  vm_flags: number
  /** VM_* flags, bits 32-63. */
  vm_flags_high: number
  page_prot: number
  /** Starts as an empty table; null makes the VMA anonymous. */
  vm_ops: vm_operations_struct | null = vma_dummy_vm_ops
  private_data: unknown = null
  /** Carried to mmap_complete and mmap_abort. Proposed in September 2025, in no release. */
  mmap_context: unknown = null
  /** Page-table work to be done, by way of mmap_action_remap() and its like. */
  action: mmap_action = new mmap_action()

  constructor(
    mm: mm_struct,
    file: file,
    start: number,
    end: number,
    pgoff: number,
    low: number,
    high: number,
    page_prot: number,
  ) {
    this.mm = mm
    this.file = file
    this.start = start
    this.end = end
    this.pgoff = pgoff
    this.vm_file = file
    this.vm_flags = low
    this.vm_flags_high = high
    this.page_prot = page_prot
  }

  /** All flags as one word, bit n being flag number n. 6.19 and later. */
  get vma_flags(): bigint {
    return (BigInt(this.vm_flags_high >>> 0) << 32n) | BigInt(this.vm_flags >>> 0)
  }

  set vma_flags(flags: bigint) {
    this.vm_flags = Number(BigInt.asIntN(32, flags))
    this.vm_flags_high = Number(BigInt.asIntN(32, flags >> 32n))
  }
}

/**
 * What a driver or filesystem puts into its files. A hook returns 0 or a negative errno.
 * Linux: include/linux/fs.h:struct file_operations
 */
export interface file_operations {
  /** Describes the mapping before any VMA exists; runs for every mmap() that passes the generic checks. */
  readonly mmap_prepare?: (desc: vm_area_desc) => number
  /** The legacy hook: runs on the half-made VMA, and not when the mapping merges. */
  readonly mmap?: (file: file, vma: vm_area_struct) => number
  /**
   * Describes the mapping before the merge; a legacy hook on the same file may follow on the new VMA.
   * Proposed in April 2025, in no release: only linux("rfc-proto") calls it.
   */
  readonly mmap_proto?: (desc: vm_area_desc) => number
  /**
   * The mapping is complete, its VMA and the mm write-locked; an error unmaps it. Needs mmap_prepare.
   * Proposed in September 2025, in no release: only linux("rfc-complete") calls it.
   */
  readonly mmap_complete?: (file: file, vma: vm_area_struct, context: unknown) => number
  /**
   * The new VMA could not be made: undo what mmap_prepare did. Needs mmap_prepare and mmap_complete.
   * Proposed in September 2025, in no release: only linux("rfc-complete") calls it.
   */
  readonly mmap_abort?: (file: file, private_data: unknown, context: unknown) => void
  /** Writes back what msync(MS_SYNC) asks for; without it that is refused. */
  readonly fsync?: (file: file) => number
  /** Chooses an address: the file system's own placement. Returns an address or a negative errno. */
  readonly get_unmapped_area?: (
    mm: mm_struct,
    file: file | null,
    addr: number,
    len: number,
    pgoff: number,
    flags: number,
  ) => number
}

/** The owner of anonymous pages that several VMAs may share after splits and forks. Linux: include/linux/rmap.h */
export class anon_vma {
  /** Counted from 1 in order of allocation. */
  readonly id: number

  constructor(id: number) {
    this.id = id
  }
}

/** One mapping. Addresses in bytes, `vm_end` exclusive. Linux: include/linux/mm_types.h:struct vm_area_struct */
export class vm_area_struct {
  vm_start: number
  vm_end: number
  readonly vm_mm: mm_struct
  /** VM_* flags, bits 0-31. */
  vm_flags = 0
  /** VM_* flags, bits 32-63. */
  vm_flags_high = 0
  /** Offset of the first page in the file, in pages. */
  vm_pgoff = 0
  /** Offset of the first page among its anonymous pages, in pages: 7.3 keeps it apart from `vm_pgoff`. */
  anon_pgoff = 0
  vm_page_prot = 0
  vm_file: file | null = null
  /** null: anonymous. */
  vm_ops: vm_operations_struct | null = vma_dummy_vm_ops
  vm_private_data: unknown = null
  anon_vma: anon_vma | null = null
  /** Links in anon_vma_chain: more than one in a fork child. */
  anon_vma_chain = 0
  /** The name that prctl(PR_SET_VMA_ANON_NAME) gave, or a special mapping's own. */
  anon_name: string | null = null
  /** The userfaultfd that watches it. */
  vm_userfaultfd_ctx: unknown = null
  /** Taken out of the address space, but not yet freed. */
  detached = true
  /** Write-locked when it equals the `mm_lock_seq` of its mm; -1 before the first time. */
  vm_lock_seq = -1
  /** The mapping it was born as, counted from 1 in order of birth within its mm; a split's pieces share it. */
  readonly id: number
  /** 0 for the VMA that the mapping made, n for the n-th piece split off since. */
  readonly piece: number
  /** Counts those pieces, for all of them together; null before the first. */
  pieces: { made: number } | null = null
  /** The tree's own. */
  tree_node = -1
  /** The history's own. */
  serial = -1
  /** The history's own: the state in which it was born or its fields were last kept. */
  kept = -1

  constructor(mm: mm_struct, id: number, piece: number, start: number, end: number) {
    this.vm_mm = mm
    this.id = id
    this.piece = piece
    this.vm_start = start
    this.vm_end = end
  }

  static {
    shown_as(vm_area_struct, (vma) => `vm_area_struct { ${maps_line(vma.vm_mm, vma)} }`)
  }
}

/**
 * Limits that a mapping may meet. Pages, unless said otherwise.
 *
 * Not modelled: hard limits, which say how far setrlimit() may raise a limit; whoever writes a cell may set any.
 * Vectors: 0.
 */
export interface Limits {
  /** sysctl vm.max_map_count: a count of VMAs. */
  max_map_count: number
  /** RLIMIT_AS. */
  as: number
  /** RLIMIT_DATA. */
  data: number
  /** RLIMIT_MEMLOCK. */
  memlock: number
  /** RLIMIT_STACK: the size of one stack. */
  stack: number
  /** sysctl vm.overcommit_memory: OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS or OVERCOMMIT_NEVER. */
  overcommit_memory: number
  /** The pages that may be committed in all, asked under OVERCOMMIT_NEVER. Linux: mm/util.c:vm_commit_limit() */
  commit: number
  /** sysctl vm.user_reserve_kbytes, in pages: what a process leaves to others at most, under OVERCOMMIT_NEVER. */
  user_reserve: number
  /** The pages that one call may ask for under OVERCOMMIT_GUESS: memory and swap of the machine. */
  ram: number
}

/** Where an address space puts things. Bytes. */
export interface AddressRange {
  /** The first address that no mapping may reach. Linux: TASK_SIZE */
  readonly task_size: number
  /** Where the search from the top begins. */
  readonly mmap_base: number
  /** The lowest address that a hint or a search may give. Linux: mmap_min_addr */
  readonly mmap_min_addr: number
  /**
   * Addresses from here on are only for hints above it, as with five levels of page tables; default task_size.
   * Linux: DEFAULT_MAP_WINDOW
   */
  readonly map_window?: number
  /** The process is laid out from the bottom up, as under ADDR_COMPAT_LAYOUT. */
  readonly bottom_up?: boolean
}

/** The refusal that the last failing call met. */
export interface Refusal {
  /** Positive. */
  readonly errno: number
  /** The kernel function that refused. */
  readonly at: string
  /** In words, naming the value and the rule. */
  readonly why: string
}

/** An address space. Counters in pages. Linux: include/linux/mm_types.h:struct mm_struct */
export class mm_struct {
  readonly release: Release
  readonly range: AddressRange
  readonly mm_mt: RangeTree<vm_area_struct> = new RangeTree()
  readonly pages: PageTable = new PageTable()
  /** Which of its locks are held. */
  readonly locks: Locks = new Locks()
  map_count = 0
  total_vm = 0
  locked_vm = 0
  data_vm = 0
  exec_vm = 0
  stack_vm = 0
  /** Pages charged against the commit limit. Linux: vm_committed_as */
  committed = 0
  def_flags = 0
  /** Pages are made present ahead of access where a call asks for it. */
  populates = true
  /** The process may lock what it likes. Linux: CAP_IPC_LOCK */
  cap_ipc_lock = true
  /** The process may map page 0. Linux: CAP_SYS_RAWIO */
  cap_sys_rawio = true
  /**
   * What may be read may be executed. Linux: include/uapi/linux/personality.h:READ_IMPLIES_EXEC
   *
   * Not modelled: the other flags of personality() that are about mappings. MMAP_PAGE_ZERO maps page 0 at execve(),
   * which there is none of here; ADDR_COMPAT_LAYOUT is `bottom_up` of the range. Vectors: 0.
   */
  read_implies_exec = false
  /** Nothing becomes writable and executable, and nothing executable later. Linux: prctl(PR_SET_MDWE) */
  deny_write_exec = false
  /** KSM may merge pages of every private mapping. Linux: prctl(PR_SET_MEMORY_MERGE) */
  merge_any = false
  /** Protection keys in use, as bits; key 0 always is. */
  pkeys_allocated = 1
  /** The protection key that execute-only mappings have; -1 until there is one. */
  execute_only_pkey = -1
  /** Bytes. */
  start_brk = 0
  /** Bytes. */
  brk = 0
  /** An address in the first stack; 0 when there is none. */
  start_stack = 0
  readonly limits: Limits = {
    max_map_count: 65530,
    as: Number.POSITIVE_INFINITY,
    data: Number.POSITIVE_INFINITY,
    memlock: 2048,
    stack: 2048,
    overcommit_memory: 0,
    commit: Number.POSITIVE_INFINITY,
    user_reserve: 0x8000,
    ram: Number.POSITIVE_INFINITY,
  }
  /** Told of every step, when there is one. */
  listener: StepListener | null = null
  /** Asked before every allocation, when there is one. */
  should_fail: ShouldFail | null = null
  /** Why the last failing call failed. */
  refusal: Refusal | null = null
  /** What the neighbours were asked to take in last; only kept while someone listens. */
  proposal: vma_merge_struct | null = null
  /** Puts the system call that ended last into words, as in C; only kept while someone listens. */
  called: (() => string) | null = null
  /** What a hook threw during the call that is under way. */
  thrown: { readonly error: unknown } | null = null
  /** Keeps past states, when it is switched on. */
  history: History | null = null
  vmas_made = 0
  anon_vmas_made = 0
  shmem_files_made = 0

  constructor(release: Release, range: AddressRange) {
    this.release = release
    this.range = range
  }

  static {
    shown_as(
      mm_struct,
      (mm) =>
        `Mm { Linux ${mm.release.name}, ${mm.map_count} VMAs, total_vm ${mm.total_vm} pages }`,
    )
  }
}

/** Is the VMA private anonymous memory, without a table of hooks? Linux: include/linux/mm.h:vma_is_anonymous() */
export function vma_is_anonymous(vma: vm_area_struct): boolean {
  return vma.vm_ops === null
}

/** Pages in a VMA. Linux: include/linux/mm.h:vma_pages() */
export function vma_pages(vma: vm_area_struct): number {
  return (vma.vm_end - vma.vm_start) / PAGE_SIZE
}
