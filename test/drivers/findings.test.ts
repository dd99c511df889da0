// SPDX-License-Identifier: GPL-2.0-only
// What goes wrong with each protocol: where it does, where it does not, and what is seen.
import { expect, it } from 'vitest'
import { findings } from '../../src/drivers/index.ts'
import { linux } from '../../src/eras/index.ts'

const cases: readonly (readonly [name: string, verdict: string, release: string, seen: string])[] =
  [
    ['lockIsReleased', 'fails', 'rfc-complete', 'region_lock is held after two mmaps'],
    ['lockIsReleased', 'fails', 'rfc-complete-6.17', 'region_lock is held after two mmaps'],
    ['lockIsReleased', 'holds', '6.12', 'region_lock is free after two mmaps'],
    ['lockIsReleased', 'holds', '6.18', 'region_lock is free after two mmaps'],
    ['lockIsReleased', 'holds', '7.3', 'region_lock is free after two mmaps'],
    ['closeFollowsMapped', 'fails', '7.1', 'ENOMEM, then dev->users is -1'],
    ['closeFollowsMapped', 'fails', '7.2', 'ENOMEM, then dev->users is -1'],
    ['closeFollowsMapped', 'fails', '7.3', 'ENOMEM, then dev->users is -1'],
    ['closeFollowsMapped', 'holds', '6.12', 'ENOMEM, then dev->users is 0'],
    ['closeFollowsMapped', 'holds', '6.18', 'ENOMEM, then dev->users is 0'],
    ['failingHookKeepsTheOld', 'fails', '6.12', 'EBUSY; a hole in the middle'],
    ['failingHookKeepsTheOld', 'fails', 'rfc-proto', 'EBUSY; a hole in the middle'],
    ['failingHookKeepsTheOld', 'fails', '6.16', 'EBUSY; a hole in the middle'],
    ['failingHookKeepsTheOld', 'fails', '6.19', 'EBUSY; a hole in the middle'],
    ['failingHookKeepsTheOld', 'fails', '7.3', 'EBUSY; a hole in the middle'],
    ['failingHookKeepsTheOld', 'fails', 'rfc-complete', 'EBUSY; a hole in the middle'],
    ['privateDataStays', 'fails', '6.16', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'fails', '6.18', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'fails', '6.19', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'fails', '7.1', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'fails', '7.2.9', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'fails', 'rfc-complete-6.17', 'private data in the list of VMAs: 2'],
    ['privateDataStays', 'holds', '6.12', 'private data in the list of VMAs: 1'],
    ['privateDataStays', 'holds', '7.2.10', 'private data in the list of VMAs: 1'],
    ['privateDataStays', 'holds', '7.3', 'private data in the list of VMAs: 1'],
    ['privateDataStays', 'holds', 'rfc-complete', 'private data in the list of VMAs: 1'],
    ['privateDataArrives', 'fails', '7.2.10', 'gave 2, found 1'],
    ['privateDataArrives', 'fails', '7.3', 'gave 2, found 1'],
    ['privateDataArrives', 'fails', 'rfc-complete', 'gave 2, found 1'],
    ['privateDataArrives', 'holds', '6.12', 'gave 1, found 1'],
    ['privateDataArrives', 'holds', '6.16', 'gave 2, found 2'],
    ['privateDataArrives', 'holds', '7.2.9', 'gave 2, found 2'],
    ['countComesBack', 'fails', '6.17', 'dev->users is 1 when nothing is mapped'],
    ['countComesBack', 'fails', '6.18', 'dev->users is 1 when nothing is mapped'],
    ['countComesBack', 'fails', '6.19', 'dev->users is 1 when nothing is mapped'],
    ['countComesBack', 'fails', '7.0', 'dev->users is 1 when nothing is mapped'],
    ['countComesBack', 'holds', '6.12', 'dev->users is 0 when nothing is mapped'],
    ['countComesBack', 'holds', '7.2.10', 'dev->users is 0 when nothing is mapped'],
    ['countComesBack', 'holds', '7.3', 'dev->users is 0 when nothing is mapped'],
    ['allocationIsFreed', 'fails', '6.19', 'ENOMEM; 1 vma_lock left'],
    ['allocationIsFreed', 'fails', '7.0.4', 'ENOMEM; 1 vma_lock left'],
    ['allocationIsFreed', 'holds', '6.12', 'ENOMEM; 0 vma_lock left'],
    ['allocationIsFreed', 'holds', '6.18', 'ENOMEM; 0 vma_lock left'],
    ['allocationIsFreed', 'holds', '7.1', 'ENOMEM; 0 vma_lock left'],
    ['allocationIsFreed', 'holds', '7.3', 'ENOMEM; 0 vma_lock left'],
    ['allocationIsFreed', 'holds', 'rfc-complete', 'ENOMEM; 0 vma_lock left'],
    ['errnoIsRewritten', 'fails', '7.2', 'the caller is told ENOMEM, the driver wants EAGAIN'],
    ['errnoIsRewritten', 'fails', '7.3', 'the caller is told ENOMEM, the driver wants EAGAIN'],
    ['errnoIsRewritten', 'holds', '6.12', 'the caller is told EAGAIN, the driver wants EAGAIN'],
    ['errnoIsRewritten', 'holds', '6.18', 'the caller is told EAGAIN, the driver wants EAGAIN'],
    ['errnoIsRewritten', 'holds', '6.19', 'the caller is told EAGAIN, the driver wants EAGAIN'],
    ['clampHolds', 'fails', '6.16', 'VM_MAYWRITE is set'],
    ['clampHolds', 'fails', '6.18', 'VM_MAYWRITE is set'],
    ['clampHolds', 'fails', '6.19', 'VM_MAYWRITE is set'],
    ['clampHolds', 'holds', '6.12', 'VM_MAYWRITE is clear'],
    ['clampHolds', 'holds', '7.0', 'VM_MAYWRITE is clear'],
    ['clampHolds', 'holds', '7.3', 'VM_MAYWRITE is clear'],
    ['completesOnce', 'fails', 'rfc-complete', 'mmap_complete, mmap_complete'],
    ['completesOnce', 'holds', '6.12', 'mmap'],
    ['completesOnce', 'holds', '6.18', 'mmap_prepare'],
    ['completesOnce', 'holds', '7.3', 'mmap_prepare'],
    ['pagesFollowOffset', 'fails', '7.1', 'page 0 of the mapping shows page 0'],
    ['pagesFollowOffset', 'fails', '7.3', 'page 0 of the mapping shows page 0'],
    ['pagesFollowOffset', 'holds', '6.12', 'page 0 of the mapping shows page 1'],
    ['pagesFollowOffset', 'holds', '6.18', 'page 0 of the mapping shows page 1'],
    ['pagesFollowOffset', 'holds', 'rfc-complete', 'page 0 of the mapping shows page 1'],
    ['restoredOffset', 'fails', '7.1', 'EINVAL'],
    ['restoredOffset', 'fails', '7.3', 'EINVAL'],
    ['restoredOffset', 'holds', '6.12', 'page frame 0xfe is mapped'],
    ['restoredOffset', 'holds', '6.18', 'page frame 0xfe is mapped'],
    ['restoredOffset', 'holds', 'rfc-complete', 'page frame 0xfe is mapped'],
    ['mergedHookGivesBack', 'fails', '6.12', 'dev->users is 1 when nothing is mapped'],
    ['mergedHookGivesBack', 'holds', '6.16', 'dev->users is 0 when nothing is mapped'],
    ['mergedHookGivesBack', 'holds', '7.3', 'dev->users is 0 when nothing is mapped'],
    ['chargeComesBack', 'fails', '6.16', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'fails', '6.18', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'fails', '6.19', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'fails', '7.1', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'fails', '7.2.7', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'fails', 'rfc-complete-6.17', 'EBUSY; 4 pages stay charged'],
    ['chargeComesBack', 'holds', '6.12', 'EBUSY; 0 pages stay charged'],
    ['chargeComesBack', 'holds', '7.2.8', 'EBUSY; 0 pages stay charged'],
    ['chargeComesBack', 'holds', '7.3', 'EBUSY; 0 pages stay charged'],
    ['chargeComesBack', 'holds', 'rfc-complete', 'EBUSY; 0 pages stay charged'],
    ['nestedIsCalled', 'fails', 'rfc-proto', 'EINVAL'],
    ['nestedIsCalled', 'holds', '6.12', 'mapped'],
    ['nestedIsCalled', 'holds', '6.16', 'mapped'],
    ['nestedIsCalled', 'holds', '7.3', 'mapped'],
  ]

it.each(cases)('%s %s in %s: %s', (name, verdict, release, seen) => {
  const { ok, seen: found } = findings[name as keyof typeof findings].run(linux(release))
  expect([ok ? 'holds' : 'fails', found]).toEqual([verdict, seen])
})

it('every finding holds somewhere and fails somewhere, but for the hole that all eras leave', () => {
  const everywhere = Object.entries(findings).filter(([, { holds }]) => holds.length === 0)
  expect(everywhere.map(([name]) => name)).toEqual(['failingHookKeepsTheOld'])
  expect(Object.values(findings).filter(({ fails }) => fails.length === 0)).toEqual([])
})

it('tells where each fails and holds', () => {
  for (const [name, { fails, holds }] of Object.entries(findings)) {
    const told = (verdict: string) =>
      cases.filter((one) => one[0] === name && one[1] === verdict).map(([, , release]) => release)
    expect([name, told('fails'), told('holds')]).toEqual([name, fails, holds])
  }
})
