// SPDX-License-Identifier: GPL-2.0-only
// What every form of mremap() ends in: a VMA copied to its new place, or grown where it stands. Linux: mm/mremap.c

import { copy_vma } from './copy_vma.ts'
import { EFAULT, ENOMEM, is_err } from './errno.ts'
import {
  MAP_FIXED,
  MAP_SHARED,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  PAGE_SIZE,
  VM_ACCOUNT,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_MAYSHARE,
} from './flags.ts'
import { vma_start_write } from './locks.ts'
import { vma_merge_extend } from './merge.ts'
import { type mm_struct, type vm_area_struct, vma_is_anonymous } from './mm_types.ts'
import { do_vmi_munmap } from './munmap.ts'
import { unlink_anon_vmas } from './rmap.ts'
import { may_split, split_vma } from './split.ts'
import { refuse } from './steps.ts'
import { __get_unmapped_area } from './unmapped_area.ts'
import { userfaultfd_reset } from './userfaultfd.ts'
import {
  security_vm_enough_memory_mm,
  vm_acct_memory,
  vm_flags_reset,
  vm_stat_account,
  vm_unacct_memory,
  vma_lookup,
} from './vma.ts'

/** One call as it is carried out. Bytes. Linux: mm/mremap.c:struct vma_remap_struct */
export interface vma_remap_struct {
  readonly mm: mm_struct
  addr: number
  old_len: number
  new_len: number
  readonly flags: number
  new_addr: number
  /** Locked pages that an expansion adds are made present at the end. */
  populate_expand: boolean
  /** Pages charged for it. */
  charged: number
}

/** -EFAULT, and the reason. */
export function refuse_no_vma(mm: mm_struct, addr: number): number {
  return refuse(mm, EFAULT, 'do_mremap', `nothing is mapped at 0x${addr.toString(16)}`)
}

/** Finds the new address, or takes the given one: 0 or a negative errno. Linux: mm/mremap.c:vrm_set_new_addr() */
export function vrm_set_new_addr(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, new_addr, new_len, flags } = vrm
  const pgoff = vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE
  const map_flags =
    (flags & MREMAP_FIXED ? MAP_FIXED : 0) | (vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
  const found = __get_unmapped_area(mm, vma.vm_file, new_addr, new_len, pgoff, map_flags)
  if (is_err(found)) return found
  vrm.new_addr = found
  return 0
}

/** Copies the VMA to the new address, moves the pages, and unmaps the source. Linux: mm/mremap.c:move_vma() */
export function move_vma(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, old_len, new_len, new_addr, flags } = vrm
  const source_stays = (flags & MREMAP_DONTUNMAP) !== 0
  const prepared = prep_move_vma(vrm, vma)
  if (prepared !== 0) return prepared
  if (!charge(vrm, vma, source_stays ? new_len : new_len - old_len))
    return refuse(
      mm,
      ENOMEM,
      'vrm_calc_charge',
      `${vrm.charged} pages more exceed the commit limit`,
    )

  vma_start_write(vma)
  const { vm_flags } = vma
  const copied = copy_vma(mm, vma, addr, new_addr, new_len, source_stays)
  if (!copied) {
    vm_unacct_memory(mm, vrm.charged)
    return refuse(mm, ENOMEM, 'copy_vma', 'no memory for the moved VMA')
  }
  const { source } = copied
  if (copied.vma.vm_userfaultfd_ctx !== null) userfaultfd_reset(copied.vma)
  mm.pages.move(addr, addr + Math.min(old_len, new_len), new_addr)
  vm_stat_account(mm, vm_flags, new_len / PAGE_SIZE)
  if (vm_flags & VM_LOCKED) mm.locked_vm += new_len / PAGE_SIZE
  if (source_stays) dontunmap_complete(vrm, source, copied.vma)
  else unmap_source_vma(vrm, source)
  return new_addr
}

/** Linux: mm/mremap.c:prep_move_vma() */
function prep_move_vma(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, old_len, flags } = vrm
  const end = addr + old_len
  const unlocks = (flags & MREMAP_DONTUNMAP) !== 0 && (vma.vm_flags & VM_LOCKED) !== 0
  const spare = check_spare_vmas(mm, mm.release.mremap_spare.to_move(unlocks))
  if (spare !== 0) return spare
  const vetoed =
    (addr !== vma.vm_start && may_split(mm, vma, addr)) ||
    (end !== vma.vm_end && may_split(mm, vma, end))
  if (vetoed) return vetoed
  return unlocks && mm.release.splits_unlocked_source ? split_off(vrm, vma) : 0
}

/** Makes [addr, addr + old_len) a VMA of its own, which `vma` then is. */
function split_off({ mm, addr, old_len }: vma_remap_struct, vma: vm_area_struct): number {
  const error = vma.vm_start < addr ? split_vma(mm, vma, addr, true) : 0
  if (error !== 0) return error
  const end = addr + old_len
  return vma.vm_end > end ? split_vma(mm, vma, end, false) : 0
}

/** -ENOMEM unless max_map_count leaves room for so many VMAs more; 0: nobody asks. */
export function check_spare_vmas(mm: mm_struct, spare: number): number {
  const { map_count, limits } = mm
  if (spare === 0 || map_count + spare <= limits.max_map_count) return 0
  return refuse(
    mm,
    ENOMEM,
    'check_map_count_against_split',
    `a move may make ${spare} VMAs more, and ${map_count} of max_map_count ${limits.max_map_count} exist`,
  )
}

function charge(vrm: vma_remap_struct, vma: vm_area_struct, bytes: number): boolean {
  vrm.charged = vma.vm_flags & VM_ACCOUNT ? bytes / PAGE_SIZE : 0
  return security_vm_enough_memory_mm(vrm.mm, vrm.charged)
}

/** The charge has gone to the copy: what is unmapped must not give it back. Linux: mm/mremap.c:unmap_source_vma() */
function unmap_source_vma({ mm, addr, old_len }: vma_remap_struct, vma: vm_area_struct): void {
  const accountable = (vma.vm_flags & VM_ACCOUNT) !== 0
  const { vm_start, vm_end } = vma
  if (accountable) vma.vm_flags &= ~VM_ACCOUNT
  const error = do_vmi_munmap(mm, addr, old_len)
  if (!accountable) return
  if (error !== 0) {
    vm_acct_memory(mm, old_len / PAGE_SIZE)
    return
  }
  const below = vm_start < addr ? vma_lookup(mm, addr - 1) : null
  const above = vm_end > addr + old_len ? vma_lookup(mm, addr + old_len) : null
  for (const rest of [below, above]) {
    if (!rest) continue
    vma_start_write(rest)
    rest.vm_flags |= VM_ACCOUNT
  }
}

/** The source stays, unlocked and without pages. Linux: mm/mremap.c:dontunmap_complete() */
function dontunmap_complete(
  { mm, addr, old_len }: vma_remap_struct,
  vma: vm_area_struct,
  copy: vm_area_struct,
): void {
  if (vma.vm_flags & VM_LOCKED && mm.release.splits_unlocked_source)
    mm.locked_vm -= old_len / PAGE_SIZE
  vma_start_write(vma)
  vm_flags_reset(mm, vma, vma.vm_flags & ~VM_LOCKED_MASK, vma.vm_flags_high)
  const whole = addr === vma.vm_start && addr + old_len === vma.vm_end
  if (copy === vma || !whole) return
  unlink_anon_vmas(vma)
  if (!mm.release.resets_emptied_source) return
  const unfaulted = vma.vm_start / PAGE_SIZE
  vma.anon_pgoff = unfaulted
  if (vma_is_anonymous(vma) && !vma.vm_file) vma.vm_pgoff = unfaulted
}

/** Are `delta` bytes above the VMA free? Linux: mm/mremap.c:vma_expandable() */
export function vma_expandable(mm: mm_struct, vma: vm_area_struct, delta: number): boolean {
  const end = vma.vm_end + delta
  const next = mm.mm_mt.next(vma)
  return end <= mm.range.task_size && (!next || next.vm_start >= end)
}

/** Grows the VMA by `delta` bytes: 0 or a negative errno. Linux: mm/mremap.c:expand_vma_in_place() */
export function expand_vma_in_place(mm: mm_struct, vma: vm_area_struct, delta: number): number {
  const { vm_flags } = vma
  const pages = delta / PAGE_SIZE
  const charged = vm_flags & VM_ACCOUNT ? pages : 0
  if (!security_vm_enough_memory_mm(mm, charged))
    return refuse(mm, ENOMEM, 'expand_vma_in_place', `${pages} pages more exceed the commit limit`)
  if (!vma_merge_extend(mm, vma, delta)) {
    vm_unacct_memory(mm, charged)
    return refuse(mm, ENOMEM, 'vma_merge_extend', `no memory to extend the VMA by ${pages} pages`)
  }
  vm_stat_account(mm, vm_flags, pages)
  if (vm_flags & VM_LOCKED) mm.locked_vm += pages
  return 0
}
