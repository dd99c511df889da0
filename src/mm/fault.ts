// SPDX-License-Identifier: GPL-2.0-only
// Access to a page, and pages made present ahead of it. Linux: mm/memory.c, mm/gup.c, mm/mmap_lock.c, mm/vma.c

import { EFAULT, ENOMEM } from './errno.ts'
import {
  PAGE_SIZE,
  VM_ACCESS_FLAGS,
  VM_ACCOUNT,
  VM_GROWSDOWN,
  VM_IO,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_PFNMAP,
  VM_SHARED,
  VM_WRITE,
} from './flags.ts'
import { call_fault_hook } from './hooks.ts'
import { before_write } from './journal.ts'
import {
  lock_vma_under_rcu,
  mmap_assert_locked,
  mmap_assert_write_locked,
  mmap_read_lock,
  mmap_read_unlock,
  mmap_unlock,
  mmap_write_downgrade,
  mmap_write_lock,
  mmap_write_unlock,
  vma_end_read,
  vma_start_write,
} from './locks.ts'
import {
  type mm_struct,
  VM_FAULT_NOPAGE,
  VM_FAULT_SIGBUS,
  type vm_area_struct,
  type vm_fault,
  vma_is_anonymous,
} from './mm_types.ts'
import { is_execute_only } from './pkeys.ts'
import { __anon_vma_prepare } from './rmap.ts'
import { refuse } from './steps.ts'
import { STACK_GUARD_GAP } from './unmapped_area.ts'
import {
  may_expand_vm,
  mlock_future_ok,
  security_vm_enough_memory_mm,
  vm_stat_account,
} from './vma.ts'

/**
 * Reads or writes the byte at `addr`: 0, or -EFAULT where the process would get a signal. The first write gives a
 * private mapping a page of its own; below a stack, the stack grows. Linux: arch/x86/mm/fault.c:do_user_addr_fault()
 */
export function touch(mm: mm_struct, addr: number, write: boolean): number {
  const vma = lock_vma_under_rcu(mm, addr, FAULT)
  if (vma) {
    try {
      return access(mm, vma, addr, write)
    } finally {
      vma_end_read(vma)
    }
  }
  const found = lock_mm_and_find_vma(mm, addr)
  if (!found)
    return refuse(mm, EFAULT, 'do_user_addr_fault', `nothing is mapped at 0x${addr.toString(16)}`)
  try {
    return access(mm, found, addr, write)
  } finally {
    mmap_unlock(mm)
  }
}

const FAULT = 'a page fault'

function access(mm: mm_struct, vma: vm_area_struct, addr: number, write: boolean): number {
  const allowed = write ? vma.vm_flags & VM_WRITE : vma.vm_flags & VM_ACCESS_FLAGS
  if (!allowed || (!write && is_execute_only(mm, vma)))
    return refuse(
      mm,
      EFAULT,
      'access_error',
      `the VMA at 0x${vma.vm_start.toString(16)} may not be ${write ? 'written' : 'read'}`,
    )
  return handle_mm_fault(mm, vma, addr - (addr % PAGE_SIZE), write)
}

/** Makes the page at `address` present: 0 or -EFAULT. Linux: mm/memory.c:handle_mm_fault() */
export function handle_mm_fault(
  mm: mm_struct,
  vma: vm_area_struct,
  address: number,
  write: boolean,
): number {
  const present = mm.pages.at(address)
  if (present === 'guard')
    return refuse(mm, EFAULT, 'do_fault', `a guard is at 0x${address.toString(16)}`)
  const copies = write && (vma.vm_flags & VM_SHARED) === 0
  if (present === 'anon' || (present !== null && !copies)) return 0
  const end = address + PAGE_SIZE
  if (copies) vmf_anon_prepare(mm, vma)
  if (present !== null) mm.pages.fill(address, end, 'anon')
  else if (vma_is_anonymous(vma)) mm.pages.fill(address, end, write ? 'anon' : 'zero')
  else return do_fault(mm, vma, address, write, copies)
  return 0
}

/**
 * May a page that is not there be brought by a fault? Without a hook for it the access is a SIGBUS.
 * Linux: mm/memory.c:do_fault()
 */
export function vma_can_fault(vma: vm_area_struct): boolean {
  return vma_is_anonymous(vma) || vma.vm_ops?.fault !== undefined
}

/** Asks the driver for the page. Linux: mm/memory.c:do_fault() */
function do_fault(
  mm: mm_struct,
  vma: vm_area_struct,
  address: number,
  write: boolean,
  copies: boolean,
): number {
  const pgoff = vma.vm_pgoff + (address - vma.vm_start) / PAGE_SIZE
  before_write(vma)
  const vmf: vm_fault = { vma, address, pgoff, write, page: null }
  const fault = vma.vm_ops?.fault
  const given = fault ? call_fault_hook(mm, () => fault(vmf)) : VM_FAULT_SIGBUS
  if (given === VM_FAULT_NOPAGE) return 0
  if (given !== 0) return refuse(mm, EFAULT, 'fault', 'the file has no page there: SIGBUS')
  mm.pages.fill(address, address + PAGE_SIZE, copies ? 'anon' : 'file', copies ? null : vmf.page)
  return 0
}

/** A VMA that is only read-locked gets its owner under mmap_lock too. Linux: mm/memory.c:__vmf_anon_prepare() */
function vmf_anon_prepare(mm: mm_struct, vma: vm_area_struct): void {
  if (vma.anon_vma) return
  const under_vma_lock = mm.locks.read_locked_vma === vma
  if (under_vma_lock) mmap_read_lock(mm, FAULT)
  __anon_vma_prepare(mm, vma)
  if (under_vma_lock) mmap_read_unlock(mm)
}

/**
 * The VMA for an access, a stack grown down to it if need be, and mmap_lock held for reading; null, and the lock free.
 * Linux: mm/mmap_lock.c:lock_mm_and_find_vma()
 */
function lock_mm_and_find_vma(mm: mm_struct, addr: number): vm_area_struct | null {
  mmap_read_lock(mm, FAULT)
  const vma = mm.mm_mt.find(addr)
  if (vma && vma.vm_start <= addr) return vma
  mmap_read_unlock(mm)
  if (!vma || (vma.vm_flags & VM_GROWSDOWN) === 0) return null
  mmap_write_lock(mm, FAULT)
  if (expand_downwards(mm, vma, addr - (addr % PAGE_SIZE)) === 0) {
    mmap_write_downgrade(mm)
    return vma
  }
  mmap_write_unlock(mm)
  return null
}

/** Grows a stack so that it begins at `address`. Linux: mm/vma.c:expand_downwards() */
export function expand_downwards(mm: mm_struct, vma: vm_area_struct, address: number): number {
  const at = 'expand_downwards'
  mmap_assert_write_locked(mm, 'expand_downwards()')
  const prev = mm.mm_mt.prev(vma)
  const { vm_flags } = vma
  const accessible = (prev?.vm_flags ?? 0) & VM_ACCESS_FLAGS
  if (address < mm.range.mmap_min_addr)
    return refuse(mm, EFAULT, at, `0x${address.toString(16)} lies below the lowest address`)
  if (
    prev &&
    !(prev.vm_flags & VM_GROWSDOWN) &&
    accessible &&
    address - prev.vm_end < STACK_GUARD_GAP
  )
    return refuse(mm, ENOMEM, at, 'the guard gap of the stack would meet a mapping')
  if (prev && prev.vm_end > address)
    return refuse(mm, ENOMEM, at, `a VMA at 0x${prev.vm_start.toString(16)} is in the way`)
  const delta = vma.vm_start - address
  const pages = delta / PAGE_SIZE
  if (!may_expand_vm(mm, vm_flags, pages))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed RLIMIT_AS`)
  if ((vma.vm_end - address) / PAGE_SIZE > mm.limits.stack)
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed RLIMIT_STACK`)
  if (!mlock_future_ok(mm, vm_flags, delta))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed RLIMIT_MEMLOCK`)
  if (!security_vm_enough_memory_mm(mm, vm_flags & VM_ACCOUNT ? pages : 0))
    return refuse(mm, ENOMEM, at, `${pages} pages more exceed the commit limit`)
  __anon_vma_prepare(mm, vma)
  vma_start_write(vma)
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  vm_stat_account(mm, vm_flags, pages)
  before_write(vma)
  vma.vm_pgoff -= pages
  vma.anon_pgoff -= pages
  mm.mm_mt.setRange(vma, address, vma.vm_end)
  return 0
}

/**
 * Makes the pages of [start, end) present; a VMA where that fails is passed over.
 * Linux: include/linux/mm.h:mm_populate()
 */
export function mm_populate(mm: mm_struct, start: number, end: number): void {
  populate_each(mm, start, end, () => false)
}

/** Makes the pages of [start, end) present: 0, or the first error. Linux: mm/gup.c:__mm_populate() */
export function __mm_populate(mm: mm_struct, start: number, end: number): number {
  return populate_each(mm, start, end, (error) => error !== 0)
}

function populate_each(
  mm: mm_struct,
  start: number,
  end: number,
  stops: (error: number) => boolean,
): number {
  if (!mm.populates || start === end) return 0
  mmap_read_lock(mm, 'mm_populate()')
  try {
    for (let vma = mm.mm_mt.find(start); vma && vma.vm_start < end; vma = mm.mm_mt.next(vma)) {
      if (vma.vm_flags & (VM_IO | VM_PFNMAP)) continue
      const [from, to] = [Math.max(start, vma.vm_start), Math.min(end, vma.vm_end)]
      const error = populate_vma_page_range(mm, vma, from, to)
      if (stops(error)) return error
    }
    return 0
  } finally {
    mmap_unlock(mm)
  }
}

/**
 * Makes the pages of [start, end) of one VMA present: 0, or the first error.
 * Linux: mm/gup.c:populate_vma_page_range()
 */
export function populate_vma_page_range(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
): number {
  mmap_assert_locked(mm, 'populate_vma_page_range()')
  if (!mm.populates || vma.vm_flags & VM_LOCKONFAULT) return 0
  const write = (vma.vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE
  if ((vma.vm_flags & VM_ACCESS_FLAGS) === 0) return -EFAULT
  for (let address = start; address < end; address += PAGE_SIZE) {
    const error = handle_mm_fault(mm, vma, address, write)
    if (error !== 0) return error
  }
  return 0
}
