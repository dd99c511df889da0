// SPDX-License-Identifier: GPL-2.0-only
// Advice that changes VMAs. Linux: mm/madvise.c, mm/userfaultfd.c

import { EACCES, EAGAIN, EBADF, EFAULT, EINVAL, ENOMEM, EPERM } from './errno.ts'
import { handle_mm_fault } from './fault.ts'
import {
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_UNMERGEABLE,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
  PAGE_SIZE,
  PMD_SIZE,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DROPPABLE_HIGH,
  VM_HUGEPAGE,
  VM_HUGETLB,
  VM_IO,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  VM_MERGEABLE,
  VM_NOHUGEPAGE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SPECIAL,
  VM_WIPEONFORK,
  VM_WRITE,
} from './flags.ts'
import { is_vm_hugetlb_page } from './hugetlb.ts'
import { before_write } from './journal.ts'
import { ksm_compatible } from './ksm.ts'
import {
  lock_vma_under_rcu,
  mmap_assert_locked,
  mmap_read_lock,
  mmap_unlock,
  mmap_write_lock,
  vma_end_read,
  vma_start_write,
} from './locks.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import { type mm_struct, type vm_area_struct, vma_is_anonymous } from './mm_types.ts'
import { vma_is_sealed } from './munmap.ts'
import { __anon_vma_prepare, is_shared_maywrite } from './rmap.ts'
import { refuse, refuse_unaligned } from './steps.ts'
import { vm_flags_reset, vma_lookup } from './vma.ts'

/** Works on [start, end) of one VMA. Returns the VMA that holds the range then, or a negative errno. */
export type Visit = (
  vma: vm_area_struct,
  prev: vm_area_struct | null,
  start: number,
  end: number,
) => vm_area_struct | number

/**
 * Visits the VMAs of [start, end). A hole is passed over, and -ENOMEM returned at the end.
 * Linux: mm/madvise.c:madvise_walk_vmas()
 */
export function madvise_walk_vmas(mm: mm_struct, start: number, end: number, visit: Visit): number {
  mmap_assert_locked(mm, 'madvise_walk_vmas()')
  let from = start
  let hole: number | null = null
  let vma = mm.mm_mt.find(start)
  let prev = vma && (start > vma.vm_start ? vma : mm.mm_mt.prev(vma))
  while (from < end) {
    if (!vma || vma.vm_start > from) {
      hole ??= from
      if (!vma || vma.vm_start >= end) break
      from = vma.vm_start
    }
    const to = Math.min(vma.vm_end, end)
    const visited = visit(vma, prev, from, to)
    if (typeof visited === 'number') return visited
    prev = visited
    from = Math.max(to, visited.vm_end)
    vma = mm.mm_mt.next(visited)
  }
  if (hole === null) return 0
  return refuse(mm, ENOMEM, 'madvise_walk_vmas', `nothing is mapped at 0x${hole.toString(16)}`)
}

/** Sets and clears low-lane flags of [start, end). Linux: mm/madvise.c:madvise_update_vma() */
export function madvise_update_flags(
  mm: mm_struct,
  start: number,
  end: number,
  set: number,
  clear: number,
): number {
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    const newflags = (vma.vm_flags | set) & ~clear
    return newflags === vma.vm_flags ? vma : change_flags(mm, vma, prev, from, to, newflags)
  })
}

function change_flags(
  mm: mm_struct,
  vma: vm_area_struct,
  prev: vm_area_struct | null,
  start: number,
  end: number,
  newflags: number,
): vm_area_struct | number {
  const vmg = vma_modify_proposal(mm, prev, vma, start, end)
  vmg.vm_flags = newflags
  const changed = vma_modify(vmg)
  if (typeof changed === 'number') return changed
  vma_start_write(changed)
  vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
  return changed
}

/**
 * Names anonymous memory, or takes its name away with null. -EBADF for a file's.
 * Linux: mm/madvise.c:set_anon_vma_name()
 */
export function madvise_set_anon_name(
  mm: mm_struct,
  start: number,
  end: number,
  name: string | null,
): number {
  return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) => {
    if (vma.vm_file)
      return refuse(mm, EBADF, 'madvise_vma_anon_name', 'a file mapping has no other name')
    if (vma.anon_name === name) return vma
    const vmg = vma_modify_proposal(mm, prev, vma, from, to)
    vmg.anon_name = name
    const changed = vma_modify(vmg)
    if (typeof changed === 'number') return changed
    vma_start_write(changed)
    vm_flags_reset(mm, changed, vmg.vm_flags, changed.vm_flags_high)
    changed.anon_name = name
    return changed
  })
}

/** What a piece of advice does to one VMA: refuse it, change its flags, or drop its pages. */
interface Advice {
  /**
   * The lock under which it is carried out: mmap_lock for writing, when absent, or for reading, or only the VMA's.
   * Linux: mm/madvise.c:get_lock_mode()
   */
  readonly lock?: 'read' | 'vma'
  /** The errno with which the VMA is refused; 0 when it is not. */
  readonly refuses?: Refuses
  readonly flags?: (vm_flags: number, high: number) => number
  /** Puts guards in place of the pages, or takes guards away. */
  readonly guards?: 'install' | 'remove'
  /** Takes the pages away. */
  readonly drops?: boolean
  /** Makes the pages present. */
  readonly populates?: 'read' | 'write'
  /** May lose data: refused on a sealed VMA that the process cannot write. */
  readonly discards?: boolean
}

const GUARD_UNFIT = VM_SPECIAL | VM_HUGETLB
const einval = (when: boolean): number => (when ? EINVAL : 0)
type Refuses = (mm: mm_struct, vma: vm_area_struct, start: number) => number
const is_locked: Refuses = (_, { vm_flags }) =>
  einval((vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) !== 0)
/** Huge pages are dropped in whole. Linux: mm/madvise.c:madvise_dontneed_free_valid_vma() */
const keeps_pages =
  (unfit: number): Refuses =>
  (_, vma, start) =>
    einval(is_vm_hugetlb_page(vma) ? start % PMD_SIZE !== 0 : (vma.vm_flags & unfit) !== 0)
const is_droppable = (vma: vm_area_struct): boolean => (vma.vm_flags_high & VM_DROPPABLE_HIGH) !== 0

/** By the number that madvise(2) is given. Linux: mm/madvise.c:madvise_vma_behavior() */
const advice: Readonly<Record<number, Advice>> = {
  [MADV_NORMAL]: { flags: (flags) => flags & ~(VM_RAND_READ | VM_SEQ_READ) },
  [MADV_RANDOM]: { flags: (flags) => (flags & ~VM_SEQ_READ) | VM_RAND_READ },
  [MADV_SEQUENTIAL]: { flags: (flags) => (flags & ~VM_RAND_READ) | VM_SEQ_READ },
  [MADV_WILLNEED]: { lock: 'read' },
  [MADV_DONTNEED]: {
    lock: 'vma',
    refuses: keeps_pages(VM_LOCKED | VM_PFNMAP),
    drops: true,
    discards: true,
  },
  [MADV_FREE]: {
    lock: 'vma',
    refuses: (mm, vma, start) => is_locked(mm, vma, start) || einval(!vma_is_anonymous(vma)),
    discards: true,
  },
  [MADV_REMOVE]: {
    lock: 'read',
    refuses: (_, { vm_flags, vm_file }) => {
      if (vm_flags & VM_LOCKED || !vm_file) return EINVAL
      return is_shared_maywrite(vm_flags) ? 0 : EACCES
    },
    drops: true,
    discards: true,
  },
  [MADV_DONTFORK]: { flags: (flags) => flags | VM_DONTCOPY, discards: true },
  [MADV_DOFORK]: {
    refuses: (mm, { vm_flags }) => einval((vm_flags & mm.release.dofork_refuses) !== 0),
    flags: (flags) => flags & ~VM_DONTCOPY,
  },
  [MADV_MERGEABLE]: {
    flags: (flags, high) => (ksm_compatible(flags, high) ? flags | VM_MERGEABLE : flags),
  },
  [MADV_UNMERGEABLE]: { flags: (flags) => flags & ~VM_MERGEABLE },
  [MADV_HUGEPAGE]: { flags: (flags) => (flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE },
  [MADV_NOHUGEPAGE]: { flags: (flags) => (flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE },
  [MADV_DONTDUMP]: { flags: (flags) => flags | VM_DONTDUMP },
  [MADV_DODUMP]: {
    refuses: (_, vma) =>
      einval(is_droppable(vma) || (!is_vm_hugetlb_page(vma) && (vma.vm_flags & VM_SPECIAL) !== 0)),
    flags: (flags) => flags & ~VM_DONTDUMP,
  },
  [MADV_WIPEONFORK]: {
    refuses: (_, { vm_file, vm_flags }) => einval(vm_file !== null || (vm_flags & VM_SHARED) !== 0),
    flags: (flags) => flags | VM_WIPEONFORK,
    discards: true,
  },
  [MADV_KEEPONFORK]: {
    refuses: (_, vma) => einval(is_droppable(vma)),
    flags: (flags) => flags & ~VM_WIPEONFORK,
  },
  [MADV_COLD]: { lock: 'read', refuses: is_locked },
  [MADV_PAGEOUT]: { lock: 'read', refuses: is_locked },
  [MADV_POPULATE_READ]: { lock: 'read', populates: 'read' },
  [MADV_POPULATE_WRITE]: { lock: 'read', populates: 'write' },
  // No huge page can be made here.
  [MADV_COLLAPSE]: { lock: 'read', refuses: () => EINVAL },
  [MADV_GUARD_INSTALL]: {
    lock: 'vma',
    refuses: (_, { vm_flags }) => einval((vm_flags & (GUARD_UNFIT | VM_LOCKED)) !== 0),
    guards: 'install',
    discards: true,
  },
  [MADV_GUARD_REMOVE]: {
    lock: 'vma',
    refuses: (_, { vm_flags }) => einval((vm_flags & GUARD_UNFIT) !== 0),
    guards: 'remove',
  },
  [MADV_DONTNEED_LOCKED]: {
    lock: 'vma',
    refuses: keeps_pages(VM_PFNMAP),
    drops: true,
    discards: true,
  },
}

/** Does the model know this piece of advice? */
function knows_advice(behavior: number): boolean {
  return Object.hasOwn(advice, behavior)
}

/**
 * madvise(): 0 or a negative errno. Advice that the model does not know is refused with -EINVAL.
 * Linux: mm/madvise.c:do_madvise()
 * Not modelled: huge pages made by the kernel, so MADV_COLLAPSE is always refused; memory failure. Vectors: 0.
 */
export function do_madvise(mm: mm_struct, start: number, length: number, behavior: number): number {
  const at = 'do_madvise'
  const lacks = mm.release.lacks_advice.includes(behavior)
  const what = knows_advice(behavior) && !lacks ? advice[behavior] : undefined
  if (!what) return refuse(mm, EINVAL, at, `advice ${behavior} is unknown`)
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  const len = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE
  if (start + len >= 2 ** 64) return refuse(mm, EINVAL, at, 'address and length overflow')
  if (len === 0) return 0
  return what.lock === 'vma'
    ? advise_under_vma_lock(mm, what, start, start + len)
    : advise_under_mmap_lock(mm, what, start, start + len)
}

/** Linux: mm/madvise.c:madvise_lock(), madvise_do_behavior() */
function advise_under_mmap_lock(mm: mm_struct, what: Advice, start: number, end: number): number {
  if (what.lock) mmap_read_lock(mm, 'madvise()')
  else mmap_write_lock(mm, 'madvise()')
  try {
    if (what.populates) return madvise_populate(mm, start, end, what.populates === 'write')
    return madvise_walk_vmas(mm, start, end, (vma, prev, from, to) =>
      advise_vma(mm, what, vma, prev, from, to),
    )
  } finally {
    mmap_unlock(mm)
  }
}

/**
 * One VMA needs no lock but its own; for more mmap_lock is held for reading.
 * Linux: mm/madvise.c:try_vma_read_lock()
 */
function advise_under_vma_lock(mm: mm_struct, what: Advice, start: number, end: number): number {
  const vma = lock_vma_under_rcu(mm, start, 'madvise()')
  if (!vma) return advise_under_mmap_lock(mm, what, start, end)
  const sufficient = is_vma_lock_sufficient(what, vma, end)
  try {
    if (sufficient) {
      const advised = advise_vma(mm, what, vma, mm.mm_mt.prev(vma), start, end)
      return typeof advised === 'number' ? advised : 0
    }
  } finally {
    vma_end_read(vma)
  }
  return advise_under_mmap_lock(mm, what, start, end)
}

/** Linux: mm/madvise.c:is_vma_lock_sufficient() */
function is_vma_lock_sufficient(what: Advice, vma: vm_area_struct, end: number): boolean {
  if (end > vma.vm_end || vma.vm_userfaultfd_ctx !== null) return false
  return what.guards !== 'install' || !vma_is_anonymous(vma) || vma.anon_vma !== null
}

function advise_vma(
  mm: mm_struct,
  what: Advice,
  vma: vm_area_struct,
  prev: vm_area_struct | null,
  start: number,
  end: number,
): vm_area_struct | number {
  if (what.discards && !can_madvise_modify(vma))
    return refuse(
      mm,
      EPERM,
      'can_madvise_modify',
      `the VMA at 0x${vma.vm_start.toString(16)} is sealed`,
    )
  const error = what.refuses?.(mm, vma, start) ?? 0
  if (error !== 0)
    return refuse(
      mm,
      error,
      'madvise_vma_behavior',
      `the VMA at 0x${vma.vm_start.toString(16)} does not allow it`,
    )
  if (what.drops) mm.pages.zap(start, end)
  if (what.guards) change_guards(mm, vma, start, end, what.guards === 'install')
  const newflags = what.flags?.(vma.vm_flags, vma.vm_flags_high) ?? vma.vm_flags
  if (newflags === vma.vm_flags) return vma
  const changed = change_flags(mm, vma, prev, start, end, newflags)
  return changed === -ENOMEM
    ? refuse(mm, EAGAIN, 'madvise_vma_behavior', mm.refusal?.why ?? 'no memory')
    : changed
}

/** The flag goes to the whole VMA, without a split. Linux: mm/madvise.c:madvise_guard_install() */
function change_guards(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
  install: boolean,
): void {
  if (install) {
    if (vma_is_anonymous(vma)) __anon_vma_prepare(mm, vma)
    before_write(vma)
    vma.vm_flags |= VM_MAYBE_GUARD
    mm.pages.fill(start, end, 'guard')
    return
  }
  for (const run of [...mm.pages.within(start, end)])
    if (run.kind === 'guard') mm.pages.clear(run.start, run.end)
}

/** Sealed anonymous memory that cannot be written keeps its pages. Linux: mm/madvise.c:can_madvise_modify() */
function can_madvise_modify(vma: vm_area_struct): boolean {
  if (!vma_is_sealed(vma)) return true
  return !vma_is_anonymous(vma) || (vma.vm_flags & VM_WRITE) !== 0
}

/** Linux: mm/madvise.c:madvise_populate() */
function madvise_populate(mm: mm_struct, start: number, end: number, write: boolean): number {
  const at = 'madvise_populate'
  for (let addr = start; addr < end; addr += PAGE_SIZE) {
    const vma = vma_lookup(mm, addr)
    if (!vma) return refuse(mm, ENOMEM, at, `nothing is mapped at 0x${addr.toString(16)}`)
    const wanted = write ? VM_WRITE : VM_READ
    if (vma.vm_flags & (VM_IO | VM_PFNMAP) || (vma.vm_flags & wanted) === 0)
      return refuse(
        mm,
        EINVAL,
        at,
        `the VMA at 0x${vma.vm_start.toString(16)} is a device's, or may not be ${write ? 'written' : 'read'}`,
      )
    if (handle_mm_fault(mm, vma, addr, write) !== 0) return -EFAULT
  }
  return 0
}
