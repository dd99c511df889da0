// SPDX-License-Identifier: GPL-2.0-only
// Joining a range with its neighbours. Linux: mm/vma.c

import { ENOMEM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import { PAGE_SIZE, VM_SPECIAL } from './flags.ts'
import {
  i_mmap_lock_write,
  i_mmap_unlock_write,
  mmap_assert_write_locked,
  vma_assert_write_locked,
  vma_mark_detached,
  vma_start_write,
} from './locks.ts'
import type { anon_vma, file, mm_struct, vm_area_struct } from './mm_types.ts'
import { vma_pages } from './mm_types.ts'
import { __remove_shared_vm_struct, anon_vma_clone, unlink_anon_vmas } from './rmap.ts'
import { split_vma, vma_cut_front } from './split.ts'
import { refuse, step } from './steps.ts'
import { fput, vma_flags_is_cow_mapping } from './vma.ts'

/**
 * A proposal: the range [start, end) with these attributes, between `prev` and `next`; `middle` is the VMA that holds
 * the range now, null for a new one. The merge functions narrow it down to the `target` and its range to be.
 * Linux: mm/vma.h:struct vma_merge_struct
 */
export class vma_merge_struct {
  readonly mm: mm_struct
  readonly prev: vm_area_struct | null
  readonly middle: vm_area_struct | null
  readonly next: vm_area_struct | null
  start: number
  end: number
  pgoff: number
  anon_pgoff: number
  vm_flags: number
  vm_flags_high: number
  file: file | null
  /** Who owns the range's anonymous pages, and the links of the VMA they come from; 0: not looked at. */
  anon_vma: anon_vma | null = null
  anon_links = 0
  /** The VMA that the range is a copy of, when mremap() moves one. */
  copied_from: vm_area_struct | null = null
  anon_name: string | null = null
  uffd_ctx: unknown = null
  /** brk(): only ever extend the VMA below. */
  just_expand = false
  /** A merge that runs out of memory is simply none. */
  give_up_on_oom = false
  /** Did the merge fail for lack of memory? */
  out_of_memory = false
  /** The iterator was left at `prev`, so that a walk comes to `middle` once more. */
  left_at_prev = false

  constructor(
    mm: mm_struct,
    prev: vm_area_struct | null,
    middle: vm_area_struct | null,
    next: vm_area_struct | null,
    start: number,
    end: number,
    pgoff: number,
    anon_pgoff: number,
    vm_flags: number,
    vm_flags_high: number,
    file: file | null,
  ) {
    this.mm = mm
    this.prev = prev
    this.middle = middle
    this.next = next
    this.start = start
    this.end = end
    this.pgoff = pgoff
    this.anon_pgoff = anon_pgoff
    this.vm_flags = vm_flags
    this.vm_flags_high = vm_flags_high
    this.file = file
  }
}

/** A proposal to give part of `vma` new attributes; it starts with the VMA's own. */
export function vma_modify_proposal(
  mm: mm_struct,
  prev: vm_area_struct | null,
  vma: vm_area_struct,
  start: number,
  end: number,
): vma_merge_struct {
  const skipped = (start - vma.vm_start) / PAGE_SIZE
  const vmg = new vma_merge_struct(
    mm,
    prev,
    vma,
    mm.mm_mt.next(vma),
    start,
    end,
    vma.vm_pgoff + skipped,
    vma.anon_pgoff + skipped,
    vma.vm_flags,
    vma.vm_flags_high,
    vma.vm_file,
  )
  vmg.anon_vma = vma.anon_vma
  vmg.anon_links = vma.anon_vma_chain
  vmg.anon_name = vma.anon_name
  vmg.uffd_ctx = vma.vm_userfaultfd_ctx
  return vmg
}

/** Are the flags alike, but for those that a merge unites? Linux: mm/vma.c:is_mergeable_vma() */
export function same_flags(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  const compared = ~vmg.mm.release.ignore_merge
  return ((vma.vm_flags ^ vmg.vm_flags) & compared) === 0 && vma.vm_flags_high === vmg.vm_flags_high
}

/** Is it the same open file? Linux: mm/vma.c:is_mergeable_vma() */
export function same_file(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  return vma.vm_file === vmg.file
}

/** Does the same userfaultfd watch, or none? Linux: include/linux/userfaultfd_k.h:is_mergeable_vm_userfaultfd_ctx() */
export function same_userfaultfd_ctx(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  return vma.vm_userfaultfd_ctx === vmg.uffd_ctx
}

/** Is the name the same? Linux: include/linux/mm_inline.h:anon_vma_name_eq() */
export function same_anon_name(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  return vma.anon_name === vmg.anon_name
}

/** Are the attributes alike? vm_ops, private data and page_prot are not compared. Linux: mm/vma.c:is_mergeable_vma() */
export function is_mergeable_vma(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  return (
    same_flags(vmg, vma) &&
    same_file(vmg, vma) &&
    same_userfaultfd_ctx(vmg, vma) &&
    same_anon_name(vmg, vma)
  )
}

/** May the two have one owner of anonymous pages? Linux: mm/vma.c:is_mergeable_anon_vma() */
export function is_mergeable_anon_vma(vmg: vma_merge_struct, vma: vm_area_struct): boolean {
  return vmg.mm.release.is_mergeable_anon_vma(vma, vmg.anon_vma, vmg.anon_links)
}

/** Must the anonymous page offsets continue too? They lead to copied pages of a private file mapping. */
export function compares_anon_pgoff(vmg: vma_merge_struct): boolean {
  return (
    vmg.mm.release.separate_anon_pgoff &&
    vmg.file !== null &&
    vma_flags_is_cow_mapping(vmg.vm_flags)
  )
}

/** Does the page offset of `next` go on where the proposal ends? Linux: mm/vma.c:can_vma_merge_before() */
export function pgoff_goes_on_before(vmg: vma_merge_struct, next: vm_area_struct): boolean {
  return next.vm_pgoff === vmg.pgoff + (vmg.end - vmg.start) / PAGE_SIZE
}

/** Does that of its anonymous pages, where they count? Linux: mm/vma.c:can_vma_merge_before() */
export function anon_pgoff_goes_on_before(vmg: vma_merge_struct, next: vm_area_struct): boolean {
  return (
    !compares_anon_pgoff(vmg) ||
    next.anon_pgoff === vmg.anon_pgoff + (vmg.end - vmg.start) / PAGE_SIZE
  )
}

/** Does the proposal's page offset go on where `prev` ends? Linux: mm/vma.c:can_vma_merge_after() */
export function pgoff_goes_on_after(vmg: vma_merge_struct, prev: vm_area_struct): boolean {
  return prev.vm_pgoff + vma_pages(prev) === vmg.pgoff
}

/** Does that of its anonymous pages, where they count? Linux: mm/vma.c:can_vma_merge_after() */
export function anon_pgoff_goes_on_after(vmg: vma_merge_struct, prev: vm_area_struct): boolean {
  return !compares_anon_pgoff(vmg) || prev.anon_pgoff + vma_pages(prev) === vmg.anon_pgoff
}

/** Can the proposal be joined to the front of `next`? Linux: mm/vma.c:can_vma_merge_before() */
export function can_vma_merge_before(vmg: vma_merge_struct, next: vm_area_struct): boolean {
  return (
    is_mergeable_vma(vmg, next) &&
    is_mergeable_anon_vma(vmg, next) &&
    pgoff_goes_on_before(vmg, next) &&
    anon_pgoff_goes_on_before(vmg, next)
  )
}

/** Can the proposal be joined to the end of `prev`? Linux: mm/vma.c:can_vma_merge_after() */
export function can_vma_merge_after(vmg: vma_merge_struct, prev: vm_area_struct): boolean {
  return (
    is_mergeable_vma(vmg, prev) &&
    is_mergeable_anon_vma(vmg, prev) &&
    pgoff_goes_on_after(vmg, prev) &&
    anon_pgoff_goes_on_after(vmg, prev)
  )
}

function can_vma_merge_left(vmg: vma_merge_struct): boolean {
  const { prev } = vmg
  return prev !== null && prev.vm_end === vmg.start && can_vma_merge_after(vmg, prev)
}

function can_vma_merge_right(vmg: vma_merge_struct, can_merge_left: boolean): boolean {
  const { prev, next } = vmg
  if (!next || next.vm_start !== vmg.end || !can_vma_merge_before(vmg, next)) return false
  return !can_merge_left || !prev || owners_agree(prev, next)
}

/** May three become one: not when two owners of anonymous pages would. Linux: mm/vma.c:can_vma_merge_right() */
export function owners_agree(prev: vm_area_struct, next: vm_area_struct): boolean {
  return !prev.anon_vma || !next.anon_vma || prev.anon_vma === next.anon_vma
}

/** May a merge delete the VMA? Not when its driver wants to see it closed. Linux: mm/vma.c:can_merge_remove_vma() */
export function can_merge_remove_vma(vma: vm_area_struct): boolean {
  return !vma.vm_ops?.close
}

/** Does a mapping of its kind never merge? Linux: mm/vma.c:vma_merge_new_range() */
export function is_special(vmg: vma_merge_struct): boolean {
  return (vmg.vm_flags & VM_SPECIAL) !== 0
}

/**
 * Lets an existing neighbour take in a new range. Returns the VMA that grew, or null: then a VMA of its own is needed,
 * also when memory ran out. Linux: mm/vma.c:vma_merge_new_range()
 */
export function vma_merge_new_range(vmg: vma_merge_struct): vm_area_struct | null {
  const { prev, next, mm } = vmg
  mmap_assert_write_locked(mm, 'vma_merge_new_range()')
  if (mm.listener !== null) {
    mm.proposal = vmg
    step(mm, 'vma_merge_new_range', null, vmg.start, vmg.end)
  }
  if (is_special(vmg) || (!prev && !next)) return null
  const left = can_vma_merge_left(vmg)
  const right = !vmg.just_expand && can_vma_merge_right(vmg, left)
  if (left && prev) {
    const both = right && next !== null && can_merge_remove_vma(next)
    vmg.start = prev.vm_start
    vmg.pgoff = prev.vm_pgoff
    vmg.anon_pgoff = prev.anon_pgoff
    if (both) vmg.end = next.vm_end
    return vma_expand(vmg, prev, both ? next : null) === 0 ? prev : null
  }
  if (right && next) {
    vmg.end = next.vm_end
    return vma_expand(vmg, next, null) === 0 ? next : null
  }
  return null
}

/**
 * Gives `target` the range of the proposal and deletes `removed`, which lies within. -ENOMEM changes nothing.
 * Linux: mm/vma.c:vma_expand()
 */
function vma_expand(
  vmg: vma_merge_struct,
  target: vm_area_struct,
  removed: vm_area_struct | null,
): number {
  const had_none = !target.anon_vma
  const { copied_from } = vmg
  vma_start_write(target)
  if (removed && dup_anon_vma(vmg, target, removed) !== 0) return out_of_memory(vmg)
  if (copied_from && dup_anon_vma(vmg, target, copied_from) !== 0) return out_of_memory(vmg)
  if (removed) vma_start_write(removed)
  return commit_merge(vmg, target, had_none, removed ? [removed] : NOTHING, null)
}

const NOTHING: readonly vm_area_struct[] = []

function out_of_memory(vmg: vma_merge_struct): number {
  vmg.out_of_memory = true
  return -ENOMEM
}

/** Gives the VMA that stays the owner of the anonymous pages it takes in. Linux: mm/vma.c:dup_anon_vma() */
function dup_anon_vma(
  vmg: vma_merge_struct,
  target: vm_area_struct,
  source: vm_area_struct,
): number {
  if (!source.anon_vma || target.anon_vma) return 0
  vma_assert_write_locked(target)
  const error = anon_vma_clone(vmg.mm, target, source)
  if (error === 0) target.anon_vma = source.anon_vma
  return error
}

/**
 * Carries the merge out: `target` gets the range, `shrunk` keeps what it has outside of it, `removed` goes. `had_none`:
 * the target's anon_vma is a copy that a failure takes back. Linux: mm/vma.c:commit_merge()
 */
function commit_merge(
  vmg: vma_merge_struct,
  target: vm_area_struct,
  had_none: boolean,
  removed: readonly vm_area_struct[],
  shrunk: vm_area_struct | null,
): number {
  const { mm } = vmg
  if (should_fail(mm, 'vma_iter_prealloc')) {
    if (had_none) unlink_anon_vmas(target)
    return out_of_memory(vmg)
  }
  let united = target.vm_flags
  for (const vma of removed) united |= vma.vm_flags
  vmg.vm_flags |= united & mm.release.sticky
  target.vm_flags |= vmg.vm_flags & mm.release.sticky
  const [start, end] = [target.vm_start, target.vm_end]
  const { vm_file } = target
  if (vm_file) i_mmap_lock_write(mm, vm_file)
  if (shrunk) {
    // Before the other shrinks, so that the tree never sees a gap between the two.
    mm.mm_mt.setRange(target, vmg.start, vmg.end)
    shrink(mm, shrunk, vmg)
  }
  target.vm_pgoff = vmg.pgoff
  target.anon_pgoff = vmg.anon_pgoff
  vma_iter_store_overwrite(mm, target, vmg.start, vmg.end)
  if (vm_file) {
    for (const vma of removed) __remove_shared_vm_struct(vma, vm_file.f_mapping)
    i_mmap_unlock_write(mm, vm_file)
  }
  step(mm, 'commit_merge', target, start, end)
  for (const vma of removed) vma_complete_removal(mm, vma)
  return 0
}

function shrink(mm: mm_struct, vma: vm_area_struct, { start, end }: vma_merge_struct): void {
  if (vma.vm_start < start) mm.mm_mt.setRange(vma, vma.vm_start, start)
  else vma_cut_front(mm, vma, end)
}

/** A merge has taken the VMA's range: frees it, without close. Linux: mm/vma.c:vma_complete() */
function vma_complete_removal(mm: mm_struct, vma: vm_area_struct): void {
  vma_mark_detached(vma)
  mm.map_count--
  if (vma.vm_file) fput(mm, vma.vm_file)
  step(mm, 'remove_vma', vma)
}

/**
 * Gives a VMA the range [start, end) in the tree, in place of all else that lies there.
 * Linux: mm/vma.h:vma_iter_store_overwrite()
 */
export function vma_iter_store_overwrite(
  mm: mm_struct,
  vma: vm_area_struct,
  start: number,
  end: number,
): void {
  const tree = mm.mm_mt
  if (tree.holds(vma)) {
    tree.setRange(vma, start, end)
    for (let at = tree.prev(vma); at && at.vm_end > start; at = tree.prev(vma)) tree.remove(at)
    for (let at = tree.next(vma); at && at.vm_start < end; at = tree.next(vma)) tree.remove(at)
    return
  }
  let above = tree.find(start)
  while (above && above.vm_start < end) {
    const overwritten = above
    above = tree.next(overwritten)
    tree.remove(overwritten)
  }
  vma.vm_start = start
  vma.vm_end = end
  tree.insert(vma, above ? tree.prev(above) : tree.findBelow(start))
}

/**
 * Lets a neighbour take in [start, end) of the VMA `middle`, whose attributes become those of the proposal. Returns the
 * VMA that holds the range now, or null when nothing merges; `vmg.out_of_memory` tells why not.
 * Linux: mm/vma.c:vma_merge_existing_range()
 */
export function vma_merge_existing_range(vmg: vma_merge_struct): vm_area_struct | null {
  const { prev, middle, next } = vmg
  mmap_assert_write_locked(vmg.mm, 'vma_merge_existing_range()')
  if (!middle || is_special(vmg)) return null
  const left_side = vmg.start === middle.vm_start
  const right_side = vmg.end === middle.vm_end
  const left = left_side && can_vma_merge_left(vmg)
  let right = right_side && can_vma_merge_right(vmg, left)
  if (!left && !right) return null
  const whole = left_side && right_side
  if (whole && !can_merge_remove_vma(middle)) {
    vmg.left_at_prev = left
    return null
  }
  if (left && right && next && !can_merge_remove_vma(next)) right = false
  vma_start_write(middle)
  if (right && next) vma_start_write(next)
  if (left && prev) vma_start_write(prev)

  if (left && prev) return merge_into_prev(vmg, prev, middle, whole, right ? next : null)
  return next && merge_into_next(vmg, middle, next, whole)
}

function merge_into_prev(
  vmg: vma_merge_struct,
  prev: vm_area_struct,
  middle: vm_area_struct,
  whole: boolean,
  next: vm_area_struct | null,
): vm_area_struct | null {
  const had_none = !prev.anon_vma
  if (dup_anon_vma(vmg, prev, next?.anon_vma ? next : middle) !== 0) {
    out_of_memory(vmg)
    return null
  }
  vmg.start = prev.vm_start
  vmg.pgoff = prev.vm_pgoff
  vmg.anon_pgoff = prev.anon_pgoff
  if (next) vmg.end = next.vm_end
  const removed = whole ? (next ? [middle, next] : [middle]) : NOTHING
  const shrunk = whole ? null : middle
  return commit_merge(vmg, prev, had_none, removed, shrunk) === 0 ? prev : null
}

function merge_into_next(
  vmg: vma_merge_struct,
  middle: vm_area_struct,
  next: vm_area_struct,
  whole: boolean,
): vm_area_struct | null {
  const had_none = !next.anon_vma
  if (dup_anon_vma(vmg, next, middle) !== 0) {
    out_of_memory(vmg)
    return null
  }
  const pages = (next.vm_start - vmg.start) / PAGE_SIZE
  vmg.end = next.vm_end
  vmg.pgoff = next.vm_pgoff - pages
  vmg.anon_pgoff = next.anon_pgoff - pages
  const removed = whole ? [middle] : NOTHING
  const shrunk = whole ? null : middle
  return commit_merge(vmg, next, had_none, removed, shrunk) === 0 ? next : null
}

/**
 * Makes [start, end) of the VMA `middle` one VMA, by a merge or else by splits, for the caller to change. Returns it
 * or a negative errno. The caller sets the flags of the proposal, which a merge has united with the sticky ones.
 * Linux: mm/vma.c:vma_modify()
 */
export function vma_modify(vmg: vma_merge_struct): vm_area_struct | number {
  const { mm, start, end } = vmg
  const vma = vmg.middle as vm_area_struct
  const merged = vma_merge_existing_range(vmg)
  if (merged) return merged
  if (vmg.out_of_memory && !vmg.give_up_on_oom)
    return refuse(mm, ENOMEM, 'vma_merge_existing_range', 'no memory to merge with a neighbour')
  if (vma.vm_start < start) {
    const error = split_vma(mm, vma, start, true)
    if (error !== 0) return error
  }
  if (vma.vm_end > end) {
    const error = split_vma(mm, vma, end, false)
    if (error !== 0) return error
  }
  return vma
}

/**
 * Lets `vma` take in `delta` bytes above it, and a like neighbour that they touch. Returns the VMA, or null when memory
 * ran out. Linux: mm/vma.c:vma_merge_extend()
 */
export function vma_merge_extend(
  mm: mm_struct,
  vma: vm_area_struct,
  delta: number,
): vm_area_struct | null {
  const next = mm.mm_mt.next(vma)
  const pages = vma_pages(vma)
  const vmg = new vma_merge_struct(
    mm,
    vma,
    null,
    next,
    vma.vm_end,
    vma.vm_end + delta,
    vma.vm_pgoff + pages,
    vma.anon_pgoff + pages,
    vma.vm_flags,
    vma.vm_flags_high,
    vma.vm_file,
  )
  vmg.anon_vma = vma.anon_vma
  vmg.anon_name = vma.anon_name
  vmg.uffd_ctx = vma.vm_userfaultfd_ctx
  return vma_merge_new_range(vmg)
}
