// SPDX-License-Identifier: GPL-2.0-only
import type { FigureVma, LayoutFigure, VmaKind } from './figure.ts'
import { KIND_WORDS, kindOf } from './kind.ts'
import { counted, countText, hexText, pagesIn, sizeText } from './units.ts'

/** More VMAs than this are drawn as bins and listed with the middle left out. */
export const SINGLE_VMAS = 300

/** A range of addresses in bytes; `end` is exclusive. */
export interface AddressRange {
  readonly start: number
  readonly end: number
}

/** The VMAs that a layout figure shows: those that overlap its window, each in full length. */
export function shownVmas(figure: LayoutFigure): readonly FigureVma[] {
  const { vmas } = figure.data
  const { from = 0, to = Number.POSITIVE_INFINITY } = figure.options
  if (from === 0 && to === Number.POSITIVE_INFINITY) return vmas
  return vmas.filter((vma) => vma.end > from && vma.start < to)
}

/** The bytes that the VMAs map together. */
export function mappedBytes(vmas: readonly AddressRange[]): number {
  return vmas.reduce((sum, vma) => sum + (vma.end - vma.start), 0)
}

/** A gap longer than this many bytes is folded: it would say nothing but how empty an address space is. */
export function foldLimit(vmas: readonly AddressRange[]): number {
  const largest = vmas.reduce((most, vma) => Math.max(most, vma.end - vma.start), 0)
  return Math.max(1.2 * largest, mappedBytes(vmas) / 2)
}

/** The window of a layout figure in words: ` from 0x1000 to 0x3000`; empty when it shows everything. */
export function windowText({ options: { from, to } }: LayoutFigure): string {
  return `${from === undefined ? '' : ` from ${hexText(from)}`}${to === undefined ? '' : ` to ${hexText(to)}`}`
}

/** The sentence over a layout figure: the author's title, else what is mapped. */
export function layoutTitle(figure: LayoutFigure): string {
  if (figure.options.title) return figure.options.title
  const vmas = shownVmas(figure)
  if (vmas.length === 0) return `Nothing is mapped${windowText(figure)}`
  const verb = vmas.length === 1 ? 'maps' : 'map'
  return `${counted(vmas.length, 'VMA')} ${verb} ${sizeText(mappedBytes(vmas))}${windowText(figure)}`
}

/** How many VMAs of each kind there are: `2 anonymous, 1 driver`. */
export function kindCounts(vmas: readonly FigureVma[]): string {
  const counts = new Map<VmaKind, number>()
  for (const vma of vmas) counts.set(kindOf(vma), (counts.get(kindOf(vma)) ?? 0) + 1)
  return kindsIn(counts.keys())
    .map((kind) => `${countText(counts.get(kind) ?? 0)} ${KIND_WORDS[kind]}`)
    .join(', ')
}

/** The kinds without repetition, in the order of the legend. */
export function kindsIn(kinds: Iterable<VmaKind>): VmaKind[] {
  const present = new Set(kinds)
  return (Object.keys(KIND_WORDS) as VmaKind[]).filter((kind) => present.has(kind))
}

/** A VMA's size and flags in words: `6 pages, IO PFNMAP`. */
export function vmaFacts(vma: FigureVma): string {
  return [counted(pagesIn(vma), 'page'), vma.flags?.join(' ')].filter(Boolean).join(', ')
}
