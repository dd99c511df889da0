// SPDX-License-Identifier: GPL-2.0-only
import { allocatePopulate } from './allocate_populate/driver.ts'
import { devMem } from './dev_mem/driver.ts'
import { devZero } from './dev_zero/driver.ts'
import { dispatcher } from './dispatcher/driver.ts'
import { faultDriven } from './fault_driven/driver.ts'
import { hugetlbReservation } from './hugetlb_reservation/driver.ts'
import { insertPages } from './insert_pages/driver.ts'
import { ioBar } from './io_bar/driver.ts'
import { lockAcross } from './lock_across/driver.ts'
import { oneErrno } from './one_errno/driver.ts'
import { pageCacheFile } from './page_cache_file/driver.ts'
import { pgoffSelector } from './pgoff_selector/driver.ts'
import { readOnlyClamp } from './read_only_clamp/driver.ts'
import { referenceCounted } from './reference_counted/driver.ts'
import { ringBuffer } from './ring_buffer/driver.ts'
import { secretmem } from './secretmem/driver.ts'
import { stackedFile } from './stacked_file/driver.ts'
import { stateLock } from './state_lock/driver.ts'
import { validate } from './validate/driver.ts'
import { writeCombining } from './write_combining/driver.ts'

/**
 * The gallery: a driver of each pattern, with its hooks in every era that can express it. `drivers.devMem.legacy()` and
 * `drivers.devMem.mapped()` are file_operations for file(); what an era cannot express is in `drivers.devMem.cannot`.
 */
export const drivers: {
  readonly pageCacheFile: typeof pageCacheFile
  readonly secretmem: typeof secretmem
  readonly devZero: typeof devZero
  readonly devMem: typeof devMem
  readonly ioBar: typeof ioBar
  readonly writeCombining: typeof writeCombining
  readonly ringBuffer: typeof ringBuffer
  readonly faultDriven: typeof faultDriven
  readonly readOnlyClamp: typeof readOnlyClamp
  readonly referenceCounted: typeof referenceCounted
  readonly lockAcross: typeof lockAcross
  readonly allocatePopulate: typeof allocatePopulate
  readonly stackedFile: typeof stackedFile
  readonly dispatcher: typeof dispatcher
  readonly hugetlbReservation: typeof hugetlbReservation
  readonly validate: typeof validate
  readonly stateLock: typeof stateLock
  readonly oneErrno: typeof oneErrno
  readonly pgoffSelector: typeof pgoffSelector
  readonly insertPages: typeof insertPages
} = {
  pageCacheFile,
  secretmem,
  devZero,
  devMem,
  ioBar,
  writeCombining,
  ringBuffer,
  faultDriven,
  readOnlyClamp,
  referenceCounted,
  lockAcross,
  allocatePopulate,
  stackedFile,
  dispatcher,
  hugetlbReservation,
  validate,
  stateLock,
  oneErrno,
  pgoffSelector,
  insertPages,
}
