// SPDX-License-Identifier: GPL-2.0-only
// The pipeline of a new mapping. Linux: mm/vma.c

import { EACCES, ENOMEM, EPERM } from './errno.ts'
import { should_fail } from './fault_plan.ts'
import {
  PAGE_SIZE,
  VM_ACCOUNT,
  VM_DROPPABLE_HIGH,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SPECIAL,
} from './flags.ts'
import { is_file_hugepages } from './hugetlb.ts'
import { ksm_vma_flags } from './ksm.ts'
import { mmap_assert_write_locked, vma_mark_attached, vma_start_write } from './locks.ts'
import { vma_iter_store_overwrite, vma_merge_new_range, vma_merge_struct } from './merge.ts'
import {
  type file,
  type mm_struct,
  type mmap_action,
  vm_area_desc,
  type vm_area_struct,
  type vm_operations_struct,
  vma_dummy_vm_ops,
} from './mm_types.ts'
import { map_deny_write_exec } from './mprotect.ts'
import {
  reattach_vmas,
  vma_munmap_struct,
  vms_abort_munmap_vmas,
  vms_clean_up_area,
  vms_complete_munmap_vmas,
  vms_gather_munmap_vmas,
} from './munmap.ts'
import {
  is_shared_maywrite,
  mapping_map_writable,
  mapping_unmap_writable,
  vma_link_file,
} from './rmap.ts'
import { shmem_zero_setup } from './shmem.ts'
import { refuse, step } from './steps.ts'
import { prepare_description } from './util.ts'
import {
  accountable_mapping,
  fput,
  get_file,
  may_expand_vm,
  security_vm_enough_memory_mm,
  vm_area_alloc,
  vm_get_page_prot,
  vm_stat_account,
  vm_unacct_memory,
  vma_set_page_prot,
} from './vma.ts'

/** A mapping in the making. Addresses in bytes, lengths and offsets in pages. Linux: mm/vma.c:struct mmap_state */
export class mmap_state {
  readonly mm: mm_struct
  readonly addr: number
  readonly end: number
  readonly pglen: number
  pgoff: number
  /** Not changeable by a hook. */
  readonly anon_pgoff: number
  vm_flags: number
  vm_flags_high: number
  page_prot: number
  file: file | null
  /** The file that mmap() was given. */
  readonly original_file: file | null
  prev: vm_area_struct | null = null
  next: vm_area_struct | null = null
  vm_ops: vm_operations_struct | null = vma_dummy_vm_ops
  vm_private_data: unknown = null
  /** Pages charged for this mapping, given back when it fails. */
  charged = 0
  /** A hook put another file in place and gave its reference away. */
  file_doesnt_need_get = false
  /** What was asked for, kept by an era whose hook may change it. */
  asked: { vm_flags: number; vm_flags_high: number; file: file } | null = null
  /** What mmap_prepare hands on to mmap_complete and mmap_abort. */
  mmap_context: unknown = null
  /** What the file's mmap_prepare asked for; null when there is no such hook. */
  action: mmap_action | null = null
  /** A new VMA holds the range: nothing merged. */
  allocated_new = false
  /** What the mapping replaces. */
  vms: vma_munmap_struct | null = null

  constructor(
    mm: mm_struct,
    file: file | null,
    addr: number,
    len: number,
    pgoff: number,
    low: number,
    high: number,
  ) {
    this.mm = mm
    this.file = file
    this.original_file = file
    this.addr = addr
    this.end = addr + len
    this.pglen = len / PAGE_SIZE
    this.pgoff = pgoff
    this.anon_pgoff = addr / PAGE_SIZE
    this.vm_flags = low
    this.vm_flags_high = high
    this.page_prot = vm_get_page_prot(low)
  }
}

/**
 * Maps [addr, addr + len) with these final flags, in place of what is there. Returns `addr` or a negative errno.
 * Linux: mm/vma.c:mmap_region()
 * Not modelled: the architecture's flag check. Vectors: 0.
 */
export function mmap_region(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  low: number,
  high: number,
  pgoff: number,
): number {
  mmap_assert_write_locked(mm, 'mmap_region()')
  if (map_deny_write_exec(mm, low, low))
    return refuse(mm, EACCES, 'map_deny_write_exec', 'PR_SET_MDWE forbids writable code')
  const writable_file = file !== null && is_shared_maywrite(low)
  if (writable_file && mapping_map_writable(file.f_mapping) !== 0)
    return refuse(mm, EPERM, 'mapping_map_writable', `${file.name} is sealed against writing`)
  const ret = __mmap_region(mm, file, addr, len, low, high, pgoff)
  if (writable_file) mapping_unmap_writable(file.f_mapping)
  return ret
}

/** The stages of a mapping in their order. Linux: mm/vma.c:__mmap_region() */
export function __mmap_region(
  mm: mm_struct,
  file: file | null,
  addr: number,
  len: number,
  low: number,
  high: number,
  pgoff: number,
): number {
  const { era } = mm.release
  const map = new mmap_state(mm, file, addr, len, pgoff, low, high)

  let error = era.before_setup(map) || __mmap_setup(map)
  if (error !== 0) return error
  error = era.before_merge(map)
  if (error !== 0) {
    if (!mm.release.returns_charge_of_description) map.charged = 0
    return unacct_error(map, error)
  }
  if (mm.merge_any && mm.release.marks_ksm_early(file))
    map.vm_flags = ksm_vma_flags(mm, map.vm_flags, map.vm_flags_high)

  let vma = merge_with_neighbours(map)
  if (!vma) {
    const made = __mmap_new_vma(map)
    if (typeof made === 'number') {
      era.abort(map)
      return unacct_error(map, made)
    }
    vma = made
  }
  era.describe(map, vma)
  __mmap_complete(map, vma)
  if (map.allocated_new) error = era.complete(map, vma)
  return error === 0 ? addr : error
}

/**
 * Takes out what the mapping replaces and charges for it. The last stage that an error leaves without a trace but the
 * splits: once the page tables are cleared there is no way back. Linux: mm/vma.c:__mmap_setup()
 */
export function __mmap_setup(map: mmap_state): number {
  const { mm } = map
  const overlapped = mm.mm_mt.find(map.addr)
  if (overlapped && overlapped.vm_start < map.end) {
    const vms = new vma_munmap_struct(mm, overlapped, map.addr, map.end)
    const error = vms_gather_munmap_vmas(vms)
    if (error !== 0) return error
    map.vms = vms
    map.prev = vms.prev
    map.next = vms.next
  } else {
    map.next = overlapped
    map.prev = overlapped ? mm.mm_mt.prev(overlapped) : mm.mm_mt.findBelow(map.addr)
  }
  const error = charge(map)
  if (error !== 0) {
    if (map.vms) reattach_vmas(map.vms)
    return error
  }
  if (map.vms) vms_clean_up_area(map.vms)
  return 0
}

/** Asks the limits for what the mapping adds to what it replaces. */
function charge(map: mmap_state): number {
  const { mm, vms } = map
  if (!may_expand_vm(mm, map.vm_flags, map.pglen - (vms?.nr_pages ?? 0)))
    return refuse(
      mm,
      ENOMEM,
      'may_expand_vm',
      `${map.pglen} pages more exceed RLIMIT_AS or RLIMIT_DATA`,
    )
  if (!is_accountable(map)) return 0
  const net = map.pglen - (vms?.nr_accounted ?? 0)
  if (net > 0 && !security_vm_enough_memory_mm(mm, net))
    return refuse(mm, ENOMEM, '__vm_enough_memory', `${net} pages more exceed the commit limit`)
  map.charged = mm.release.returns_whole_charge ? map.pglen : net
  if (vms) vms.nr_accounted = 0
  map.vm_flags |= VM_ACCOUNT
  return 0
}

function is_accountable(map: mmap_state): boolean {
  return !is_file_hugepages(map.file) && accountable_mapping(map.vm_flags)
}

function merge_with_neighbours(map: mmap_state): vm_area_struct | null {
  if (!map.prev && !map.next) return null
  return vma_merge_new_range(
    merge_proposal(map, map.vm_flags, map.vm_flags_high, map.pgoff, map.file),
  )
}

/** The mapping as a proposal to its neighbours, with the given flags, offset (pages) and file. */
export function merge_proposal(
  map: mmap_state,
  low: number,
  high: number,
  pgoff: number,
  file: file | null,
): vma_merge_struct {
  const { mm, prev, next, addr, end, anon_pgoff } = map
  return new vma_merge_struct(mm, prev, null, next, addr, end, pgoff, anon_pgoff, low, high, file)
}

/**
 * Makes a VMA for the mapping, lets a legacy hook see it, puts it into the tree. Returns the VMA that holds the range
 * then (an older one when the era merged after all), or a negative errno with nothing left of the new one.
 * Linux: mm/vma.c:__mmap_new_vma()
 */
export function __mmap_new_vma(map: mmap_state): vm_area_struct | number {
  const { mm } = map
  const vma = vm_area_alloc(mm, map.addr, map.end)
  if (!vma) return refuse(mm, ENOMEM, 'vm_area_alloc', 'no memory for a VMA')
  vma.vm_pgoff = map.pgoff
  vma.anon_pgoff = map.anon_pgoff
  vma.vm_flags = map.vm_flags
  vma.vm_flags_high = map.vm_flags_high
  vma.vm_page_prot = map.page_prot
  if (should_fail(mm, 'vma_iter_prealloc'))
    return refuse(mm, ENOMEM, 'vma_iter_prealloc', 'no memory for the tree of VMAs')
  step(mm, 'vm_area_alloc', vma)

  if (map.file) {
    const error = __mmap_new_file_vma(map, vma, map.file)
    if (error !== 0) return error
    const merged = mm.release.era.merge_again(map, vma)
    if (merged) return mark_for_ksm(merged)
  } else if (map.vm_flags & VM_SHARED) {
    const error = shmem_zero_setup(mm, vma)
    if (error !== 0) return error
  } else vma.vm_ops = null

  mark_for_ksm(vma)
  vma_start_write(vma)
  vma_iter_store_overwrite(mm, vma, map.addr, map.end)
  vma_mark_attached(vma)
  map.allocated_new = true
  mm.map_count++
  step(mm, 'vma_iter_store', vma)
  vma_link_file(vma, map.action?.hide_from_rmap_until_complete)
  return vma
}

function mark_for_ksm(vma: vm_area_struct): vm_area_struct {
  vma.vm_flags = ksm_vma_flags(vma.vm_mm, vma.vm_flags, vma.vm_flags_high)
  return vma
}

/** Gives the VMA its file and lets a legacy hook work on it. Linux: mm/vma.c:__mmap_new_file_vma() */
export function __mmap_new_file_vma(map: mmap_state, vma: vm_area_struct, file: file): number {
  const { mm } = map
  vma.vm_file = file
  if (!map.file_doesnt_need_get) get_file(mm, file)
  const error = mm.release.era.new_file_vma(map, vma, file)
  if (error !== 0) {
    if (vma.vm_file) fput(mm, vma.vm_file)
    vma.vm_file = null
    step(mm, 'unmap_region', null, vma.vm_start, vma.vm_end)
    mm.pages.clear(vma.vm_start, vma.vm_end)
    return error
  }
  map.file = vma.vm_file
  map.vm_flags = vma.vm_flags
  map.vm_flags_high = vma.vm_flags_high
  return 0
}

/** The old mappings are finished off, the new one is counted. Linux: mm/vma.c:__mmap_complete() */
export function __mmap_complete(map: mmap_state, vma: vm_area_struct): void {
  const { mm } = map
  if (map.vms) vms_complete_munmap_vmas(map.vms)
  vm_stat_account(mm, vma.vm_flags, map.pglen)
  if (vma.vm_flags & VM_LOCKED) {
    if (vma_supports_mlock(vma)) mm.locked_vm += map.pglen
    else vma.vm_flags &= ~VM_LOCKED_MASK
  }
  if (mm.release.soft_dirty) vma.vm_flags |= VM_SOFTDIRTY
  vma_set_page_prot(vma)
}

/**
 * Can the pages be locked? Not those of devices, nor those that may be dropped.
 * Linux: mm/internal.h:vma_supports_mlock()
 */
export function vma_supports_mlock(vma: vm_area_struct): boolean {
  if (vma.vm_flags_high & VM_DROPPABLE_HIGH && !vma.vm_mm.release.locks_droppable) return false
  return (vma.vm_flags & (VM_SPECIAL | VM_HUGETLB)) === 0
}

/** A stage after the charge failed: undoes what can be undone and returns the error. */
function unacct_error(map: mmap_state, error: number): number {
  const { mm } = map
  vm_unacct_memory(mm, map.charged)
  if (map.file_doesnt_need_get && map.file) fput(mm, map.file)
  if (map.vms) vms_abort_munmap_vmas(map.vms)
  return error
}

/**
 * Asks the file's mmap_prepare hook and takes over what it may change; the range is not read back.
 * Linux: mm/vma.c:call_mmap_prepare()
 */
export function call_mmap_prepare(map: mmap_state, file: file): number {
  return file.f_op.mmap_prepare ? describe_mapping(map, file, prepare_description) : 0
}

/** Lets `hook` describe the mapping and takes over what it may change. Returns 0 or a negative errno. */
export function describe_mapping(
  map: mmap_state,
  file: file,
  hook: (file: file, desc: vm_area_desc) => number,
): number {
  const { mm, addr, end, pgoff, vm_flags, vm_flags_high, page_prot } = map
  const desc = new vm_area_desc(mm, file, addr, end, pgoff, vm_flags, vm_flags_high, page_prot)
  if (!mm.release.null_ops_is_anonymous) desc.vm_ops = null
  const error = hook(file, desc)
  if (error !== 0) return error
  map.pgoff = desc.pgoff
  if (desc.vm_file !== file) {
    map.file = desc.vm_file
    map.file_doesnt_need_get = mm.release.takes_over_file_reference
  }
  map.vm_flags = desc.vm_flags
  map.vm_flags_high = desc.vm_flags_high
  map.page_prot = desc.page_prot
  map.vm_ops = desc.vm_ops
  map.vm_private_data = desc.private_data
  map.mmap_context = desc.mmap_context
  map.action = desc.action
  return 0
}

/** The new VMA gets the hooks and the private data of the description. Linux: mm/vma.c:set_vma_user_defined_fields() */
export function set_vma_user_defined_fields(map: mmap_state, vma: vm_area_struct): void {
  if (map.vm_ops || map.mm.release.null_ops_is_anonymous) vma.vm_ops = map.vm_ops
  vma.vm_private_data = map.vm_private_data
}
