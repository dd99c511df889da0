// SPDX-License-Identifier: GPL-2.0-only
// What the page tables hold for some VMAs.
import { PAGE_SIZE, type PageKind, vm_area_struct, vma_can_fault } from '../mm/index.ts'
import type { PageRun, PageState, PagesFigure, PagesPart } from './figure.ts'
import type { Recording } from './record.ts'
import { snapshotVma } from './snapshot.ts'
import { counted, countText, hexText } from './units.ts'

/** What a figure of pages is told beside the VMAs. */
export interface PagesOptions {
  readonly title?: string
  /** The accesses that brought pages: a recording of `mm.touch()` calls. */
  readonly run?: Recording
  /** What the driver did, one line for each VMA. */
  readonly notes?: readonly string[]
}

/**
 * The figure of what the page tables hold for VMAs: page by page, whether it was there before it was touched, which
 * fault brought it, or whether a touch would be a SIGBUS. TypeError for what is no VMA.
 */
export function pages(
  vmas: vm_area_struct | readonly vm_area_struct[],
  options: PagesOptions = {},
): PagesFigure {
  const given = vmas instanceof vm_area_struct ? [vmas] : vmas
  const faults = faultsOf(options.run)
  const parts = given.map((vma, i) => {
    if (!(vma instanceof vm_area_struct)) throw new TypeError('pages: give VMAs, as mm.vmas() does')
    return partOf(vma, faults, options.notes?.[i])
  })
  return {
    kind: 'pages',
    data: { parts },
    options: options.title === undefined ? {} : { title: options.title },
  }
}

/** The order in which pages were touched for the first time. */
function faultsOf(run: Recording | undefined): ReadonlyMap<number, number> {
  const faults = new Map<number, number>()
  for (const { text, start, ret } of run?.calls ?? []) {
    const page = start - (start % PAGE_SIZE)
    if (/^(?:read|write) /.test(text) && ret === 0 && !faults.has(page))
      faults.set(page, faults.size + 1)
  }
  return faults
}

function partOf(
  vma: vm_area_struct,
  faults: ReadonlyMap<number, number>,
  note: string | undefined,
): PagesPart {
  const { id, perms, name = 'anonymous' } = snapshotVma(vma.vm_mm, vma)
  const runs: PageRun[] = []
  const missing: PageState = vma_can_fault(vma) ? 'none' : 'bus'
  let at = vma.vm_start
  for (const { start, end, kind } of vma.vm_mm.pages.within(vma.vm_start, vma.vm_end)) {
    put(runs, missing, (start - at) / PAGE_SIZE)
    for (let page = start; page < end; page += PAGE_SIZE)
      put(runs, stateOf(kind, faults.get(page)), 1, faults.get(page))
    at = end
  }
  put(runs, missing, (vma.vm_end - at) / PAGE_SIZE)
  return {
    name: `${id}  ${name} ${perms}`,
    start: vma.vm_start,
    pages: runs,
    ...(note !== undefined && { note }),
  }
}

function stateOf(kind: PageKind, order: number | undefined): PageState {
  if (kind === 'guard') return 'guard'
  return order === undefined ? 'pre' : 'fault'
}

function put(runs: PageRun[], state: PageState, count: number, order?: number): void {
  const last = runs.at(-1)
  const goesOn = last?.state === state && (order === undefined || last.order === order - last.count)
  if (count === 0) return
  if (last && goesOn) runs[runs.length - 1] = { ...last, count: last.count + count }
  else runs.push({ state, count, ...(order !== undefined && { order }) })
}

/** The words for the states, in the order of the legend. */
export const PAGE_WORDS: Readonly<Record<PageState, string>> = {
  pre: 'there before it is touched',
  fault: 'brought by a fault: its number',
  none: 'no entry yet',
  bus: 'SIGBUS when touched',
  guard: 'guard: SIGSEGV when touched',
}

/** The number of pages of each state. */
export function pageCounts(part: PagesPart): Map<PageState, number> {
  const counts = new Map<PageState, number>()
  for (const { state, count } of part.pages) counts.set(state, (counts.get(state) ?? 0) + count)
  return counts
}

/** The sentence over a figure of pages. */
export function pagesTitle({ options, data }: PagesFigure): string {
  return options.title || `What the page tables hold for ${counted(data.parts.length, 'VMA')}`
}

/** What a part holds, in words: `40 of 64 pages there before it is touched`. */
export function pagesNote(part: PagesPart): string {
  const counts = pageCounts(part)
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const present = (counts.get('pre') ?? 0) + (counts.get('fault') ?? 0)
  const told = `${countText(present)} of ${counted(all, 'page')} present`
  return part.note ? `${told}; ${part.note}` : told
}

const letters: Readonly<Record<PageState, string>> = {
  pre: '#',
  fault: 'f',
  none: '.',
  bus: 'x',
  guard: 'g',
}

/** The text twin: a character a page, 64 in a line, and the order of the faults. */
export function pagesText(figure: PagesFigure): string {
  const lines = figure.data.parts.flatMap((part) => [
    `${part.name}: ${pagesNote(part)}`,
    ...rowsOf(part).map((row, i) => `  ${hexText(part.start + i * 64 * PAGE_SIZE)}  ${row}`),
    ...faultLine(part),
  ])
  return [
    pagesTitle(figure),
    ...lines,
    '# there before a touch, f by a fault, . no entry, x SIGBUS, g guard',
  ].join('\n')
}

function rowsOf(part: PagesPart): string[] {
  const all = part.pages.reduce((sum, { count }) => sum + count, 0)
  if (all > 4096)
    return part.pages.map(({ state, count }) => `${letters[state]} x${countText(count)}`)
  const text = part.pages.map(({ state, count }) => letters[state].repeat(count)).join('')
  return text.match(/.{1,64}/g) ?? []
}

function faultLine(part: PagesPart): string[] {
  let page = 0
  const faults = part.pages.flatMap(({ count, order }) => {
    const first = page
    page += count
    return order === undefined
      ? []
      : Array.from({ length: Math.min(count, 65) }, (_, i) => ({
          page: first + i,
          order: order + i,
        }))
  })
  faults.sort((one, other) => one.order - other.order)
  const shown = faults.slice(0, 64).map(({ page: number, order }) => `${order}: page ${number}`)
  return shown.length > 0
    ? [`  faults: ${shown.join(', ')}${faults.length > 64 ? ', ...' : ''}`]
    : []
}
