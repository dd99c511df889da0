// SPDX-License-Identifier: GPL-2.0-only
// The locks of an address space and of a file's mappings. Linux: include/linux/mmap_lock.h, include/linux/fs.h
//
// Differs: nothing waits here. Where Linux would wait for ever, or go on without a lock that it needs, the call is
// reported as a step and ends in a LockError. Vectors: 0.

import { before_write } from './journal.ts'
import type { address_space, file, mm_struct, vm_area_struct } from './mm_types.ts'
import { step } from './steps.ts'

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
  /** The VMA that a fault or a piece of advice reads without mmap_lock. */
  read_locked_vma: vm_area_struct | null = null
  /** The file whose i_mmap_rwsem this address space holds. */
  i_mmap_file: file | null = null
  /** The hook that runs now; empty when none does. */
  hook = ''
  /** What mmap_lock was when the hook was called: the hook may not let go of that. */
  mmap_lock_of_hook = 0
}

/** A lock taken twice, given back by who does not hold it, or not held where it must be. */
export class LockError extends Error {
  override readonly name = 'LockError'
}

/**
 * Reports a violation: a step with what a debug kernel would print, and an error. A hook cannot hide it: the call that
 * runs the hook throws the error too.
 */
function violation(mm: mm_struct, printed: string, told: string): LockError {
  step(mm, 'warn', printed)
  const error = new LockError(told)
  if (mm.locks.hook !== '') mm.thrown ??= { error }
  return error
}

const HOW: readonly string[] = ['for writing', 'free', 'for reading']

/** `held for writing by mmap(), which runs mmap_prepare of /dev/demo`. */
function state_of({ locks }: mm_struct): string {
  const by = locks.read_locked_vma && locks.mmap_lock === 0 ? 'a VMA is read-locked by' : ''
  const what = by || `mmap_lock is held ${HOW[Math.sign(locks.mmap_lock) + 1]} by`
  return `${what} ${locks.holder}${locks.hook === '' ? '' : `, which runs ${locks.hook}`}`
}

function advice({ locks }: mm_struct, wanted: string): string {
  if (locks.hook !== '')
    return `a hook works under the locks of the call that runs it: do this after ${locks.holder} has returned`
  return `release it first (mmap_${locks.mmap_lock < 0 ? 'write' : 'read'}_unlock(mm)), or call what ${wanted} wants to hold it itself`
}

function check_can_take(mm: mm_struct, by: string): void {
  const { locks } = mm
  const nested = locks.hook !== '' && (locks.mmap_lock_of_hook !== 0 || locks.read_locked_vma)
  if (!nested && locks.mmap_lock >= 0) return
  throw violation(
    mm,
    'WARNING: possible recursive locking detected: &mm->mmap_lock',
    `${by} waits for ever: ${state_of(mm)}; ${advice(mm, by)}`,
  )
}

/** Takes mmap_lock for writing on behalf of the call `by`. Linux: include/linux/mmap_lock.h:mmap_write_lock() */
export function mmap_write_lock(mm: mm_struct, by = 'mmap_write_lock()'): void {
  const { locks } = mm
  if (locks.mmap_lock !== 0 || locks.hook !== '') check_can_write(mm, by)
  locks.mmap_lock = -1
  locks.holder = by
  locks.mm_lock_seq++
  step(mm, 'mmap_write_lock', null)
}

function check_can_write(mm: mm_struct, by: string): void {
  check_can_take(mm, by)
  if (mm.locks.mmap_lock === 0) return
  throw violation(
    mm,
    'WARNING: possible recursive locking detected: &mm->mmap_lock',
    `${by} waits for ever: ${state_of(mm)}; ${advice(mm, by)}`,
  )
}

/** Takes mmap_lock for reading on behalf of the call `by`. Linux: include/linux/mmap_lock.h:mmap_read_lock() */
export function mmap_read_lock(mm: mm_struct, by = 'mmap_read_lock()'): void {
  const { locks } = mm
  if (locks.mmap_lock < 0 || locks.hook !== '') check_can_take(mm, by)
  locks.mmap_lock++
  locks.holder = by
  step(mm, 'mmap_read_lock', null)
}

function check_can_release(mm: mm_struct, by: string, held: boolean): void {
  const { locks } = mm
  if (!held)
    throw violation(
      mm,
      'WARNING: bad unlock balance detected: &mm->mmap_lock',
      `${by}: mmap_lock is ${locks.mmap_lock === 0 ? 'free' : `held ${HOW[Math.sign(locks.mmap_lock) + 1]}`}: take it that way first`,
    )
  if (locks.hook !== '' && locks.mmap_lock_of_hook !== 0)
    throw violation(
      mm,
      'WARNING: bad unlock balance detected: &mm->mmap_lock',
      `${by}: ${state_of(mm)}; a hook must not release it: ${locks.holder} goes on to change what the lock protects`,
    )
}

/** Releases mmap_lock and with it every VMA. Linux: include/linux/mmap_lock.h:mmap_write_unlock() */
export function mmap_write_unlock(mm: mm_struct): void {
  check_can_release(mm, 'mmap_write_unlock()', mm.locks.mmap_lock < 0)
  vma_end_write_all(mm)
  release(mm, 'mmap_write_unlock')
}

/** Releases mmap_lock. Linux: include/linux/mmap_lock.h:mmap_read_unlock() */
export function mmap_read_unlock(mm: mm_struct): void {
  check_can_release(mm, 'mmap_read_unlock()', mm.locks.mmap_lock > 0)
  release(mm, 'mmap_read_unlock')
}

function release(mm: mm_struct, name: 'mmap_write_unlock' | 'mmap_read_unlock'): void {
  const { locks } = mm
  locks.mmap_lock = name === 'mmap_read_unlock' ? locks.mmap_lock - 1 : 0
  if (locks.mmap_lock === 0) locks.holder = ''
  step(mm, name, null)
}

/** Keeps mmap_lock for reading and releases every VMA. Linux: include/linux/mmap_lock.h:mmap_write_downgrade() */
export function mmap_write_downgrade(mm: mm_struct): void {
  check_can_release(mm, 'mmap_write_downgrade()', mm.locks.mmap_lock < 0)
  vma_end_write_all(mm)
  mm.locks.mmap_lock = 1
  step(mm, 'mmap_write_downgrade', null)
}

/**
 * The end of a call that took mmap_lock: releases what of it is still held, also when something was thrown half-way
 * through. Goes into a `finally`.
 */
export function mmap_unlock(mm: mm_struct): void {
  const { locks } = mm
  if (locks.i_mmap_file) i_mmap_unlock_write(mm, locks.i_mmap_file)
  if (locks.mmap_lock < 0) mmap_write_unlock(mm)
  else if (locks.mmap_lock > 0) mmap_read_unlock(mm)
}

/** A hook that was called without mmap_lock has taken it, and returned with it. */
export function release_after_hook(mm: mm_struct): void {
  const { hook, holder } = mm.locks
  mm.thrown ??= {
    error: violation(
      mm,
      `WARNING: lock held when returning: &mm->mmap_lock, from ${hook}`,
      `${hook} returned with mmap_lock, which it took by ${holder}: release it before`,
    ),
  }
  mmap_unlock(mm)
}

/** mmap_lock is held, for reading or writing, or LockError. Linux: include/linux/mmap_lock.h:mmap_assert_locked() */
export function mmap_assert_locked(mm: mm_struct, at = 'mmap_assert_locked()'): void {
  if (mm.locks.mmap_lock === 0) throw not_held(mm, at, 'rwsem_assert_held', 'read')
}

/** mmap_lock is held for writing, or LockError. Linux: include/linux/mmap_lock.h:mmap_assert_write_locked() */
export function mmap_assert_write_locked(mm: mm_struct, at = 'mmap_assert_write_locked()'): void {
  if (mm.locks.mmap_lock >= 0) throw not_held(mm, at, 'rwsem_assert_held_write', 'write')
}

function not_held(mm: mm_struct, at: string, check: string, how: 'read' | 'write'): LockError {
  const found = mm.locks.mmap_lock === 0 ? 'nobody holds it' : state_of(mm)
  return violation(
    mm,
    `WARNING: ${check}(&mm->mmap_lock) failed in ${at}`,
    `${at} needs mmap_lock held for ${how === 'write' ? 'writing' : 'reading'}, and ${found}: call mmap_${how}_lock(mm) before and mmap_${how}_unlock(mm) after, or make the system call, which does both`,
  )
}

/**
 * Keeps readers away from the VMA until mmap_lock is released; taking it twice is free. Needs mmap_lock held for
 * writing. Linux: include/linux/mmap_lock.h:vma_start_write()
 */
export function vma_start_write(vma: vm_area_struct): void {
  const { vm_mm } = vma
  const { locks } = vm_mm
  if (locks.mmap_lock >= 0) mmap_assert_write_locked(vm_mm, 'vma_start_write()')
  if (vma.vm_lock_seq === locks.mm_lock_seq) return
  vma.vm_lock_seq = locks.mm_lock_seq
  locks.write_locked_vmas++
  before_write(vma)
  step(vm_mm, 'vma_start_write', vma)
}

/** Releases every VMA at once. Linux: include/linux/mmap_lock.h:vma_end_write_all() */
export function vma_end_write_all(mm: mm_struct): void {
  const { locks } = mm
  mmap_assert_write_locked(mm, 'vma_end_write_all()')
  locks.mm_lock_seq++
  const count = locks.write_locked_vmas
  locks.write_locked_vmas = 0
  if (count > 0) step(mm, 'vma_end_write_all', null, count)
}

/** Is the VMA write-locked? Linux: include/linux/mmap_lock.h:__is_vma_write_locked() */
function is_vma_write_locked(vma: vm_area_struct): boolean {
  const { locks } = vma.vm_mm
  return locks.mmap_lock < 0 && vma.vm_lock_seq === locks.mm_lock_seq
}

/** The VMA is write-locked, or LockError. Linux: include/linux/mmap_lock.h:vma_assert_write_locked() */
export function vma_assert_write_locked(vma: vm_area_struct): void {
  if (!is_vma_write_locked(vma)) throw vma_violation(vma, 'vma_assert_write_locked')
}

/** The VMA is read-locked or write-locked, or LockError. Linux: include/linux/mmap_lock.h:vma_assert_locked() */
export function vma_assert_locked(vma: vm_area_struct): void {
  if (vma.vm_mm.locks.read_locked_vma !== vma && !is_vma_write_locked(vma))
    throw vma_violation(vma, 'vma_assert_locked')
}

function vma_violation(vma: vm_area_struct, check: string): LockError {
  const where = `0x${vma.vm_start.toString(16)}`
  return violation(
    vma.vm_mm,
    `WARNING: ${check}() failed for the VMA at ${where}`,
    `${check}(): the VMA at ${where} is not locked: call vma_start_write(vma) under mmap_write_lock(mm)`,
  )
}

/** The VMA is in the tree, or LockError. Linux: include/linux/mmap_lock.h:vma_assert_attached() */
export function vma_assert_attached(vma: vm_area_struct): void {
  if (vma.detached) throw attachment_violation(vma, 'vma_assert_attached', 'is not in the tree')
}

/** The VMA is not in the tree, or LockError. Linux: include/linux/mmap_lock.h:vma_assert_detached() */
export function vma_assert_detached(vma: vm_area_struct): void {
  if (!vma.detached) throw attachment_violation(vma, 'vma_assert_detached', 'is in the tree')
}

function attachment_violation(vma: vm_area_struct, check: string, why: string): LockError {
  const where = `0x${vma.vm_start.toString(16)}`
  const printed = `WARNING: ${check}() failed for the VMA at ${where}`
  return violation(vma.vm_mm, printed, `${check}(): the VMA at ${where} ${why}`)
}

/** The VMA is in the tree from now on. Linux: include/linux/mmap_lock.h:vma_mark_attached() */
export function vma_mark_attached(vma: vm_area_struct): void {
  vma_assert_write_locked(vma)
  vma_assert_detached(vma)
  vma.detached = false
}

/** The VMA is on its way out of the tree. Linux: include/linux/mmap_lock.h:vma_mark_detached() */
export function vma_mark_detached(vma: vm_area_struct): void {
  vma_assert_write_locked(vma)
  vma_assert_attached(vma)
  vma.detached = true
}

/**
 * The VMA that holds `addr`, read-locked without mmap_lock; null when there is none or it is write-locked.
 * Linux: mm/mmap_lock.c:lock_vma_under_rcu()
 */
export function lock_vma_under_rcu(mm: mm_struct, addr: number, by: string): vm_area_struct | null {
  const vma = mm.mm_mt.find(addr)
  if (!vma || vma.vm_start > addr || is_vma_write_locked(vma)) return null
  if (mm.locks.hook !== '') check_can_take(mm, by)
  mm.locks.read_locked_vma = vma
  if (mm.locks.mmap_lock === 0) mm.locks.holder = by
  step(mm, 'lock_vma_under_rcu', vma)
  return vma
}

/** Linux: include/linux/mmap_lock.h:vma_end_read() */
export function vma_end_read(vma: vm_area_struct): void {
  const { vm_mm } = vma
  vm_mm.locks.read_locked_vma = null
  if (vm_mm.locks.mmap_lock === 0) vm_mm.locks.holder = ''
  step(vm_mm, 'vma_end_read', vma)
}

/**
 * Keeps others from walking or changing the VMAs that map the file. Comes after mmap_lock, never before.
 * Linux: include/linux/fs.h:i_mmap_lock_write()
 */
export function i_mmap_lock_write(mm: mm_struct, file: file): void {
  const { f_mapping } = file
  // Told, not thrown: the call is half-way through, and its end throws what is kept in `thrown`.
  if (f_mapping.i_mmap_rwsem !== 0)
    mm.thrown ??= {
      error: violation(
        mm,
        'WARNING: possible recursive locking detected: &mapping->i_mmap_rwsem',
        `i_mmap_lock_write() of ${file.name} waits for ever: the mapping that is being made with hide_from_rmap_until_complete holds it until its mapped hook has returned; change no mapping of the file from that hook`,
      ),
    }
  f_mapping.i_mmap_rwsem--
  mm.locks.i_mmap_file = file
  step(mm, 'i_mmap_lock_write', file)
}

/** Linux: include/linux/fs.h:i_mmap_unlock_write() */
export function i_mmap_unlock_write(mm: mm_struct, file: file): void {
  file.f_mapping.i_mmap_rwsem++
  mm.locks.i_mmap_file = null
  step(mm, 'i_mmap_unlock_write', file)
}

/** `i_mmap` is locked for writing, or an Error. Linux: include/linux/fs.h:i_mmap_assert_write_locked() */
export function i_mmap_assert_write_locked(mapping: address_space): void {
  if (mapping.i_mmap_rwsem >= 0)
    throw new LockError(
      'i_mmap_assert_write_locked(): nobody holds i_mmap_rwsem: call i_mmap_lock_write(mm, file) before and i_mmap_unlock_write(mm, file) after',
    )
}
