// SPDX-License-Identifier: GPL-2.0-only
// The numbers and switches of an address space as a row of numbers, for a history to keep.

import type { mm_struct } from './mm_types.ts'

/** How many of a row's numbers change with every operation: the first. */
export const COUNTERS = 11
/** The numbers in a row. */
export const SCALARS = 29
/** Writes them into a row. */
export function gather(mm: mm_struct, row: Float64Array): void {
  const { limits } = mm
  row[0] = mm.map_count
  row[1] = mm.total_vm
  row[2] = mm.locked_vm
  row[3] = mm.data_vm
  row[4] = mm.exec_vm
  row[5] = mm.stack_vm
  row[6] = mm.committed
  row[7] = mm.brk
  row[8] = mm.vmas_made
  row[9] = mm.anon_vmas_made
  row[10] = mm.shmem_files_made
  row[11] = mm.def_flags
  row[12] = Number(mm.populates)
  row[13] = Number(mm.cap_ipc_lock)
  row[14] = Number(mm.cap_sys_rawio)
  row[15] = Number(mm.read_implies_exec)
  row[16] = Number(mm.deny_write_exec)
  row[17] = Number(mm.merge_any)
  row[18] = mm.pkeys_allocated
  row[19] = mm.execute_only_pkey
  row[20] = mm.start_brk
  row[21] = mm.start_stack
  row[22] = limits.max_map_count
  row[23] = limits.as
  row[24] = limits.data
  row[25] = limits.memlock
  row[26] = limits.stack
  row[27] = limits.commit
  row[28] = limits.ram
}
/** Takes them from a row. */
export function scatter(mm: mm_struct, row: Float64Array): void {
  const { limits } = mm
  const number = (at: number): number => row[at] as number
  mm.map_count = number(0)
  mm.total_vm = number(1)
  mm.locked_vm = number(2)
  mm.data_vm = number(3)
  mm.exec_vm = number(4)
  mm.stack_vm = number(5)
  mm.committed = number(6)
  mm.brk = number(7)
  mm.vmas_made = number(8)
  mm.anon_vmas_made = number(9)
  mm.shmem_files_made = number(10)
  mm.def_flags = number(11)
  mm.populates = number(12) === 1
  mm.cap_ipc_lock = number(13) === 1
  mm.cap_sys_rawio = number(14) === 1
  mm.read_implies_exec = number(15) === 1
  mm.deny_write_exec = number(16) === 1
  mm.merge_any = number(17) === 1
  mm.pkeys_allocated = number(18)
  mm.execute_only_pkey = number(19)
  mm.start_brk = number(20)
  mm.start_stack = number(21)
  limits.max_map_count = number(22)
  limits.as = number(23)
  limits.data = number(24)
  limits.memlock = number(25)
  limits.stack = number(26)
  limits.commit = number(27)
  limits.ram = number(28)
}
