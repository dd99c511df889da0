// SPDX-License-Identifier: GPL-2.0-only
// Growing, shrinking and moving mappings. Linux: mm/mremap.c

import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, is_err } from './errno.ts'
import { mm_populate } from './fault.ts'
import {
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PAGE_SIZE,
  PMD_SIZE,
  VM_DONTEXPAND,
  VM_LOCKED,
  VM_MAYSHARE,
  VM_PFNMAP,
} from './flags.ts'
import { huge_page_align, is_file_hugepages, is_vm_hugetlb_page } from './hugetlb.ts'
import { mmap_assert_write_locked, mmap_unlock, mmap_write_lock } from './locks.ts'
import type { mm_struct, vm_area_struct } from './mm_types.ts'
import { page_align } from './mmap.ts'
import {
  check_spare_vmas,
  expand_vma_in_place,
  move_vma,
  refuse_no_vma,
  vma_expandable,
  type vma_remap_struct,
  vrm_set_new_addr,
} from './mremap_move.ts'
import { do_vmi_munmap, vma_is_sealed } from './munmap.ts'
import { refuse, refuse_unaligned } from './steps.ts'
import { thp_get_unmapped_area } from './unmapped_area.ts'
import { may_expand_vm, mlock_future_ok, vma_lookup } from './vma.ts'

const implies_new_addr = (flags: number): boolean =>
  (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0

/** The stages of mremap(), which differ between releases. */
export interface MremapForm {
  /** Refuses arguments before any VMA is looked at. Lengths as given. Returns 0 or a negative errno. */
  check_params(vrm: vma_remap_struct, old_length: number, new_length: number): number
  /** Does the rest: the address of the mapping then, or a negative errno. */
  remap(vrm: vma_remap_struct): number
}

/** Everything is checked before anything is touched, and several VMAs can move at once. */
export const mremap_several: MremapForm = {
  check_params: (vrm) =>
    check_params(vrm, vrm.old_len === vrm.new_len) ||
    check_new_len(vrm) ||
    (implies_new_addr(vrm.flags) ? check_new_addr(vrm) : 0) ||
    check_spare_vmas(vrm.mm, vrm.mm.release.mremap_spare.to_start(vrm.flags)),
  remap: (vrm) =>
    vrm.flags & MREMAP_FIXED && vrm.old_len === vrm.new_len ? remap_move(vrm) : remap_one(vrm),
}

/** One VMA moves, checked when the new range is emptied and the tail unmapped. Linux 6.12: mm/mremap.c:mremap */
export const mremap_single: MremapForm = {
  check_params: (vrm, old_length, new_length) => check_params(vrm, old_length === new_length),
  remap: (vrm) => {
    const { mm, addr, flags } = vrm
    if (!implies_new_addr(flags)) return remap_one(vrm)
    const vma = vma_lookup(mm, addr)
    if (!vma) return refuse_no_vma(mm, addr)
    return (
      check_remappable(vrm, vma) ||
      check_new_addr(vrm) ||
      check_spare_vmas(mm, mm.release.mremap_spare.to_start(flags)) ||
      mremap_to(vrm, vma_to_resize)
    )
  },
}

/**
 * mremap(): the address of the mapping then, or a negative errno. Lengths round up to pages.
 * Linux: mm/mremap.c:do_mremap()
 */
export function do_mremap(
  mm: mm_struct,
  addr: number,
  old_length: number,
  new_length: number,
  flags: number,
  new_addr: number,
): number {
  const form = mm.release.mremap
  const vrm: vma_remap_struct = {
    mm,
    addr,
    old_len: page_align(old_length),
    new_len: page_align(new_length),
    flags,
    new_addr,
    populate_expand: false,
    charged: 0,
  }
  const error = form.check_params(vrm, old_length, new_length)
  if (error !== 0) return error
  let ret: number
  mmap_write_lock(mm, 'mremap()')
  try {
    ret = form.remap(vrm)
  } finally {
    mmap_unlock(mm)
  }
  if (!is_err(ret) && vrm.populate_expand) mm_populate(mm, ret + vrm.old_len, ret + vrm.new_len)
  return ret
}

const AT = 'check_mremap_params'

/** Linux: mm/mremap.c:check_mremap_params() */
function check_params({ mm, addr, new_len, flags }: vma_remap_struct, same: boolean): number {
  const invalid = (why: string): number => refuse(mm, EINVAL, AT, why)
  if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) !== 0)
    return invalid(`flags 0x${flags.toString(16)} are unknown`)
  if (addr % PAGE_SIZE !== 0) return refuse_unaligned(mm, AT, addr)
  if (new_len === 0) return invalid('the new length is 0')
  if (!implies_new_addr(flags)) return 0
  if (!(flags & MREMAP_MAYMOVE)) return invalid('a new address needs MREMAP_MAYMOVE')
  if (flags & MREMAP_DONTUNMAP && !same) return invalid('MREMAP_DONTUNMAP cannot change the length')
  return 0
}

function check_new_len({ mm, new_len }: vma_remap_struct): number {
  if (new_len <= mm.range.task_size) return 0
  return refuse(mm, EINVAL, AT, `the new length ${new_len} exceeds the task size`)
}

function check_new_addr(vrm: vma_remap_struct): number {
  const { mm, new_len, new_addr } = vrm
  const invalid = (why: string): number => refuse(mm, EINVAL, AT, why)
  const too_long = check_new_len(vrm)
  if (too_long !== 0) return too_long
  if (new_addr > mm.range.task_size - new_len)
    return invalid('the new range lies beyond the task size')
  if (new_addr % PAGE_SIZE !== 0) return refuse_unaligned(mm, AT, new_addr)
  return vrm_overlaps(vrm) ? invalid('the old and the new range overlap') : 0
}

/** The end of the old range wraps around at 2^64. Linux: mm/mremap.c:vrm_overlaps() */
function vrm_overlaps({ addr, old_len, new_len, new_addr }: vma_remap_struct): boolean {
  return (addr + old_len) % 2 ** 64 > new_addr && new_addr + new_len > addr
}

/** Moves all VMAs of the range with the holes between them. Linux: mm/mremap.c:remap_move() */
function remap_move(vrm: vma_remap_struct): number {
  const { mm, addr: start, old_len } = vrm
  const end = start + old_len
  let target = vrm.new_addr
  let last_end = start
  let first = -EFAULT
  let addr = start
  while (addr < end) {
    const vma = mm.mm_mt.find(addr)
    if (!vma || vma.vm_start >= end) break
    const seen = first >= 0
    if (!seen && start < vma.vm_start) return refuse_no_vma(mm, start)
    const from = Math.max(vma.vm_start, start)
    const vma_end = vma.vm_end
    const offset = seen ? vma.vm_start - last_end : 0
    if (!vma_multi_allowed(vma) && (seen || vma_end < end))
      return refuse(
        mm,
        EFAULT,
        'remap_move',
        `the VMA at 0x${vma.vm_start.toString(16)} can only be moved by itself`,
      )
    vrm.addr = from
    vrm.new_addr = target + offset
    vrm.old_len = Math.min(end, vma_end) - from
    vrm.new_len = vrm.old_len
    const error = check_prep_vma(vrm, vma)
    const moved = error === 0 ? mremap_to(vrm) : error
    if (is_err(moved)) return moved
    if (!seen) first = moved
    last_end = vma_end
    target = moved + vrm.new_len
    addr = vma_end
  }
  return first < 0 ? refuse_no_vma(mm, start) : first
}

/** May the VMA be moved among others? Not where it chooses its own address. Linux: mm/mremap.c:vma_multi_allowed() */
function vma_multi_allowed({ vm_file, vm_userfaultfd_ctx }: vm_area_struct): boolean {
  if (vm_userfaultfd_ctx !== null) return false
  const own = vm_file?.f_op.get_unmapped_area
  if (!own || own === thp_get_unmapped_area) return true
  return vm_file.f_mapping.is_shmem || is_file_hugepages(vm_file)
}

function remap_one(vrm: vma_remap_struct): number {
  const { mm, addr, flags } = vrm
  const vma = vma_lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  const error = check_prep_vma(vrm, vma)
  if (error !== 0) return error
  return implies_new_addr(flags) ? mremap_to(vrm) : mremap_at(vrm, vma)
}

/** Linux: mm/mremap.c:check_prep_vma() */
function check_prep_vma(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const error = check_remappable(vrm, vma)
  if (error !== 0) return error
  return vrm.new_len <= vrm.old_len && !implies_new_addr(vrm.flags) ? 0 : vma_to_resize(vrm, vma)
}

function check_remappable(vrm: vma_remap_struct, vma: vm_area_struct): number {
  if (vma_is_sealed(vma))
    return refuse(
      vrm.mm,
      EPERM,
      'check_prep_vma',
      `the VMA at 0x${vma.vm_start.toString(16)} is sealed`,
    )
  return is_vm_hugetlb_page(vma) ? align_hugetlb(vrm) : 0
}

/** Linux: mm/mremap.c:align_hugetlb() */
function align_hugetlb(vrm: vma_remap_struct): number {
  vrm.old_len = huge_page_align(vrm.old_len)
  vrm.new_len = huge_page_align(vrm.new_len)
  const aligned = vrm.addr % PMD_SIZE === 0 && vrm.new_addr % PMD_SIZE === 0
  if (aligned && vrm.new_len <= vrm.old_len) return 0
  const why = 'huge pages move in whole, and never grow'
  return refuse(vrm.mm, EINVAL, 'align_hugetlb', why)
}

/** May the VMA be moved, and get the new length? Linux 6.12: mm/mremap.c:vma_to_resize() */
function vma_to_resize(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, new_len, flags } = vrm
  const at = 'check_prep_vma'
  if (vrm.old_len === 0 && (vma.vm_flags & VM_MAYSHARE) === 0)
    return refuse(mm, EINVAL, at, 'only a shared mapping can be duplicated')
  if (flags & MREMAP_DONTUNMAP && vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
    return refuse(
      mm,
      EINVAL,
      at,
      `the VMA at 0x${vma.vm_start.toString(16)} has VM_DONTEXPAND or VM_PFNMAP`,
    )
  const old_len = Math.min(vrm.old_len, new_len)
  if (old_len > vma.vm_end - addr)
    return refuse(mm, EFAULT, at, `the VMA ends at 0x${vma.vm_end.toString(16)}, before the range`)
  if (new_len === old_len) return 0
  if (vma.vm_flags & VM_LOCKED) vrm.populate_expand = true
  return check_expand(mm, vma, new_len - vrm.old_len)
}

/** May the VMA get `delta` bytes more? */
function check_expand(mm: mm_struct, vma: vm_area_struct, delta: number): number {
  const at = 'check_prep_vma'
  if (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
    return refuse(
      mm,
      EFAULT,
      at,
      `the VMA at 0x${vma.vm_start.toString(16)} has VM_DONTEXPAND or VM_PFNMAP`,
    )
  if (!mlock_future_ok(mm, vma.vm_flags, delta))
    return refuse(mm, EAGAIN, at, `${delta} bytes more exceed RLIMIT_MEMLOCK`)
  if (!may_expand_vm(mm, vma.vm_flags, delta / PAGE_SIZE))
    return refuse(mm, ENOMEM, at, `${delta} bytes more exceed RLIMIT_AS or RLIMIT_DATA`)
  return 0
}

/** Resizes in place, or moves for want of room. Linux: mm/mremap.c:mremap_at() */
function mremap_at(vrm: vma_remap_struct, vma: vm_area_struct): number {
  const { mm, addr, old_len, new_len, flags } = vrm
  if (new_len === old_len) return addr
  if (new_len < old_len) return shrink_vma(vrm, true) || addr
  if (old_len === vma.vm_end - addr && vma_expandable(mm, vma, new_len - old_len))
    return expand_vma_in_place(mm, vma, new_len - old_len) || addr
  if (!(flags & MREMAP_MAYMOVE))
    return refuse(
      mm,
      ENOMEM,
      'expand_vma',
      `there is no room above 0x${vma.vm_end.toString(16)}, and MREMAP_MAYMOVE is not given`,
    )
  vrm.new_addr = 0
  const error = vrm_set_new_addr(vrm, vma)
  return error !== 0 ? error : move_vma(vrm, vma)
}

/** With `unlock` mmap_lock is released after a success. Linux: mm/mremap.c:shrink_vma() */
function shrink_vma({ mm, addr, old_len, new_len }: vma_remap_struct, unlock: boolean): number {
  return do_vmi_munmap(mm, addr + new_len, old_len - new_len, unlock)
}

/** Moves to a new address. `check`: what is still to be asked of the VMA. Linux: mm/mremap.c:mremap_to() */
function mremap_to(vrm: vma_remap_struct, check?: typeof vma_to_resize): number {
  const { mm, addr, new_addr, new_len, flags } = vrm
  if (flags & MREMAP_FIXED) {
    const error = do_vmi_munmap(mm, new_addr, new_len)
    if (error !== 0) return error
    // With the checks still to come, the old range is looked at only then.
    if (!check && !vma_lookup(mm, addr)) return refuse_no_vma(mm, addr)
  }
  if (new_len < vrm.old_len) {
    const error = shrink_vma(vrm, false)
    if (error !== 0) return error
    vrm.old_len = new_len
  }
  const vma = vma_lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  const late = check?.(vrm, vma) ?? 0
  if (late !== 0) return late
  if (flags & MREMAP_DONTUNMAP && !may_expand_vm(mm, vma.vm_flags, vrm.old_len / PAGE_SIZE))
    return refuse(mm, ENOMEM, 'mremap_to', 'the copy exceeds RLIMIT_AS or RLIMIT_DATA')
  const error = vrm_set_new_addr(vrm, vma)
  return error !== 0 ? error : move_vma(vrm, vma)
}

/**
 * Grows the VMA at `addr` by `delta` bytes where it stands, and makes no page present: 0 or a negative errno.
 * Linux: mm/mremap.c:expand_vma()
 */
export function expand_vma(mm: mm_struct, addr: number, delta: number): number {
  mmap_assert_write_locked(mm, 'expand_vma()')
  const vma = vma_lookup(mm, addr)
  if (!vma) return refuse_no_vma(mm, addr)
  const error = check_expand(mm, vma, delta)
  if (error !== 0) return error
  if (!vma_expandable(mm, vma, delta))
    return refuse(mm, ENOMEM, 'vma_expandable', `no ${delta} bytes are free above the VMA`)
  return expand_vma_in_place(mm, vma, delta)
}
