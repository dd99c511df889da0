// SPDX-License-Identifier: GPL-2.0-only
// What each driver of the gallery does in the eras that can express it: errors, VMAs with the flags that a driver set,
// pages, hooks in their order (`describe` is mmap_proto or mmap_prepare), and what was not given back.
import { existsSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type AnyPattern, drivers, hooksIn } from '../../src/drivers/index.ts'
import { eras, linux } from '../../src/eras/index.ts'
import type { file_operations } from '../../src/mm/index.ts'
import { tell } from './tell.ts'

/** A release that speaks an era; what has a name of its own is of 7.3. */
const spoken: Readonly<Record<string, string>> = {
  legacy: '6.12',
  proto: 'rfc-proto',
  prepare: '6.18',
  complete: 'rfc-complete',
  action: '7.0',
}

const gallery: Readonly<Record<string, AnyPattern>> = drivers

function hooksOf(pattern: string, era: string): file_operations {
  const hooks = gallery[pattern]?.[era]
  if (typeof hooks !== 'function') throw new Error(`${pattern} has no hooks in ${era}`)
  return hooks() as file_operations
}

it.each([
  ['pageCacheFile', 'legacy', 'rws 0 2 f@1; ? 0', '0-2rws f@1 | page 1 | mmap'],
  [
    'pageCacheFile',
    'proto prepare complete action mapped',
    'rws 0 2 f@1; ? 0',
    '0-2rws f@1 | page 1 | describe',
  ],
  ['pageCacheFile', 'legacy', 'rs 0 1 f; rs 1 1 f@1', '0-2rs f@0 |  | mmap'],
  [
    'pageCacheFile',
    'proto prepare complete action mapped',
    'rs 0 1 f; rs 1 1 f@1',
    '0-2rs f@0 |  | describe describe',
  ],
  ['secretmem', 'legacy', 'rws 0 2 f; rws 2 2 f@2', '0-4rws f@0 lo dd |  | mmap mmap'],
  [
    'secretmem',
    'proto prepare complete action mapped',
    'rws 0 2 f; rws 2 2 f@2',
    '0-4rws f@0 lo dd |  | describe describe',
  ],
  ['secretmem', 'legacy', 'rw 0 1 f', 'EINVAL |  | mmap'],
  ['secretmem', 'proto prepare action', 'rw 0 1 f', 'EINVAL |  | describe | left: 1 pages charged'],
  ['secretmem', 'complete mapped', 'rw 0 1 f', 'EINVAL |  | describe'],
  ['devZero', 'legacy', 'rws 0 2 f@1', '0-2rws /dev/zero (deleted)@0 |  | mmap'],
  [
    'devZero',
    'complete action mapped',
    'rws 0 2 f@1',
    '0-2rws /dev/zero (deleted)@0 |  | describe',
  ],
  ['devZero', 'legacy', 'rw 0 2 f; ! 0', '0-2rw f@0 | anon | mmap'],
  ['devZero', 'complete mapped', 'rw 0 2 f; ! 0', '0-2rw f@0 | anon | describe'],
  ['devZero', 'action', 'rw 0 2 f; ! 0', '0-2rw f@0 | anon | describe success_hook'],
  ['devMem', 'legacy', 'rws 0 2 f@1', '0-2rws f@1 pf io de ar dd | pfn f1, pfn f2 | mmap'],
  ['devMem', 'proto', 'rws 0 2 f@1', '0-2rws f@1 pf io de dd | pfn f1, pfn f2 | describe mmap'],
  [
    'devMem',
    'complete',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd | pfn f1, pfn f2 | describe mmap_complete',
  ],
  ['devMem', 'action mapped', 'rws 0 2 f@1', '0-2rws f@1 pf io de dd | pfn f1, pfn f2 | describe'],
  ['devMem', 'legacy', 'rw 0 2 f@1', '0-2rw f@241 pf io de ar dd | pfn f1, pfn f2 | mmap'],
  ['devMem', 'proto', 'rw 0 2 f@1', '0-2rw f@241 pf io de dd | pfn f1, pfn f2 | describe mmap'],
  [
    'devMem',
    'complete',
    'rw 0 2 f@1',
    '0-2rw f@241 pf io de dd | pfn f1, pfn f2 | describe mmap_complete',
  ],
  ['devMem', 'action mapped', 'rw 0 2 f@1', '0-2rw f@241 pf io de dd | pfn f1, pfn f2 | describe'],
  ['devMem', 'legacy', 'rws 0 8 f', 'EINVAL |  | mmap'],
  ['devMem', 'proto complete action mapped', 'rws 0 8 f', 'EINVAL |  | describe'],
  ['devMem', 'legacy', 'rws 0 2 f !remap_pfn_range', 'ENOMEM |  | mmap'],
  ['devMem', 'proto', 'rws 0 2 f !remap_pfn_range', 'ENOMEM |  | describe mmap'],
  ['devMem', 'complete', 'rws 0 2 f !remap_pfn_range', 'ENOMEM |  | describe mmap_complete'],
  ['devMem', 'action mapped', 'rws 0 2 f !remap_pfn_range', 'ENOMEM |  | describe'],
  ['ioBar', 'legacy', 'rws 0 2 f@1', '0-2rws f@1 pf io de ar dd uc | pfn f1, pfn f2 | mmap'],
  ['ioBar', 'proto', 'rws 0 2 f@1', '0-2rws f@1 pf io de dd uc | pfn f1, pfn f2 | describe mmap'],
  [
    'ioBar',
    'complete',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd uc | pfn f1, pfn f2 | describe mmap_complete',
  ],
  [
    'ioBar',
    'action mapped',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd uc | pfn f1, pfn f2 | describe',
  ],
  ['ioBar', 'legacy', 'rs 0 5 f', 'EINVAL |  | mmap'],
  ['ioBar', 'proto complete action mapped', 'rs 0 5 f', 'EINVAL |  | describe'],
  [
    'writeCombining',
    'legacy',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de ar dd wc | pfn f1, pfn f2 | mmap',
  ],
  [
    'writeCombining',
    'proto',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd wc | pfn f1, pfn f2 | describe mmap',
  ],
  [
    'writeCombining',
    'complete',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd wc | pfn f1, pfn f2 | describe mmap_complete',
  ],
  [
    'writeCombining',
    'action mapped',
    'rws 0 2 f@1',
    '0-2rws f@1 pf io de dd wc | pfn f1, pfn f2 | describe',
  ],
  [
    'writeCombining',
    'legacy',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de ar dd wc, 1-2rs f@1 pf io de ar dd wc | pfn f0, pfn f1 | mmap mmap',
  ],
  [
    'writeCombining',
    'proto',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd wc, 1-2rs f@1 pf io de dd wc | pfn f0, pfn f1 | describe mmap describe mmap',
  ],
  [
    'writeCombining',
    'complete',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd wc, 1-2rs f@1 pf io de dd wc | pfn f0, pfn f1 | describe mmap_complete describe mmap_complete',
  ],
  [
    'writeCombining',
    'action mapped',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd wc, 1-2rs f@1 pf io de dd wc | pfn f0, pfn f1 | describe describe',
  ],
  ['ringBuffer', 'legacy', 'rws 0 2 f@1', '0-2rws f@1 de dd mm | page 1, page 2 | mmap'],
  ['ringBuffer', 'proto', 'rws 0 2 f@1', '0-2rws f@1 de dd mm | page 1, page 2 | describe mmap'],
  [
    'ringBuffer',
    'complete',
    'rws 0 2 f@1',
    '0-2rws f@1 de dd mm | page 1, page 2 | describe mmap_complete',
  ],
  ['ringBuffer', 'mapped', 'rws 0 2 f@1', '0-2rws f@1 de dd mm | page 1, page 2 | describe'],
  ['ringBuffer', 'legacy', 'rs 0 2 f@3', 'ENXIO |  | mmap'],
  ['ringBuffer', 'proto complete mapped', 'rs 0 2 f@3', 'ENXIO |  | describe'],
  ['ringBuffer', 'legacy', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | mmap'],
  ['ringBuffer', 'proto', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | describe mmap'],
  ['ringBuffer', 'complete', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | describe mmap_complete'],
  ['ringBuffer', 'mapped', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | describe'],
  ['faultDriven', 'legacy', 'rs 0 2 f@1; ? 1', '0-2rs f@1 de dd | page 2 | mmap'],
  [
    'faultDriven',
    'proto prepare complete action mapped',
    'rs 0 2 f@1; ? 1',
    '0-2rs f@1 de dd | page 2 | describe',
  ],
  ['faultDriven', 'legacy', 'rs 0 5 f', 'EINVAL |  | mmap'],
  ['faultDriven', 'proto prepare complete action mapped', 'rs 0 5 f', 'EINVAL |  | describe'],
  [
    'readOnlyClamp',
    'legacy',
    'rs 0 2 f@1; ? 0',
    '0-2rs f@1 pf io de ar dd !mw | pfn 5809, pfn 580a | mmap',
  ],
  [
    'readOnlyClamp',
    'proto',
    'rs 0 2 f@1; ? 0',
    '0-2rs f@1 pf io de dd !mw | pfn 5809, pfn 580a | describe mmap',
  ],
  ['readOnlyClamp', 'prepare', 'rs 0 2 f@1; ? 0', '0-2rs f@1 !mw | page 1 | describe'],
  [
    'readOnlyClamp',
    'complete',
    'rs 0 2 f@1; ? 0',
    '0-2rs f@1 pf io de dd !mw | pfn 5809, pfn 580a | describe mmap_complete',
  ],
  [
    'readOnlyClamp',
    'action mapped',
    'rs 0 2 f@1; ? 0',
    '0-2rs f@1 pf io de dd !mw | pfn 5809, pfn 580a | describe',
  ],
  ['readOnlyClamp', 'legacy', 'rws 0 1 f', 'EPERM |  | mmap'],
  ['readOnlyClamp', 'proto prepare complete action mapped', 'rws 0 1 f', 'EPERM |  | describe'],
  [
    'readOnlyClamp',
    'legacy',
    'rs 0 1 f; = rw 0 1',
    'EACCES, 0-1rs f@0 pf io de ar dd !mw | pfn 5808 | mmap',
  ],
  [
    'readOnlyClamp',
    'proto',
    'rs 0 1 f; = rw 0 1',
    'EACCES, 0-1rs f@0 pf io de dd !mw | pfn 5808 | describe mmap',
  ],
  ['readOnlyClamp', 'prepare', 'rs 0 1 f; = rw 0 1', 'EACCES, 0-1rs f@0 !mw |  | describe'],
  [
    'readOnlyClamp',
    'complete',
    'rs 0 1 f; = rw 0 1',
    'EACCES, 0-1rs f@0 pf io de dd !mw | pfn 5808 | describe mmap_complete',
  ],
  [
    'readOnlyClamp',
    'action mapped',
    'rs 0 1 f; = rw 0 1',
    'EACCES, 0-1rs f@0 pf io de dd !mw | pfn 5808 | describe',
  ],
  ['referenceCounted', 'legacy', 'rs 0 2 f; - 0 1', '1-2rs f@1 |  | mmap open close close'],
  ['referenceCounted', 'proto', 'rs 0 2 f; - 0 1', '1-2rs f@1 |  | describe mmap open close close'],
  [
    'referenceCounted',
    'complete',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 |  | describe mmap_complete open close close',
  ],
  [
    'referenceCounted',
    'action',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 |  | describe success_hook open close close',
  ],
  [
    'referenceCounted',
    'mapped',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 |  | describe mapped open close close',
  ],
  ['referenceCounted', 'legacy', 'rs 0 1 f; rs 1 1 f@1', '0-2rs f@0 |  | mmap close'],
  [
    'referenceCounted',
    'proto',
    'rs 0 1 f; rs 1 1 f@1',
    '0-2rs f@0 |  | describe mmap describe close',
  ],
  [
    'referenceCounted',
    'complete',
    'rs 0 1 f; rs 1 1 f@1',
    '0-2rs f@0 |  | describe mmap_complete describe close',
  ],
  [
    'referenceCounted',
    'action',
    'rs 0 1 f; rs 1 1 f@1',
    '0-2rs f@0 |  | describe success_hook describe close',
  ],
  [
    'referenceCounted',
    'mapped',
    'rs 0 1 f; rs 1 1 f@1',
    '0-2rs f@0 |  | describe mapped describe close',
  ],
  [
    'referenceCounted',
    'legacy',
    'rs 0 1 f; rs 4 1 f; rs 8 1 f',
    'EBUSY, 0-1rs f@0, 4-5rs f@0 |  | mmap mmap mmap close close',
  ],
  [
    'referenceCounted',
    'proto',
    'rs 0 1 f; rs 4 1 f; rs 8 1 f',
    'EBUSY, 0-1rs f@0, 4-5rs f@0 |  | describe mmap describe mmap describe mmap close close',
  ],
  [
    'referenceCounted',
    'complete',
    'rs 0 1 f; rs 4 1 f; rs 8 1 f',
    'EBUSY, 0-1rs f@0, 4-5rs f@0 |  | describe mmap_complete describe mmap_complete describe mmap_complete close close close',
  ],
  [
    'referenceCounted',
    'action',
    'rs 0 1 f; rs 4 1 f; rs 8 1 f',
    '0-1rs f@0, 4-5rs f@0, 8-9rs f@0 |  | describe success_hook describe success_hook describe success_hook close close close',
  ],
  [
    'referenceCounted',
    'mapped',
    'rs 0 1 f; rs 4 1 f; rs 8 1 f',
    'EBUSY, 0-1rs f@0, 4-5rs f@0 |  | describe mapped describe mapped describe mapped close close close',
  ],
  ['referenceCounted', 'legacy', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | '],
  [
    'referenceCounted',
    'proto complete action mapped',
    'rs 0 2 f !vm_area_alloc',
    'ENOMEM |  | describe',
  ],
  ['lockAcross', 'legacy', 'rs 0 2 f@1', '0-2rs f@1 pf io de ar dd | pfn 5809, pfn 580a | mmap'],
  [
    'lockAcross',
    'proto',
    'rs 0 2 f@1',
    '0-2rs f@1 pf io de dd | pfn 5809, pfn 580a | describe mmap',
  ],
  [
    'lockAcross',
    'complete',
    'rs 0 2 f@1',
    '0-2rs f@1 pf io de dd | pfn 5809, pfn 580a | describe mmap_complete',
  ],
  [
    'lockAcross',
    'action mapped',
    'rs 0 2 f@1',
    '0-2rs f@1 pf io de dd | pfn 5809, pfn 580a | describe',
  ],
  [
    'lockAcross',
    'legacy',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de ar dd, 1-2rs f@1 pf io de ar dd | pfn 5808, pfn 5809 | mmap mmap',
  ],
  [
    'lockAcross',
    'proto',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd, 1-2rs f@1 pf io de dd | pfn 5808, pfn 5809 | describe mmap describe mmap',
  ],
  [
    'lockAcross',
    'complete',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd, 1-2rs f@1 pf io de dd | pfn 5808, pfn 5809 | describe mmap_complete describe mmap_complete',
  ],
  [
    'lockAcross',
    'action mapped',
    'rs 0 1 f; rs 1 1 f@1',
    '0-1rs f@0 pf io de dd, 1-2rs f@1 pf io de dd | pfn 5808, pfn 5809 | describe describe',
  ],
  ['lockAcross', 'legacy', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | '],
  ['lockAcross', 'proto action mapped', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe'],
  ['lockAcross', 'complete', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe mmap_abort'],
  ['lockAcross', 'legacy', 'rs 0 2 f !remap_pfn_range', 'ENOMEM |  | mmap'],
  ['lockAcross', 'proto', 'rs 0 2 f !remap_pfn_range', 'ENOMEM |  | describe mmap'],
  ['lockAcross', 'complete', 'rs 0 2 f !remap_pfn_range', 'ENOMEM |  | describe mmap_complete'],
  ['lockAcross', 'action mapped', 'rs 0 2 f !remap_pfn_range', 'ENOMEM |  | describe'],
  [
    'allocatePopulate',
    'legacy',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 de mm | page 1 | mmap open close close',
  ],
  [
    'allocatePopulate',
    'complete',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 de mm | page 1 | describe mmap_complete open close close',
  ],
  ['allocatePopulate', 'mapped', 'rs 0 2 f; - 0 1', '1-2rs f@1 de mm | page 1 | describe'],
  ['allocatePopulate', 'legacy', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | '],
  ['allocatePopulate', 'complete', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe mmap_abort'],
  ['allocatePopulate', 'mapped', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe'],
  ['allocatePopulate', 'legacy', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | mmap'],
  [
    'allocatePopulate',
    'complete',
    'rs 0 2 f !vm_insert_pages',
    'ENOMEM |  | describe mmap_complete close',
  ],
  ['allocatePopulate', 'mapped', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | describe'],
  ['allocatePopulate', 'legacy', 'rs 0 2 f !kzalloc(buffer)', 'ENOMEM |  | mmap'],
  ['allocatePopulate', 'complete', 'rs 0 2 f !kzalloc(buffer)', 'ENOMEM |  | describe'],
  [
    'allocatePopulate',
    'mapped',
    'rs 0 2 f !kzalloc(buffer)',
    '0-2rs f@0 de mm | page 0, page 1 | describe',
  ],
  ['stackedFile', 'legacy proto', 'rws 0 2 f@1; ? 0', '0-2rws /lower@1 | page 1 | mmap mmap'],
  [
    'stackedFile',
    'prepare complete action mapped',
    'rws 0 2 f@1; ? 0',
    '0-2rws /lower@1 | page 1 | mmap describe',
  ],
  ['stackedFile', 'forward', 'rws 0 2 f@1; ? 0', '0-2rws /lower@1 | page 1 | describe describe'],
  ['dispatcher', 'legacy bridge', 'rs 0 2 f@1; ? 0', '0-2rs f@1 de | page 1 | mmap'],
  [
    'dispatcher',
    'proto prepare complete action mapped',
    'rs 0 2 f@1; ? 0',
    '0-2rs f@1 de | page 1 | describe',
  ],
  ['hugetlbReservation', 'legacy', 'rs 0 2 f; - 0 1', '1-2rs f@1 de |  | mmap open close close'],
  [
    'hugetlbReservation',
    'complete',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 de |  | describe mmap_complete open close close',
  ],
  [
    'hugetlbReservation',
    'mapped',
    'rs 0 2 f; - 0 1',
    '1-2rs f@1 de |  | describe mapped open close close',
  ],
  [
    'hugetlbReservation',
    'legacy',
    'rs 0 3 f; rs 8 2 f',
    'ENOSPC, 0-3rs f@0 de |  | mmap mmap close',
  ],
  [
    'hugetlbReservation',
    'complete',
    'rs 0 3 f; rs 8 2 f',
    'ENOSPC, 0-3rs f@0 de |  | describe mmap_complete describe close',
  ],
  [
    'hugetlbReservation',
    'mapped',
    'rs 0 3 f; rs 8 2 f',
    'ENOSPC, 0-3rs f@0 de |  | describe mapped describe mapped close close',
  ],
  ['hugetlbReservation', 'legacy', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | '],
  ['hugetlbReservation', 'complete', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe mmap_abort'],
  ['hugetlbReservation', 'mapped', 'rs 0 2 f !vm_area_alloc', 'ENOMEM |  | describe'],
  ['hugetlbReservation', 'legacy', 'rs 0 2 f !kzalloc(reservation)', 'ENOMEM |  | mmap'],
  ['hugetlbReservation', 'complete', 'rs 0 2 f !kzalloc(reservation)', 'ENOMEM |  | describe'],
  [
    'hugetlbReservation',
    'mapped',
    'rs 0 2 f !kzalloc(reservation)',
    'ENOMEM |  | describe mapped close',
  ],
  ['validate', 'legacy', 'rs 0 2 f@1', '0-2rs f@1 |  | mmap'],
  ['validate', 'proto prepare complete action mapped', 'rs 0 2 f@1', '0-2rs f@1 |  | describe'],
  ['validate', 'legacy', 'r 0 1 f', 'EINVAL |  | mmap'],
  ['validate', 'proto prepare complete action mapped', 'r 0 1 f', 'EINVAL |  | describe'],
  ['validate', 'legacy', 'rxs 0 1 f', 'EPERM |  | mmap'],
  ['validate', 'proto prepare complete action mapped', 'rxs 0 1 f', 'EPERM |  | describe'],
  ['validate', 'legacy', 'rs 0 1 f@4', 'ENXIO |  | mmap'],
  ['validate', 'proto prepare complete action mapped', 'rs 0 1 f@4', 'ENXIO |  | describe'],
  ['stateLock', 'legacy', 'rs 0 2 f; ? 1', '0-2rs f@0 de | page 1 | mmap'],
  [
    'stateLock',
    'proto prepare complete action mapped',
    'rs 0 2 f; ? 1',
    '0-2rs f@0 de | page 1 | describe',
  ],
  ['stateLock', 'legacy', 'rs 0 1 f@4', 'ENXIO |  | mmap'],
  ['stateLock', 'proto prepare complete action mapped', 'rs 0 1 f@4', 'ENXIO |  | describe'],
  ['oneErrno', 'legacy', 'rs 0 2 f', '0-2rs f@0 pf io de ar dd wc | pfn f0, pfn f1 | mmap'],
  ['oneErrno', 'proto', 'rs 0 2 f', '0-2rs f@0 pf io de dd wc | pfn f0, pfn f1 | describe mmap'],
  [
    'oneErrno',
    'complete',
    'rs 0 2 f',
    '0-2rs f@0 pf io de dd wc | pfn f0, pfn f1 | describe mmap_complete',
  ],
  ['oneErrno', 'action mapped', 'rs 0 2 f', '0-2rs f@0 pf io de dd wc | pfn f0, pfn f1 | describe'],
  ['oneErrno', 'legacy', 'rs 0 2 f !remap_pfn_range', 'EAGAIN |  | mmap'],
  ['oneErrno', 'proto', 'rs 0 2 f !remap_pfn_range', 'EAGAIN |  | describe mmap'],
  ['oneErrno', 'complete', 'rs 0 2 f !remap_pfn_range', 'EAGAIN |  | describe mmap_complete'],
  ['oneErrno', 'action mapped', 'rs 0 2 f !remap_pfn_range', 'EAGAIN |  | describe'],
  ['oneErrno', 'legacy', 'rs 0 1 f@4', 'EINVAL |  | mmap'],
  ['oneErrno', 'proto complete action mapped', 'rs 0 1 f@4', 'EINVAL |  | describe'],
  ['pgoffSelector', 'legacy', 'rs 0 2 f', '0-2rs f@0 de mm | page 0, page 1 | mmap'],
  ['pgoffSelector', 'proto', 'rs 0 2 f', '0-2rs f@0 de mm | page 0, page 1 | describe mmap'],
  [
    'pgoffSelector',
    'complete',
    'rs 0 2 f',
    '0-2rs f@0 de mm | page 0, page 1 | describe mmap_complete',
  ],
  ['pgoffSelector', 'mapped', 'rs 0 2 f', '0-2rs f@0 de mm | page 0, page 1 | describe'],
  ['pgoffSelector', 'legacy', 'rs 0 1 f@256', '0-1rs f@256 de mm | status | mmap'],
  ['pgoffSelector', 'proto', 'rs 0 1 f@256', '0-1rs f@256 de mm | status | describe mmap'],
  [
    'pgoffSelector',
    'complete',
    'rs 0 1 f@256',
    '0-1rs f@256 de mm | status | describe mmap_complete',
  ],
  ['pgoffSelector', 'mapped', 'rs 0 1 f@256', '0-1rs f@256 de mm | status | describe'],
  ['pgoffSelector', 'legacy', 'rs 0 1 f@1', 'ENXIO |  | mmap'],
  ['pgoffSelector', 'proto complete mapped', 'rs 0 1 f@1', 'ENXIO |  | describe'],
  ['insertPages', 'legacy', 'rs 0 2 f@1; ? 1', '0-2rs f@1 de mm | page 1, page 2 | mmap'],
  [
    'insertPages',
    'proto prepare complete action mapped',
    'rs 0 2 f@1; ? 1',
    '0-2rs f@1 de | page 2 | describe',
  ],
  ['insertPages', 'legacy', 'rs 0 2 f !vm_insert_pages', 'ENOMEM |  | mmap'],
  [
    'insertPages',
    'proto prepare complete action mapped',
    'rs 0 2 f !vm_insert_pages',
    '0-2rs f@0 de |  | describe',
  ],
])('%s in %s: %s', (pattern, names, program, expected) => {
  for (const era of names.split(' ')) {
    const told = tell(linux(spoken[era] ?? '7.3'), hooksOf(pattern, era), program)
    expect(`${era}: ${told.replaceAll(/mmap_(proto|prepare)/g, 'describe')}`).toBe(
      `${era}: ${expected}`,
    )
  }
})

it.each(Object.entries(gallery))('%s says why where it has no hooks', (_, pattern) => {
  for (const { name } of eras) {
    if (pattern[name] === undefined) expect([name, pattern.cannot[name]]).not.toContain(undefined)
  }
  for (const [era, line] of Object.entries(pattern.cannot)) expect([era, line]).not.toContain('')
  expect(existsSync(`src/drivers/${pattern.name}/driver.ts`)).toBe(true)
})

it('has every folder', () => {
  const folders = readdirSync('src/drivers', { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  const named = Object.values(gallery).map(({ name }) => name)
  expect(
    folders.map(({ name }) => name).filter((name) => !['probes', 'findings'].includes(name)),
  ).toEqual(named.sort())
})

it('every pattern maps in every release, by the hooks that it has there', () => {
  for (const pattern of Object.values(gallery)) {
    for (const release of [
      '6.12',
      'rfc-proto',
      '6.16',
      '6.19',
      '7.1',
      '7.2',
      '7.3',
      'rfc-complete',
    ].map((name) => linux(name)))
      expect(
        `${pattern.name} ${release.name} ${tell(release, hooksIn(pattern, release), 'rs 0 1 f')}`,
      ).toMatch(/ 0-1rs /)
  }
})

it('says what an era lacks that neither it nor legacy hooks serve', () => {
  const bare: AnyPattern = { name: 'bare', text: '', cannot: { mapped: 'It is bare.' } }
  expect(() => hooksIn(bare, linux())).toThrow('bare in mapped: It is bare.')
})

it('takes the hooks of an era made elsewhere, and the legacy ones where there are none', () => {
  const seventh = { ...linux().era, name: 'seventh' }
  const hooks = { mmap_prepare: () => 0 }
  const wanting: AnyPattern = { name: 'wanting', text: '', cannot: {}, seventh: () => hooks }
  expect(hooksIn(wanting, seventh)).toBe(hooks)
  expect(Object.keys(hooksIn(drivers.devMem, seventh))).toEqual(['mmap'])
})
