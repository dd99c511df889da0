// SPDX-License-Identifier: GPL-2.0-only
// One VMA: made, freed, given references and hooks, counted. Linux: mm/vma_init.c, mm/vma.c, mm/internal.h

import { should_fail } from './fault_plan.ts'
import {
  PAGE_SIZE,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_MAYWRITE,
  VM_NORESERVE,
  VM_SHARED,
  VM_WRITE,
} from './flags.ts'
import { call_void_hook } from './hooks.ts'
import { before_write, count_references } from './journal.ts'
import { type file, type mm_struct, vm_area_struct, vma_dummy_vm_ops } from './mm_types.ts'
import { step } from './steps.ts'

/** A VMA that nothing knows yet, or null when there is no memory. Linux: mm/vma_init.c:vm_area_alloc() */
export function vm_area_alloc(mm: mm_struct, start: number, end: number): vm_area_struct | null {
  if (should_fail(mm, 'vm_area_alloc')) return null
  return new vm_area_struct(mm, ++mm.vmas_made, 0, start, end)
}

/** A copy but for the anon_vma links, or null when there is no memory. Linux: mm/vma_init.c:vm_area_dup() */
export function vm_area_dup(mm: mm_struct, origin: vm_area_struct): vm_area_struct | null {
  if (should_fail(mm, 'vm_area_alloc')) return null
  const pieces = origin.pieces ?? begin_pieces(mm, origin)
  if (mm.history !== null) mm.history.counts(pieces, 1)
  const vma = new vm_area_struct(mm, origin.id, ++pieces.made, origin.vm_start, origin.vm_end)
  vma.pieces = pieces
  copy_fields(vma, origin)
  vma.anon_vma = origin.anon_vma
  return vma
}

/** Gives `vma` all that `origin` has, but its range and who owns its anonymous pages. */
export function copy_fields(vma: vm_area_struct, origin: vm_area_struct): void {
  vma.vm_flags = origin.vm_flags
  vma.vm_flags_high = origin.vm_flags_high
  vma.vm_pgoff = origin.vm_pgoff
  vma.anon_pgoff = origin.anon_pgoff
  vma.vm_page_prot = origin.vm_page_prot
  vma.vm_file = origin.vm_file
  vma.vm_ops = origin.vm_ops
  vma.vm_private_data = origin.vm_private_data
  vma.anon_name = origin.anon_name
  vma.vm_userfaultfd_ctx = origin.vm_userfaultfd_ctx
}

function begin_pieces(mm: mm_struct, origin: vm_area_struct): { made: number } {
  const pieces = { made: 0 }
  origin.pieces = pieces
  if (mm.history !== null) mm.history.splits(origin.id, pieces)
  return pieces
}

/** The VMA that holds `addr`, or null. Linux: include/linux/mm.h:vma_lookup() */
export function vma_lookup(mm: mm_struct, addr: number): vm_area_struct | null {
  const vma = mm.mm_mt.find(addr)
  return vma && vma.vm_start <= addr ? vma : null
}

/** Linux: include/linux/fs.h:get_file() */
export function get_file(mm: mm_struct, file: file): file {
  file.f_count++
  count_references(mm, file, 1)
  step(mm, 'get_file', file)
  return file
}

/** Linux: fs/file_table.c:fput() */
export function fput(mm: mm_struct, file: file): void {
  file.f_count--
  count_references(mm, file, -1)
  step(mm, 'fput', file)
}

/** Tells the driver of a VMA that was made of another. Linux: mm/vma.c:__split_vma(), copy_vma() */
export function vma_open(mm: mm_struct, vma: vm_area_struct): void {
  const open = vma.vm_ops?.open
  if (!open) return
  step(mm, 'call_open', vma)
  call_void_hook(mm, 'open', () => open(vma))
}

/** Calls `close` once: the table becomes the empty one, so that no hook follows. Linux: mm/internal.h:vma_close() */
export function vma_close(mm: mm_struct, vma: vm_area_struct): void {
  const close = vma.vm_ops?.close
  if (!close) return
  step(mm, 'call_close', vma)
  before_write(vma)
  call_void_hook(mm, 'close', () => close(vma))
  vma.vm_ops = vma_dummy_vm_ops
}

/** Frees a VMA that is out of the tree and unmapped. Linux: mm/vma.c:remove_vma() */
export function remove_vma(mm: mm_struct, vma: vm_area_struct): void {
  vma_close(mm, vma)
  if (vma.vm_file) fput(mm, vma.vm_file)
  step(mm, 'remove_vma', vma)
}

/** Replaces the flags. Linux: include/linux/mm.h:vm_flags_reset() */
export function vm_flags_reset(
  mm: mm_struct,
  vma: vm_area_struct,
  low: number,
  high: number,
): void {
  before_write(vma)
  const [before, beforeHigh] = [vma.vm_flags, vma.vm_flags_high]
  vma.vm_flags = low
  vma.vm_flags_high = high
  step(mm, 'vm_flags_reset', vma, before, beforeHigh)
}

// Caching mode of a page protection, above the four permission bits; 0 is write-back.
/** The bits of a page protection that tell the caching. Linux: arch/x86/include/asm/pgtable_types.h */
export const PGPROT_CACHE_MASK = 0x30

/** The page protection that flags ask for. Linux: arch/x86/mm/pgprot.c:vm_get_page_prot() */
export function vm_get_page_prot(vm_flags: number): number {
  return vm_flags & 0xf
}

/** Recomputes the page protection and keeps the caching that the driver chose. Linux: mm/mmap.c:vma_set_page_prot() */
export function vma_set_page_prot(vma: vm_area_struct): void {
  before_write(vma)
  vma.vm_page_prot = (vma.vm_page_prot & PGPROT_CACHE_MASK) | vm_get_page_prot(vma.vm_flags)
}

/** Write-combining instead of write-back. Linux: arch/x86/mm/pat/memtype.c:pgprot_writecombine() */
export function pgprot_writecombine(prot: number): number {
  return (prot & ~PGPROT_CACHE_MASK) | 0x10
}

/** Uncached instead of write-back. Linux: arch/x86/include/asm/pgtable.h:pgprot_noncached() */
export function pgprot_noncached(prot: number): number {
  return (prot & ~PGPROT_CACHE_MASK) | 0x20
}

/** Code: executable, neither writable nor stack. Linux: mm/vma.h:is_exec_mapping() */
export function is_exec_mapping(vm_flags: number): boolean {
  return (vm_flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) === VM_EXEC
}

/** Stack: grows downwards. Linux: mm/vma.h:is_stack_mapping() */
export function is_stack_mapping(vm_flags: number): boolean {
  return (vm_flags & VM_GROWSDOWN) !== 0
}

/** Data: private, writable, no stack. Linux: mm/vma.h:is_data_mapping() */
export function is_data_mapping(vm_flags: number): boolean {
  return (vm_flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE
}

/** Does a write copy the page: private, and writable now or later? Linux: include/linux/mm.h:vma_flags_is_cow_mapping() */
export function vma_flags_is_cow_mapping(vm_flags: number): boolean {
  return (vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE
}

/** Counts `pages`, negative to take them off. Linux: mm/vma.c:vm_stat_account() */
export function vm_stat_account(mm: mm_struct, vm_flags: number, pages: number): void {
  mm.total_vm += pages
  if (is_exec_mapping(vm_flags)) mm.exec_vm += pages
  else if (is_stack_mapping(vm_flags)) mm.stack_vm += pages
  else if (is_data_mapping(vm_flags)) mm.data_vm += pages
}

/** Do RLIMIT_AS and RLIMIT_DATA allow `pages` more? Linux: mm/mmap.c:may_expand_vm() */
export function may_expand_vm(mm: mm_struct, vm_flags: number, pages: number): boolean {
  if (mm.total_vm + pages > mm.limits.as) return false
  return !is_data_mapping(vm_flags) || mm.data_vm + pages <= mm.limits.data
}

/** Is the mapping charged against the commit limit? Linux: mm/vma.c:accountable_mapping() */
export function accountable_mapping(vm_flags: number): boolean {
  return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE
}

/** Charges `pages` without asking the limit. Linux: mm/util.c:vm_acct_memory() */
export function vm_acct_memory(mm: mm_struct, pages: number): void {
  mm.committed += pages
  step(mm, 'vm_acct_memory', null, pages)
}

/** vm.overcommit_memory: a call may ask for what the machine has, whatever was asked for before. */
export const OVERCOMMIT_GUESS = 0
/** vm.overcommit_memory: nothing is refused. */
export const OVERCOMMIT_ALWAYS = 1
/** vm.overcommit_memory: no more is promised than the commit limit. */
export const OVERCOMMIT_NEVER = 2

/**
 * May `pages` more be promised? Nothing is charged. Linux: mm/util.c:__vm_enough_memory()
 *
 * Not modelled: what OVERCOMMIT_NEVER keeps for the administrator, vm.admin_reserve_kbytes: a process here has
 * CAP_SYS_ADMIN, and may use it. Vectors: 0.
 */
export function __vm_enough_memory(
  { limits, committed, total_vm }: mm_struct,
  pages: number,
): boolean {
  if (limits.overcommit_memory === OVERCOMMIT_ALWAYS) return true
  if (limits.overcommit_memory !== OVERCOMMIT_NEVER) return pages <= limits.ram
  const reserve = Math.min(Math.floor(total_vm / 32), limits.user_reserve)
  return committed + pages < limits.commit - reserve
}

/**
 * Charges `pages`, or charges nothing and returns false.
 * Linux: include/linux/security.h:security_vm_enough_memory_mm()
 */
export function security_vm_enough_memory_mm(mm: mm_struct, pages: number): boolean {
  if (!__vm_enough_memory(mm, pages)) return false
  vm_acct_memory(mm, pages)
  return true
}

/** Gives a charge back. Linux: include/linux/mman.h:vm_unacct_memory() */
export function vm_unacct_memory(mm: mm_struct, pages: number): void {
  if (pages === 0) return
  mm.committed -= pages
  step(mm, 'vm_acct_memory', null, -pages)
}

/** Does RLIMIT_MEMLOCK allow `bytes` more? Linux: mm/mmap.c:mlock_future_ok() */
export function mlock_future_ok(mm: mm_struct, vm_flags: number, bytes: number): boolean {
  if ((vm_flags & VM_LOCKED) === 0 || mm.cap_ipc_lock) return true
  return mm.locked_vm + bytes / PAGE_SIZE <= mm.limits.memlock
}
