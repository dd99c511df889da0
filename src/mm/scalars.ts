// SPDX-License-Identifier: GPL-2.0-only
// The numbers and switches of an address space, for a history to keep. Field by field: it happens at every call.

import type { Numbers } from './column.ts'
import type { Limits, mm_struct } from './mm_types.ts'

/** What changes with most operations: so many numbers. */
export const COUNTERS = 5

/** Writes the counters into a row that begins at `base`. */
export function gather_counters(mm: mm_struct, row: Numbers, base: number): void {
  row[base] = mm.map_count
  row[base + 1] = mm.total_vm
  row[base + 2] = mm.data_vm
  row[base + 3] = mm.committed
  row[base + 4] = mm.vmas_made
}

/** Are the counters those of the row? */
export function counters_are(mm: mm_struct, row: Numbers, base: number): boolean {
  return (
    mm.map_count === row[base] &&
    mm.total_vm === row[base + 1] &&
    mm.data_vm === row[base + 2] &&
    mm.committed === row[base + 3] &&
    mm.vmas_made === row[base + 4]
  )
}

/** Takes the counters from a row. */
export function scatter_counters(mm: mm_struct, row: Numbers, base: number): void {
  const number = (at: number): number => row[base + at] as number
  mm.map_count = number(0)
  mm.total_vm = number(1)
  mm.data_vm = number(2)
  mm.committed = number(3)
  mm.vmas_made = number(4)
}

/** What seldom changes, as plain fields: they are compared at every call. */
export type Settings = Pick<
  mm_struct,
  | 'locked_vm'
  | 'exec_vm'
  | 'stack_vm'
  | 'brk'
  | 'anon_vmas_made'
  | 'shmem_files_made'
  | 'def_flags'
  | 'pkeys_allocated'
  | 'execute_only_pkey'
  | 'start_brk'
  | 'start_stack'
  | 'populates'
  | 'cap_ipc_lock'
  | 'cap_sys_rawio'
  | 'read_implies_exec'
  | 'deny_write_exec'
  | 'merge_any'
> & { readonly limits: Readonly<Limits> }

/** The settings as they are. */
export function gather_settings(mm: mm_struct): Settings {
  const { limits } = mm
  return {
    locked_vm: mm.locked_vm,
    exec_vm: mm.exec_vm,
    stack_vm: mm.stack_vm,
    brk: mm.brk,
    anon_vmas_made: mm.anon_vmas_made,
    shmem_files_made: mm.shmem_files_made,
    def_flags: mm.def_flags,
    pkeys_allocated: mm.pkeys_allocated,
    execute_only_pkey: mm.execute_only_pkey,
    start_brk: mm.start_brk,
    start_stack: mm.start_stack,
    populates: mm.populates,
    cap_ipc_lock: mm.cap_ipc_lock,
    cap_sys_rawio: mm.cap_sys_rawio,
    read_implies_exec: mm.read_implies_exec,
    deny_write_exec: mm.deny_write_exec,
    merge_any: mm.merge_any,
    limits: {
      max_map_count: limits.max_map_count,
      as: limits.as,
      data: limits.data,
      memlock: limits.memlock,
      stack: limits.stack,
      overcommit_memory: limits.overcommit_memory,
      commit: limits.commit,
      user_reserve: limits.user_reserve,
      ram: limits.ram,
    },
  }
}

/** Are they these still? */
export function settings_are(mm: mm_struct, settings: Settings): boolean {
  return (
    mm.locked_vm === settings.locked_vm &&
    mm.exec_vm === settings.exec_vm &&
    mm.stack_vm === settings.stack_vm &&
    mm.brk === settings.brk &&
    mm.anon_vmas_made === settings.anon_vmas_made &&
    mm.shmem_files_made === settings.shmem_files_made &&
    mm.def_flags === settings.def_flags &&
    mm.pkeys_allocated === settings.pkeys_allocated &&
    mm.execute_only_pkey === settings.execute_only_pkey &&
    mm.start_brk === settings.start_brk &&
    mm.start_stack === settings.start_stack &&
    mm.populates === settings.populates &&
    mm.cap_ipc_lock === settings.cap_ipc_lock &&
    mm.cap_sys_rawio === settings.cap_sys_rawio &&
    mm.read_implies_exec === settings.read_implies_exec &&
    mm.deny_write_exec === settings.deny_write_exec &&
    mm.merge_any === settings.merge_any &&
    limits_are(mm.limits, settings.limits)
  )
}

function limits_are(limits: Limits, before: Readonly<Limits>): boolean {
  return (
    limits.max_map_count === before.max_map_count &&
    limits.as === before.as &&
    limits.data === before.data &&
    limits.memlock === before.memlock &&
    limits.stack === before.stack &&
    limits.overcommit_memory === before.overcommit_memory &&
    limits.commit === before.commit &&
    limits.user_reserve === before.user_reserve &&
    limits.ram === before.ram
  )
}

/** Makes the settings these. */
export function scatter_settings(mm: mm_struct, settings: Settings): void {
  const { limits, ...rest } = settings
  Object.assign(mm.limits, limits)
  Object.assign(mm, rest)
}
