// SPDX-License-Identifier: GPL-2.0-only
// Changing what a range may be used for. Linux: mm/mprotect.c

import { EACCES, EINVAL, ENOMEM, EPERM } from './errno.ts'
import { populate_vma_page_range } from './fault.ts'
import {
  PAGE_SIZE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
  VM_ACCESS_FLAGS,
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_NORESERVE,
  VM_SHARED,
  VM_WRITE,
} from './flags.ts'
import { call_hook } from './hooks.ts'
import { before_write } from './journal.ts'
import { mmap_unlock, mmap_write_lock, vma_start_write } from './locks.ts'
import { vma_modify, vma_modify_proposal } from './merge.ts'
import { type mm_struct, type vm_area_struct, vma_is_anonymous } from './mm_types.ts'
import { vma_is_sealed } from './munmap.ts'
import { arch_override_mprotect_pkey, pkey_is_allocated, with_pkey } from './pkeys.ts'
import { refuse, refuse_unaligned, step } from './steps.ts'
import {
  may_expand_vm,
  security_vm_enough_memory_mm,
  vm_flags_reset,
  vm_stat_account,
  vm_unacct_memory,
  vma_set_page_prot,
} from './vma.ts'

/** The VMA flags that PROT_* bits ask for: the low three bits agree. Linux: include/linux/mman.h:calc_vm_prot_bits() */
export function calc_vm_prot_bits(prot: number): number {
  return prot & VM_ACCESS_FLAGS
}

/**
 * mprotect(), and with `pkey` pkey_mprotect(): 0 or a negative errno. VMAs before the one that refuses keep the change.
 * `prot` is a 32-bit word.
 * Linux: mm/mprotect.c:do_mprotect_pkey()
 */
export function do_mprotect_pkey(
  mm: mm_struct,
  start: number,
  len: number,
  prot: number,
  pkey = -1,
): number {
  const at = 'do_mprotect_pkey'
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP)
  const access = prot & ~(PROT_GROWSDOWN | PROT_GROWSUP)
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP))
    return refuse(mm, EINVAL, at, 'PROT_GROWSDOWN and PROT_GROWSUP exclude each other')
  if (start % PAGE_SIZE !== 0) return refuse_unaligned(mm, at, start)
  if (len === 0) return 0
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE
  if (end <= start || end >= 2 ** 64) return refuse(mm, ENOMEM, at, 'address and length overflow')
  if ((access & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM)) !== 0)
    return refuse(mm, EINVAL, 'arch_validate_prot', `0x${access.toString(16)} is no PROT_* value`)

  mmap_write_lock(mm, pkey === -1 ? 'mprotect()' : 'pkey_mprotect()')
  try {
    return protect(mm, start, end, access, grows, pkey)
  } finally {
    mmap_unlock(mm)
  }
}

function protect(
  mm: mm_struct,
  start: number,
  end: number,
  access: number,
  grows: number,
  pkey: number,
): number {
  const at = 'do_mprotect_pkey'
  if (pkey !== -1 && !pkey_is_allocated(mm, pkey))
    return refuse(mm, EINVAL, at, `protection key ${pkey} is not allocated`)

  const first = mm.mm_mt.find(start)
  if (!first || first.vm_start >= end) return refuse_gap(mm, start)
  let from = start
  if (grows === PROT_GROWSUP) return refuse(mm, EINVAL, at, 'no VMA of this machine grows upwards')
  if (grows === PROT_GROWSDOWN) {
    from = first.vm_start
    if ((first.vm_flags & VM_GROWSDOWN) === 0)
      return refuse(mm, EINVAL, at, 'PROT_GROWSDOWN needs a VMA that grows downwards')
  } else if (first.vm_start > start) return refuse_gap(mm, start)
  return protect_each(mm, first, from, end, access, pkey)
}

function refuse_gap(mm: mm_struct, addr: number): number {
  return refuse(mm, ENOMEM, 'do_mprotect_pkey', `nothing is mapped at 0x${addr.toString(16)}`)
}

/** Does PR_SET_MDWE forbid the change? A new mapping has the same flags twice. Linux: include/linux/mman.h */
export function map_deny_write_exec(mm: mm_struct, old: number, asked: number): boolean {
  if (!mm.deny_write_exec || (asked & VM_EXEC) === 0) return false
  return (asked & VM_WRITE) !== 0 || (old & VM_EXEC) === 0
}

/** A walk over the VMAs of a range. */
interface Walk {
  prev: vm_area_struct | null
  /** The walk comes to the same VMA, and its hook, once more: a merge that was called off left it one step behind. */
  again: boolean
}

function protect_each(
  mm: mm_struct,
  first: vm_area_struct,
  start: number,
  end: number,
  asked: number,
  pkey: number,
): number {
  let vma: vm_area_struct | null = first
  const walk: Walk = { prev: start > first.vm_start ? first : mm.mm_mt.prev(first), again: false }
  let from = start
  while (from < end) {
    if (!vma || vma.vm_start > from) return refuse_gap(mm, from)
    const implied = mm.read_implies_exec && asked & PROT_READ && vma.vm_flags & VM_MAYEXEC
    const prot = implied ? asked | PROT_EXEC : asked
    const newflags = calc_vm_prot_bits(prot) | (vma.vm_flags & ~VM_ACCESS_FLAGS)
    const missing = newflags & ~(newflags >> 4) & VM_ACCESS_FLAGS
    if (missing !== 0)
      return refuse(
        mm,
        EACCES,
        'do_mprotect_pkey',
        `the VMA at 0x${vma.vm_start.toString(16)} may never get PROT 0x${missing.toString(16)}: its VM_MAY* flag is clear`,
      )
    if (map_deny_write_exec(mm, vma.vm_flags, newflags))
      return refuse(
        mm,
        EACCES,
        'map_deny_write_exec',
        `PR_SET_MDWE forbids the VMA at 0x${vma.vm_start.toString(16)} to become writable code`,
      )
    const to = Math.min(vma.vm_end, end)
    const error = call_mprotect(mm, vma, from, to, newflags)
    if (error !== 0) return error
    const high = with_pkey(vma.vm_flags_high, arch_override_mprotect_pkey(mm, vma, prot, pkey))
    const changed = mprotect_fixup(mm, walk, vma, from, to, newflags, high)
    if (typeof changed === 'number') return changed
    if (walk.again) continue
    walk.prev = changed
    from = Math.max(to, changed.vm_end)
    vma = mm.mm_mt.next(changed)
  }
  return 0
}

function call_mprotect(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
  newflags: number,
): number {
  const hook = vma.vm_ops?.mprotect
  if (!hook) return 0
  step(mm, 'call_mprotect', vma, start, end, newflags)
  before_write(vma)
  const error = call_hook(mm, 'mprotect', null, () => hook(vma, start, end, newflags))
  step(mm, 'return_mprotect', vma, error)
  if (error === 0) return 0
  return refuse(mm, -error, 'vm_ops->mprotect', 'the hook of the VMA returned an error')
}

/** A mapping with one of these is charged already, or never. */
const EXEMPT_FROM_CHARGE = VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED | VM_NORESERVE

/**
 * Gives [start, end) of `vma` new flags. Returns the VMA that holds the range then, or a negative errno.
 * Linux: mm/mprotect.c:mprotect_fixup()
 */
export function mprotect_fixup(
  mm: mm_struct,
  walk: Walk,
  vma: vm_area_struct,
  start: number,
  end: number,
  asked: number,
  high: number,
): vm_area_struct | number {
  const oldflags = vma.vm_flags
  const pages = (end - start) / PAGE_SIZE
  walk.again = false
  if (vma_is_sealed(vma))
    return refuse(
      mm,
      EPERM,
      'mprotect_fixup',
      `the VMA at 0x${vma.vm_start.toString(16)} is sealed`,
    )
  if (asked === oldflags && high === vma.vm_flags_high) return vma

  let newflags = asked
  let charged = 0
  if (asked & VM_WRITE) {
    if (!may_expand_vm(mm, asked, pages) && may_expand_vm(mm, oldflags, pages))
      return refuse(mm, ENOMEM, 'may_expand_vm', `${pages} pages more exceed RLIMIT_DATA`)
    if ((oldflags & EXEMPT_FROM_CHARGE) === 0) {
      if (!security_vm_enough_memory_mm(mm, pages))
        return refuse(
          mm,
          ENOMEM,
          '__vm_enough_memory',
          `${pages} pages more exceed the commit limit`,
        )
      charged = pages
      newflags |= VM_ACCOUNT
    }
  } else if (vma_is_anonymous(vma) && !vma.anon_vma) newflags &= ~VM_ACCOUNT

  const vmg = vma_modify_proposal(mm, walk.prev, vma, start, end)
  vmg.vm_flags = newflags
  vmg.vm_flags_high = high
  const changed = vma_modify(vmg)
  walk.again = vmg.left_at_prev
  if (typeof changed === 'number') {
    vm_unacct_memory(mm, charged)
    return changed
  }
  vma_start_write(changed)
  vm_flags_reset(mm, changed, vmg.vm_flags, high)
  vma_set_page_prot(changed)
  if (oldflags & ~newflags & VM_ACCOUNT) vm_unacct_memory(mm, pages)
  if ((oldflags & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED && newflags & VM_WRITE)
    populate_vma_page_range(mm, changed, start, end)
  vm_stat_account(mm, oldflags, -pages)
  vm_stat_account(mm, newflags, pages)
  return changed
}
