// SPDX-License-Identifier: GPL-2.0-only
// Why two VMAs are two: every question that the kernel asks, in its order, answered by the model's own predicates.
import {
  anon_pgoff_goes_on_after,
  anon_pgoff_goes_on_before,
  can_merge_remove_vma,
  compares_anon_pgoff,
  is_mergeable_anon_vma,
  is_special,
  owners_agree,
  PAGE_SIZE,
  pgoff_goes_on_after,
  pgoff_goes_on_before,
  same_anon_name,
  same_file,
  same_flags,
  same_userfaultfd_ctx,
  VM_SPECIAL,
  vm_area_struct,
  vm_flags_codes,
  vm_flags_names,
  type vma_merge_struct,
  vma_modify_proposal,
  vma_perms,
} from '../mm/index.ts'
import type { FigureTable, FigureVma, MergeRow, WhyNotMergedFigure } from './figure.ts'
import { mapsLine } from './layout_text.ts'
import type { Recording } from './record.ts'
import { isFields } from './shape.ts'
import { snapshotVma } from './snapshot.ts'
import { textTable } from './told.ts'
import { hexText } from './units.ts'

/** The two sides of the border in question: a VMA that is there, and a proposal or the VMA that it stands for. */
interface Border {
  readonly vmg: vma_merge_struct
  readonly vma: vm_area_struct
  /** Whether the VMA lies left of the proposal. */
  readonly isLeft: boolean
  /** The VMA that a merge would delete; none for a new mapping. */
  readonly goes: vm_area_struct | null
  /** On the other side of the proposal, when that merges too. */
  readonly third: vm_area_struct | null
}

/** One question: what must hold, who decides, the verdict of the model, and both values in words. */
interface Rule {
  readonly what: string
  readonly verdict: string
  readonly fn: (border: Border) => string
  readonly asked?: (border: Border) => boolean
  readonly holds: (border: Border) => boolean
  /** The values: of the VMA that is there, and of the proposal. */
  readonly values: (border: Border) => readonly [there: string, proposed: string]
}

const attributes = () => 'is_mergeable_vma'
const offsets = ({ isLeft }: Border) => (isLeft ? 'can_vma_merge_after' : 'can_vma_merge_before')

/** The questions in the kernel's order. */
const rules: readonly Rule[] = [
  {
    what: 'the range is not special',
    verdict: 'IO, PFNMAP, MIXEDMAP and DONTEXPAND never merge',
    fn: ({ goes }) => (goes ? 'vma_merge_existing_range' : 'vma_merge_new_range'),
    holds: ({ vmg }) => !is_special(vmg),
    values: ({ vmg }) => [
      '',
      vm_flags_names(vmg.vm_flags & VM_SPECIAL, 0).join(' ') || 'it is not',
    ],
  },
  {
    what: 'they touch',
    verdict: 'there is room between them',
    fn: ({ isLeft }) => (isLeft ? 'can_vma_merge_left' : 'can_vma_merge_right'),
    holds: ({ vmg, vma, isLeft }) => (isLeft ? vma.vm_end === vmg.start : vma.vm_start === vmg.end),
    values: ({ vmg, vma, isLeft }) =>
      isLeft
        ? [`ends ${hexText(vma.vm_end)}`, `starts ${hexText(vmg.start)}`]
        : [`starts ${hexText(vma.vm_start)}`, `ends ${hexText(vmg.end)}`],
  },
  {
    what: 'same flags (but sticky ones)',
    verdict: 'their flags differ',
    fn: attributes,
    holds: ({ vmg, vma }) => same_flags(vmg, vma),
    values: flagValues,
  },
  {
    what: 'same struct file',
    verdict: 'they map different open files',
    fn: attributes,
    holds: ({ vmg, vma }) => same_file(vmg, vma),
    values: ({ vmg, vma }) => {
      const [there, proposed] = [vma.vm_file?.name ?? 'none', vmg.file?.name ?? 'none']
      const isOther = vma.vm_file !== vmg.file && there === proposed
      return [there, isOther ? `${proposed}, opened again` : proposed]
    },
  },
  {
    what: 'same userfaultfd context',
    verdict: 'another userfaultfd watches',
    fn: attributes,
    holds: ({ vmg, vma }) => same_userfaultfd_ctx(vmg, vma),
    values: ({ vmg, vma }) => [has(vma.vm_userfaultfd_ctx), has(vmg.uffd_ctx)],
  },
  {
    what: 'same anonymous name',
    verdict: 'their names differ',
    fn: attributes,
    holds: ({ vmg, vma }) => same_anon_name(vmg, vma),
    values: ({ vmg, vma }) => [vma.anon_name ?? 'none', vmg.anon_name ?? 'none'],
  },
  {
    what: 'anon_vmas agree',
    verdict: 'their anonymous pages have different owners',
    fn: () => 'is_mergeable_anon_vma',
    holds: ({ vmg, vma }) => is_mergeable_anon_vma(vmg, vma),
    values: ({ vmg, vma }) => [
      owner(vma.anon_vma, vma.anon_vma_chain),
      owner(vmg.anon_vma, vmg.anon_links),
    ],
  },
  {
    what: 'page offsets continue',
    verdict: 'the page offsets do not continue',
    fn: offsets,
    holds: ({ vmg, vma, isLeft }) =>
      isLeft ? pgoff_goes_on_after(vmg, vma) : pgoff_goes_on_before(vmg, vma),
    values: (border) => offsetValues(border, border.vma.vm_pgoff, border.vmg.pgoff),
  },
  {
    what: 'anonymous page offsets continue',
    verdict: 'the anonymous page offsets do not continue',
    fn: offsets,
    asked: ({ vmg }) => compares_anon_pgoff(vmg),
    holds: ({ vmg, vma, isLeft }) =>
      isLeft ? anon_pgoff_goes_on_after(vmg, vma) : anon_pgoff_goes_on_before(vmg, vma),
    values: (border) => offsetValues(border, border.vma.anon_pgoff, border.vmg.anon_pgoff),
  },
  {
    what: 'the anon_vma of the far side agrees',
    verdict: 'the far side merges, and has another owner of anonymous pages',
    fn: () => 'can_vma_merge_right',
    asked: ({ third, isLeft }) => third !== null && !isLeft,
    holds: ({ third, vma }) => third === null || owners_agree(third, vma),
    values: ({ third, vma }) => [
      owner(vma.anon_vma, vma.anon_vma_chain),
      owner(third?.anon_vma ?? null, third?.anon_vma_chain ?? 0),
    ],
  },
  {
    what: 'the one that goes has no close',
    verdict: 'the one that would go has a close hook',
    fn: () => 'can_merge_remove_vma',
    asked: ({ goes }) => goes !== null,
    holds: ({ goes }) => goes === null || can_merge_remove_vma(goes),
    values: ({ goes }) => ['', goes && !can_merge_remove_vma(goes) ? 'has close' : 'none'],
  },
]

const NOT_COMPARED =
  'Not compared, whatever they hold: vm_ops, vm_private_data, vm_page_prot. On a merge those of the VMA that stays win. Not modelled: memory policies (all the same here).'

function has(context: unknown): string {
  return context === null ? 'none' : 'has one'
}

function owner(anon_vma: { readonly id: number } | null, links: number): string {
  if (!anon_vma) return 'none'
  return `#${anon_vma.id}${links > 1 ? `, ${links} links` : ''}`
}

function flagValues({ vmg, vma }: Border): [string, string] {
  const compared = ~vmg.mm.release.ignore_merge
  const names = (low: number, high: number, without: number, withoutHigh: number) =>
    vm_flags_names(low & ~without & compared, high & ~withoutHigh).join(' ')
  const there = names(vma.vm_flags, vma.vm_flags_high, vmg.vm_flags, vmg.vm_flags_high)
  const proposed = names(vmg.vm_flags, vmg.vm_flags_high, vma.vm_flags, vma.vm_flags_high)
  if (there || proposed) return [there || '–', proposed || '–']
  const codes = vm_flags_codes(vma.vm_flags & compared, vma.vm_flags_high)
  return [codes, codes]
}

function offsetValues({ vmg, vma, isLeft }: Border, there: number, own: number): [string, string] {
  const page = (offset: number) => (offset < 10 ? String(offset) : hexText(offset))
  const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE
  const proposed = (vmg.end - vmg.start) / PAGE_SIZE
  return isLeft
    ? [`goes on at ${page(there + pages)}`, `starts at ${page(own)}`]
    : [`starts at ${page(there)}`, `goes on at ${page(own + proposed)}`]
}

/**
 * The figure of why two VMAs of one address space are two: every question in the kernel's order, with both values and
 * the function that decides; of two that would merge, why they would. Of a recording: the figure of the last place
 * where a new mapping touched a neighbour. RangeError when there is no such place, for VMAs of two address spaces, or
 * no longer mapped.
 */
export function whyNotMerged(recording: Recording): WhyNotMergedFigure
export function whyNotMerged(a: vm_area_struct, b: vm_area_struct): WhyNotMergedFigure
export function whyNotMerged(
  a: vm_area_struct | Recording,
  b?: vm_area_struct,
): WhyNotMergedFigure {
  if (isRecording(a)) {
    const last = a.merges.find(({ data }) => !data.merged) ?? a.merges.at(-1)
    if (last) return last
    throw new RangeError('no new mapping of the recording touched a neighbour')
  }
  if (!(a instanceof vm_area_struct && b instanceof vm_area_struct))
    throw new TypeError('whyNotMerged: give two VMAs, as mm.vmas() lists them, or a recording')
  for (const vma of [a, b])
    if (vma.detached)
      throw new RangeError(
        `whyNotMerged: the VMA at ${hexText(vma.vm_start)} is not mapped any more; take it from mm.vmas() again`,
      )
  if (a === b) throw new RangeError('whyNotMerged: this is one VMA, given twice')
  if (a.vm_mm !== b.vm_mm) throw new RangeError('the VMAs are of two address spaces')
  const [left, right] = a.vm_start < b.vm_start ? [a, b] : [b, a]
  const { vm_mm: mm } = right
  const vmg = vma_modify_proposal(mm, left, right, right.vm_start, right.vm_end)
  const border = { vmg, vma: left, isLeft: true, goes: right, third: null }
  return figureOf(border, snapshotVma(mm, left), snapshotVma(mm, right))
}

function isRecording(value: vm_area_struct | Recording): value is Recording {
  return isFields(value) && 'merges' in value
}

/** The figures of a proposal that is about to be made, one for each neighbour that it touches. */
export function proposalVerdicts(vmg: vma_merge_struct): WhyNotMergedFigure[] {
  const { prev, next, mm } = vmg
  const own = proposed(vmg)
  const figures: WhyNotMergedFigure[] = []
  let third: vm_area_struct | null = null
  if (prev && prev.vm_end === vmg.start) {
    const border = { vmg, vma: prev, isLeft: true, goes: null, third: null }
    const figure = figureOf(border, snapshotVma(mm, prev), own)
    if (figure.data.merged) third = prev
    figures.push(figure)
  }
  if (next && next.vm_start === vmg.end) {
    const border = { vmg, vma: next, isLeft: false, goes: null, third }
    figures.push(figureOf(border, own, snapshotVma(mm, next)))
  }
  return figures
}

function proposed({ start, end, vm_flags, pgoff, file }: vma_merge_struct): FigureVma {
  const flags = vm_flags_names(vm_flags & VM_SPECIAL, 0)
  return {
    id: 'new',
    start,
    end,
    perms: vma_perms({ vm_flags }),
    pgoff: file ? pgoff : 0,
    ...(file && { name: file.name }),
    ...(flags.length > 0 && { flags }),
  }
}

function figureOf(border: Border, left: FigureVma, right: FigureVma): WhyNotMergedFigure {
  let failed: Rule | undefined
  const rows = rules
    .filter(({ asked }) => asked?.(border) ?? true)
    .map((rule): MergeRow => {
      const [there, own] = rule.values(border)
      const [one, other] = border.isLeft ? [there, own] : [own, there]
      const ok = failed ? null : rule.holds(border)
      if (ok === false) failed = rule
      return { what: rule.what, left: one, right: other, ok, fn: rule.fn(border) }
    })
  return {
    kind: 'whyNotMerged',
    data: {
      left,
      right,
      merged: failed === undefined,
      verdict: failed?.verdict ?? 'nothing keeps them apart',
      rows,
      also: NOT_COMPARED,
    },
    options: {},
  }
}

/** The sentence over the verdicts. */
export function whyNotMergedTitle({ options, data }: WhyNotMergedFigure): string {
  if (options.title) return options.title
  const { left, right, merged, verdict } = data
  return `${left.id} and ${right.id} ${merged ? 'merge' : 'do not merge'}: ${verdict}`
}

/** The verdicts as a table: its columns and, row by row, the words in them. */
export function whyNotMergedTable({ data }: WhyNotMergedFigure): FigureTable {
  const { left, right, rows, also } = data
  return {
    columns: ['', 'must hold', left.id, right.id, 'decided in'],
    rows: rows.map(({ what, left: one, right: other, ok, fn }) => ({
      cells: [ok === null ? 'not asked' : ok ? 'yes' : 'NO', what, one, other, fn],
      failed: ok === false,
    })),
    ...(also !== undefined && { note: also }),
  }
}

/** The text twin: the two VMAs, then a line for each question. */
export function whyNotMergedText(figure: WhyNotMergedFigure): string {
  const { left, right } = figure.data
  const { columns, rows, note } = whyNotMergedTable(figure)
  const cells = rows.map((row) => row.cells)
  return [
    whyNotMergedTitle(figure),
    `${left.id}  ${mapsLine(left)}`,
    `${right.id}  ${mapsLine(right)}`,
    textTable(columns, cells, Number.POSITIVE_INFINITY),
    ...(note === undefined ? [] : [note]),
  ].join('\n')
}
