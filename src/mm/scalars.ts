// SPDX-License-Identifier: GPL-2.0-only
// The numbers and switches of an address space as rows of numbers, for a history to keep. Field by field: it happens at
// every call.

import type { mm_struct } from './mm_types.ts'

/** What changes with most operations: so many numbers. */
export const COUNTERS = 5
/** What seldom changes: so many numbers. */
export const SETTINGS = 24

/** Writes the counters into a row that begins at `base`. */
export function gather_counters(mm: mm_struct, row: Float64Array, base: number): void {
  row[base] = mm.map_count
  row[base + 1] = mm.total_vm
  row[base + 2] = mm.data_vm
  row[base + 3] = mm.committed
  row[base + 4] = mm.vmas_made
}

/** Are the counters those of the row? */
export function counters_are(mm: mm_struct, row: Float64Array, base: number): boolean {
  return (
    mm.map_count === row[base] &&
    mm.total_vm === row[base + 1] &&
    mm.data_vm === row[base + 2] &&
    mm.committed === row[base + 3] &&
    mm.vmas_made === row[base + 4]
  )
}

/** Takes the counters from a row. */
export function scatter_counters(mm: mm_struct, row: Float64Array, base: number): void {
  const number = (at: number): number => row[base + at] as number
  mm.map_count = number(0)
  mm.total_vm = number(1)
  mm.data_vm = number(2)
  mm.committed = number(3)
  mm.vmas_made = number(4)
}

/** Writes the settings into a row that begins at `base`. */
export function gather_settings(mm: mm_struct, row: Float64Array, base: number): void {
  const { limits } = mm
  row[base] = mm.locked_vm
  row[base + 1] = mm.exec_vm
  row[base + 2] = mm.stack_vm
  row[base + 3] = mm.brk
  row[base + 4] = mm.anon_vmas_made
  row[base + 5] = mm.shmem_files_made
  row[base + 6] = mm.def_flags
  row[base + 7] = mm.pkeys_allocated
  row[base + 8] = mm.execute_only_pkey
  row[base + 9] = mm.start_brk
  row[base + 10] = mm.start_stack
  row[base + 11] = limits.max_map_count
  row[base + 12] = limits.as
  row[base + 13] = limits.data
  row[base + 14] = limits.memlock
  row[base + 15] = limits.stack
  row[base + 16] = limits.commit
  row[base + 17] = limits.ram
  row[base + 18] = Number(mm.populates)
  row[base + 19] = Number(mm.cap_ipc_lock)
  row[base + 20] = Number(mm.cap_sys_rawio)
  row[base + 21] = Number(mm.read_implies_exec)
  row[base + 22] = Number(mm.deny_write_exec)
  row[base + 23] = Number(mm.merge_any)
}

/** Are the settings those of the row? */
export function settings_are(mm: mm_struct, row: Float64Array, base: number): boolean {
  const { limits } = mm
  return (
    mm.locked_vm === row[base] &&
    mm.exec_vm === row[base + 1] &&
    mm.stack_vm === row[base + 2] &&
    mm.brk === row[base + 3] &&
    mm.anon_vmas_made === row[base + 4] &&
    mm.shmem_files_made === row[base + 5] &&
    mm.def_flags === row[base + 6] &&
    mm.pkeys_allocated === row[base + 7] &&
    mm.execute_only_pkey === row[base + 8] &&
    mm.start_brk === row[base + 9] &&
    mm.start_stack === row[base + 10] &&
    limits.max_map_count === row[base + 11] &&
    limits.as === row[base + 12] &&
    limits.data === row[base + 13] &&
    limits.memlock === row[base + 14] &&
    limits.stack === row[base + 15] &&
    limits.commit === row[base + 16] &&
    limits.ram === row[base + 17] &&
    mm.populates === (row[base + 18] === 1) &&
    mm.cap_ipc_lock === (row[base + 19] === 1) &&
    mm.cap_sys_rawio === (row[base + 20] === 1) &&
    mm.read_implies_exec === (row[base + 21] === 1) &&
    mm.deny_write_exec === (row[base + 22] === 1) &&
    mm.merge_any === (row[base + 23] === 1)
  )
}

/** Takes the settings from a row. */
export function scatter_settings(mm: mm_struct, row: Float64Array, base: number): void {
  const { limits } = mm
  const number = (at: number): number => row[base + at] as number
  mm.locked_vm = number(0)
  mm.exec_vm = number(1)
  mm.stack_vm = number(2)
  mm.brk = number(3)
  mm.anon_vmas_made = number(4)
  mm.shmem_files_made = number(5)
  mm.def_flags = number(6)
  mm.pkeys_allocated = number(7)
  mm.execute_only_pkey = number(8)
  mm.start_brk = number(9)
  mm.start_stack = number(10)
  limits.max_map_count = number(11)
  limits.as = number(12)
  limits.data = number(13)
  limits.memlock = number(14)
  limits.stack = number(15)
  limits.commit = number(16)
  limits.ram = number(17)
  mm.populates = number(18) === 1
  mm.cap_ipc_lock = number(19) === 1
  mm.cap_sys_rawio = number(20) === 1
  mm.read_implies_exec = number(21) === 1
  mm.deny_write_exec = number(22) === 1
  mm.merge_any = number(23) === 1
}
