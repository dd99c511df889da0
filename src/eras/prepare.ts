// SPDX-License-Identifier: GPL-2.0-only
import type { Era } from '../mm/index.ts'
import { mapped } from './mapped.ts'

/**
 * 6.16 to 6.18: mmap_prepare describes the mapping before the merge, and no more.
 * Linux 6.16: mm/vma.c:__mmap_region()
 */
export const prepare: Era = {
  ...mapped,
  name: 'prepare',
  about: {
    releases: '6.16 to 6.18',
    status: 'replaced',
    hooks: 'mmap_prepare describes the mapping; nothing follows',
    citation: 'commit c84bf6dd2b83, Linux 6.16; compatibility layer: commit bb666b7c2707',
  },
  complete: (): number => 0,
  complete_compat: (): number => 0,
}
