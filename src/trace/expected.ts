// SPDX-License-Identifier: GPL-2.0-only
// What the protocol itself brings: differences that no conversion can avoid, each with the rule that says so.

import type { CallEnd, World } from './world.ts'
import type { AspectDifference } from './world_differences.ts'
import { differOnlyByMerging } from './world_differences.ts'

/** Two worlds just after a call in which they differ. */
export interface Disagreement {
  readonly before: World
  readonly after: World
  readonly endBefore: CallEnd
  readonly endAfter: CallEnd
  readonly differences: readonly AspectDifference[]
}

/** A difference that the protocol brings. */
export interface ProtocolRule {
  /** A word for it. */
  readonly name: string
  /** What differs and why, in a sentence. */
  readonly rule: string
  /** The kernel function that decides, and the release. */
  readonly cite: string
  readonly applies: (seen: Disagreement) => boolean
  /** The two can still be compared afterwards. */
  readonly goesOn?: boolean
}

/** Aspects that follow from the number of VMAs. */
const FOLLOWS_FROM_MERGING = new Set<string>([
  'layout',
  'file references',
  'resources',
  'page tables',
])

const releaseOf = (world: World): string => world.mm.release.name

/** The fixed table, asked from the top. */
export const PROTOCOL_RULES: readonly ProtocolRule[] = [
  {
    name: 'merges now',
    rule: 'a legacy hook that changes flags, offset or file works on a VMA that was proposed without the change, so that neighbours stay apart; what mmap_prepare changes is part of the proposal, and alike neighbours merge',
    cite: 'mm/vma.c:__mmap_region(), 7.3: call_mmap_prepare() before vma_merge_new_range(), mmap_file() after it',
    applies: ({ before, after, endBefore, endAfter, differences }) =>
      before.hookChangedMerge &&
      after.facts.merges &&
      endBefore.ret >= 0 &&
      endAfter.ret >= 0 &&
      differences.every(({ aspect }) => FOLLOWS_FROM_MERGING.has(aspect)) &&
      differOnlyByMerging(before, after),
  },
  {
    name: 'asked every time',
    rule: 'a mapping that merges never reaches a legacy hook, and so is never refused by it; mmap_prepare is asked before the merge, and may refuse',
    cite: 'mm/vma.c:__mmap_region(), 7.3: call_mmap_prepare() runs for every mapping, __mmap_new_file_vma() for new VMAs',
    applies: ({ before, after, endBefore, endAfter }) =>
      before.facts.merges &&
      !before.facts.asksMmap &&
      endBefore.ret >= 0 &&
      endAfter.ret < 0 &&
      after.facts.prepareRefuses,
  },
  {
    name: 'close() must know',
    rule: 'close() runs although the action or mapped() failed, so that mapped() marks in the private data what it took; a legacy hook that fails is never followed by close()',
    cite: 'mm/util.c:mmap_action_finish(), 7.3: do_munmap() after an error; mm/vma.c:mmap_file(): the dummy vm_ops after an error',
    goesOn: true,
    applies: ({ after, differences }) =>
      differences.every(
        ({ aspect, before }) => aspect === 'private data' && before.endsWith('NULL'),
      ) && after.mm.vmas().some(({ vm_ops }) => vm_ops?.mapped && vm_ops.close),
  },
  {
    name: 'the hook refuses first',
    rule: 'where the hook refuses and memory is short as well, the errno is that of what comes first: a legacy hook runs after the VMA is allocated, mmap_prepare before',
    cite: 'mm/vma.c:__mmap_region(), 7.3: call_mmap_prepare() before __mmap_new_vma():vm_area_alloc()',
    applies: ({ before, after, endBefore, endAfter }) =>
      before.facts.injected !== '' &&
      !before.facts.asksMmap &&
      endBefore.ret < 0 &&
      endAfter.ret < 0 &&
      after.facts.prepareRefuses,
  },
  {
    name: 'the releases merge differently',
    rule: 'the two run on different releases, and these do not ask the same of neighbours that merge',
    cite: 'mm/vma.c:is_mergeable_vma(), is_mergeable_anon_vma() and the second attempt in 6.12 mm/mmap.c:mmap_region()',
    applies: ({ before, after, endBefore, endAfter, differences }) =>
      releaseOf(before) !== releaseOf(after) &&
      endBefore.ret >= 0 &&
      endAfter.ret >= 0 &&
      differences.every(({ aspect }) => FOLLOWS_FROM_MERGING.has(aspect)) &&
      (differOnlyByMerging(before, after) || differOnlyByMerging(after, before)),
  },
  {
    name: 'the releases charge differently',
    rule: 'the two run on different releases, and a mapping that fails over accounted memory gives back another part of the charge',
    cite: 'mm/vma.c:__mmap_setup(), 7.3.4: the whole charge is taken over; mm/mmap.c:mmap_region(), 6.12: the net charge',
    applies: ({ before, after, differences }) =>
      releaseOf(before) !== releaseOf(after) &&
      differences.every(({ kind }) => kind.endsWith('committed')),
  },
]

/** The rule that explains the disagreement, or null. */
export function protocolRule(seen: Disagreement): ProtocolRule | null {
  return PROTOCOL_RULES.find(({ applies }) => applies(seen)) ?? null
}
