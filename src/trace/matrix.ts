// SPDX-License-Identifier: GPL-2.0-only
// Every way to map a driver's file that is worth trying, as programs.
import { type FileOptions, PROT_EXEC, PROT_READ, PROT_WRITE, type Release } from '../mm/index.ts'
import type { Op, Program } from './program.ts'

/** What lies around the range before it is mapped. */
export type Neighbours =
  | 'none'
  | 'left'
  | 'right'
  | 'both'
  | 'over anonymous'
  | 'over the edge'
  | 'over its own'
  | 'twice'

/** What happens to the mapping afterwards. */
export type Following =
  | 'nothing'
  | 'read'
  | 'write'
  | 'fork'
  | 'split'
  | 'unmap the first page'
  | 'mprotect'
  | 'mprotect a part'
  | 'grow'
  | 'shrink'
  | 'move'
  | 'revoke'
  | 'unmap'

/** The axes along which two drivers are compared; each has a default. */
export interface Matrix {
  /** MAP_SHARED and MAP_PRIVATE: default both. */
  readonly shared: readonly boolean[]
  /** PROT_* bits: default read, read and write, none, read and execute. */
  readonly prots: readonly number[]
  /** Pages: default 1, 2, 4. */
  readonly sizes: readonly number[]
  /** Pages: default 0, 1, 3. */
  readonly pgoffs: readonly number[]
  readonly neighbours: readonly Neighbours[]
  readonly following: readonly Following[]
  /** Make each allocation, page-table work and hook fail once, in the mapping and in what follows: default true. */
  readonly failures: boolean
  /** What open() of the driver's node gives beside its hooks. */
  readonly file: FileOptions
  /** The release that both run on: default the latest known. */
  readonly release: Release
  /** The release that `before` runs on: default `release`. */
  readonly beforeRelease: Release
  /** Told now and then how many programs of how many bases have run. */
  readonly onProgress: (done: number, total: number) => void
}

/** Every neighbourhood. */
export const NEIGHBOURS: readonly Neighbours[] = [
  'none',
  'left',
  'right',
  'both',
  'over anonymous',
  'over the edge',
  'over its own',
  'twice',
]

/** Everything that may follow. */
export const FOLLOWING: readonly Following[] = [
  'nothing',
  'read',
  'write',
  'fork',
  'split',
  'unmap the first page',
  'mprotect',
  'mprotect a part',
  'grow',
  'shrink',
  'move',
  'revoke',
  'unmap',
]

/** Protections of the default matrix. */
export const PROTS: readonly number[] = [
  PROT_READ,
  PROT_READ | PROT_WRITE,
  0,
  PROT_READ | PROT_EXEC,
]

/** The page that the mapping under test begins at. */
const PAGE = 16
/** Where a moved mapping goes. */
const ELSEWHERE = 40

type Mapping = Op & { readonly call: 'mmap' }

/** One mapping to try, and what lies around it. */
export interface Base {
  readonly neighbours: Neighbours
  readonly around: Program
  readonly mapping: Mapping
}

/** Every mapping of the matrix, the simplest first. */
export function* bases(matrix: Matrix): Generator<Base, void, undefined> {
  for (const neighbours of matrix.neighbours)
    for (const shared of matrix.shared)
      for (const prot of matrix.prots)
        for (const pages of matrix.sizes)
          for (const pgoff of matrix.pgoffs) {
            const mapping: Mapping = { call: 'mmap', page: PAGE, pages, prot, shared, pgoff }
            yield { neighbours, around: around(neighbours, mapping), mapping }
          }
}

/** How many mappings {@link bases} gives. */
export function countBases(matrix: Matrix): number {
  const { neighbours, shared, prots, sizes, pgoffs } = matrix
  return neighbours.length * shared.length * prots.length * sizes.length * pgoffs.length
}

function around(neighbours: Neighbours, mapping: Mapping): Program {
  const { page, pages } = mapping
  const pgoff = mapping.pgoff ?? 0
  const left: Mapping = { ...mapping, page: page - 1, pages: 1, pgoff: pgoff > 0 ? pgoff - 1 : 9 }
  const right: Mapping = { ...mapping, page: page + pages, pages: 1, pgoff: pgoff + pages }
  const anonymous: Mapping = {
    ...mapping,
    prot: PROT_READ | PROT_WRITE,
    shared: false,
    pgoff: null,
  }
  switch (neighbours) {
    case 'none':
      return []
    case 'left':
      return [left]
    case 'right':
      return [right]
    case 'both':
      return [left, right]
    case 'over anonymous':
      return [{ ...anonymous, page: page - 2, pages: pages + 4 }]
    case 'over the edge':
      return [{ ...anonymous, page: page - 2, pages: 3 }]
    case 'over its own':
      return [{ ...mapping, page: page - 1, pages: pages + 2, pgoff: Math.max(0, pgoff - 1) }]
    case 'twice':
      return [mapping]
  }
}

/** What to do with the mapping afterwards; null where the mapping is too small for it. */
export function following(kind: Following, mapping: Mapping): Program | null {
  const { page, pages, prot } = mapping
  const pgoff = mapping.pgoff ?? 0
  const touches = (write: boolean): Program =>
    [0, pages - 1].slice(0, pages).map((at): Op => ({ call: 'touch', page: page + at, write }))
  switch (kind) {
    case 'nothing':
      return []
    case 'read':
      return touches(false)
    case 'write':
      return touches(true)
    case 'fork':
      return [{ call: 'fork' }, { call: 'touch', page, write: true }]
    case 'split':
      return pages < 3 ? null : [{ call: 'munmap', page: page + 1, pages: 1 }]
    case 'unmap the first page':
      return pages < 2 ? null : [{ call: 'munmap', page, pages: 1 }]
    case 'mprotect':
      return [{ call: 'mprotect', page, pages, prot: prot ^ PROT_WRITE }]
    case 'mprotect a part':
      return pages < 2 ? null : [{ call: 'mprotect', page, pages: 1, prot: prot === 0 ? 1 : 0 }]
    case 'grow':
      return [{ call: 'mremap', page, pages, newPages: pages + 1 }]
    case 'shrink':
      return pages < 2 ? null : [{ call: 'mremap', page, pages, newPages: pages - 1 }]
    case 'move':
      return [{ call: 'mremap', page, pages, newPages: pages, to: ELSEWHERE }]
    case 'revoke':
      return [
        { call: 'touch', page, write: false },
        { call: 'unmap_mapping_range', pgoff, pages: 1 },
        { call: 'touch', page, write: false },
      ]
    case 'unmap':
      return [{ call: 'munmap', page, pages }]
  }
}
