// SPDX-License-Identifier: GPL-2.0-only
// What goes wrong with each protocol, as scenarios: each holds in some releases and fails in others.

import {
  allocationIsFreed,
  closeFollowsMapped,
  countComesBack,
  lockIsReleased,
  mergedHookGivesBack,
} from './findings/balance.ts'
import {
  chargeComesBack,
  failingHookKeepsTheOld,
  privateDataArrives,
  privateDataStays,
} from './findings/merging.ts'
import { clampHolds, completesOnce, errnoIsRewritten, nestedIsCalled } from './findings/nested.ts'
import { pagesFollowOffset, restoredOffset } from './findings/pages.ts'
import type { Finding } from './scenario.ts'

/**
 * The findings. `findings.lockIsReleased.run(linux("rfc-complete"))` says whether it holds there, and what was seen.
 */
export const findings: Readonly<Record<FindingName, Finding>> = {
  lockIsReleased,
  closeFollowsMapped,
  failingHookKeepsTheOld,
  privateDataStays,
  privateDataArrives,
  countComesBack,
  allocationIsFreed,
  errnoIsRewritten,
  clampHolds,
  completesOnce,
  pagesFollowOffset,
  restoredOffset,
  mergedHookGivesBack,
  chargeComesBack,
  nestedIsCalled,
}

type FindingName =
  | 'lockIsReleased'
  | 'closeFollowsMapped'
  | 'failingHookKeepsTheOld'
  | 'privateDataStays'
  | 'privateDataArrives'
  | 'countComesBack'
  | 'allocationIsFreed'
  | 'errnoIsRewritten'
  | 'clampHolds'
  | 'completesOnce'
  | 'pagesFollowOffset'
  | 'restoredOffset'
  | 'mergedHookGivesBack'
  | 'chargeComesBack'
  | 'nestedIsCalled'
