// SPDX-License-Identifier: GPL-2.0-only
// What is known of the names in a page's cells: written at build, loaded when the reader first points at one.
import type { ExecutedCell, KnownName } from '../../literate/index.ts'

/** What one would declare, and its comment or ''. */
export type Told = readonly [text: string, doc: string]

/** The names of a page. Many are told of by the same words. */
export interface PageNames {
  readonly told: readonly Told[]
  /** For each cell its names, in order: from, to, and what is told, by its index. */
  readonly cells: readonly (readonly (readonly [start: number, end: number, told: number])[])[]
}

/** The names of a page's cells, with equal words once. */
export function packNames(cells: readonly Pick<ExecutedCell, 'names'>[]): PageNames {
  const indexes = new Map<string, number>()
  const told: Told[] = []
  const index = ({ text, doc }: KnownName): number => {
    const key = JSON.stringify([text, doc])
    const known = indexes.get(key)
    if (known !== undefined) return known
    indexes.set(key, told.length)
    return told.push([text, doc]) - 1
  }
  return {
    cells: cells.map(({ names = [] }) => names.map((name) => [name.start, name.end, index(name)])),
    told,
  }
}

/** The name at `offset` of cell `n` (from 1 on), its end included; undefined where none stands. */
export function nameAt(names: PageNames, n: number, offset: number): KnownName | undefined {
  for (const [start, end, at] of names.cells[n - 1] ?? []) {
    const told = names.told[at]
    if (told && start <= offset && offset <= end) return { start, end, text: told[0], doc: told[1] }
  }
  return undefined
}
