// SPDX-License-Identifier: GPL-2.0-only
// What is known of the names in the cells of the book: written at build, loaded when the reader first points at one.
import type { ExecutedPage, KnownName } from '../../literate/index.ts'

/** What one would declare, and its comment or ''. */
export type Told = readonly [text: string, doc: string]

/** How far behind the name before, how long, and what is told, by its index: small numbers, of which many are equal. */
export type PackedName = readonly [gap: number, length: number, told: number]

/** The names of every page. Most are told of by the same words as others. */
export interface BookNames {
  readonly told: readonly Told[]
  /** By a page's file below docs/, without its ending: for each cell its names, in order. */
  readonly pages: Readonly<Record<string, readonly (readonly PackedName[])[]>>
}

/** The names of some pages' cells, with equal words once. */
export function packNames(pages: readonly ExecutedPage[]): BookNames {
  const indexes = new Map<string, number>()
  const told: Told[] = []
  const index = ({ text, doc }: KnownName): number => {
    const key = JSON.stringify([text, doc])
    const known = indexes.get(key)
    if (known !== undefined) return known
    indexes.set(key, told.length)
    return told.push([text, doc]) - 1
  }
  const pack = (names: readonly KnownName[]): PackedName[] =>
    names.map((name, i) => [
      name.start - (names[i - 1]?.end ?? 0),
      name.end - name.start,
      index(name),
    ])
  const packed = pages
    .filter(({ cells }) => cells.length > 0)
    .map(({ page, cells }) => [page, cells.map(({ names = [] }) => pack(names))] as const)
  return { pages: Object.fromEntries(packed), told }
}

/** The name at `offset` of a page's cell `n` (from 1 on), its end included; undefined where none stands. */
export function nameAt(
  { told, pages }: BookNames,
  page: string,
  n: number,
  offset: number,
): KnownName | undefined {
  const cells = Object.hasOwn(pages, page) ? pages[page] : undefined
  let end = 0
  for (const [gap, length, index] of cells?.[n - 1] ?? []) {
    const start = end + gap
    end = start + length
    const words = told[index]
    if (words && start <= offset && offset <= end)
      return { start, end, text: words[0], doc: words[1] }
  }
  return undefined
}
