// SPDX-License-Identifier: GPL-2.0-only
import {
  counted,
  countText,
  type FigureVma,
  hexText,
  kindCounts,
  kindOf,
  type LayoutFigure,
  layoutTitle,
  mappedBytes,
  mapsLine,
  SINGLE_VMAS,
  shownVmas,
  sizeText,
  vmaFacts,
  windowText,
} from '../trace/index.ts'
import { type Body, layFooter, layHeading, type Note } from './furniture.ts'
import { layered } from './layers.ts'
import { layBins } from './layout_bins.ts'
import { layBlocks } from './layout_blocks.ts'
import { layRows } from './layout_rows.ts'
import { label, type Path, type Scene } from './scene.ts'
import { stripFits } from './strip.ts'

/** Room at either side, so that an edge is not cut. */
const MARGIN = 4
/** More VMAs than this are described by runs of one file. */
const DESCRIBED_VMAS = 20

/** Which of its three forms a layout takes. */
export type LayoutForm = 'blocks' | 'rows' | 'bins' | 'empty'

/** The form for VMAs on a number of px. */
export function layoutForm(vmas: readonly FigureVma[], width: number): LayoutForm {
  if (vmas.length === 0) return 'empty'
  if (vmas.length > SINGLE_VMAS) return 'bins'
  return stripFits(vmas, width) ? 'blocks' : 'rows'
}

/** Where everything is in a picture of an address space `width` px wide. */
export function layoutScene(figure: LayoutFigure, width: number): Scene {
  const vmas = shownVmas(figure)
  const [left, right] = [MARGIN, width - MARGIN]
  const heading = layHeading(figure.options.title, left, right)
  const body = layBody(figure, vmas, heading.bottom, left, right)
  const notes = [...windowNotes(figure, vmas), ...body.notes]
  const footer = layFooter(vmas.map(kindOf), notes, body.bottom, left, right)
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: layoutTitle(figure),
    description: describe(vmas),
    layers: layered([...heading.shapes, ...body.shapes, ...footer.shapes]),
  }
}

function layBody(
  figure: LayoutFigure,
  vmas: readonly FigureVma[],
  top: number,
  left: number,
  right: number,
): Body {
  const form = layoutForm(vmas, right - left)
  if (form === 'empty') return layEmpty(figure, top, left, right)
  if (form === 'rows') return layRows(vmas, top, left, right)
  if (form === 'bins') return layBins(vmas, top, left, right)
  return layBlocks(vmas, top, left, right)
}

function layEmpty(figure: LayoutFigure, top: number, left: number, right: number): Body {
  const box: Path = {
    shape: 'path',
    d: `M${left},${top + 6}H${right}V${top + 50}H${left}Z`,
    stroke: 'ink2',
    dash: '4 3',
  }
  const text = `nothing is mapped${windowText(figure)}`
  const shapes = [
    box,
    label(text, (left + right) / 2, top + 28, 'body', { colour: 'ink2', anchor: 'middle' }),
  ]
  return { shapes, bottom: top + 50, notes: [] }
}

function windowNotes(figure: LayoutFigure, shown: readonly FigureVma[]): Note[] {
  const all = figure.data.vmas.length
  if (shown.length === all) return []
  const text = `${countText(shown.length)} of ${counted(all, 'VMA')}: what overlaps the window${windowText(figure)}`
  return [{ text }]
}

/** The facts for whoever cannot see the picture: every VMA, or the runs of one file, or counts. */
function describe(vmas: readonly FigureVma[]): string {
  if (vmas.length === 0) return 'nothing is mapped'
  if (vmas.length > SINGLE_VMAS) return describeCounts(vmas)
  if (vmas.length > DESCRIBED_VMAS) return runs(vmas).map(describeRun).join('; ')
  return vmas.map((vma) => `${vma.id}: ${mapsLine(vma)}, ${vmaFacts(vma)}`).join('; ')
}

function describeCounts(vmas: readonly FigureVma[]): string {
  const [first, last] = [vmas[0]?.start ?? 0, vmas.at(-1)?.end ?? 0]
  return `${counted(vmas.length, 'VMA')} from ${hexText(first)} to ${hexText(last)}, ${sizeText(mappedBytes(vmas))} mapped: ${kindCounts(vmas)}`
}

/** VMAs that follow each other without a gap and map the same. */
function runs(vmas: readonly FigureVma[]): FigureVma[][] {
  const found: FigureVma[][] = []
  for (const [i, vma] of vmas.entries()) {
    const before = vmas[i - 1]
    if (before?.name === vma.name && before?.end === vma.start) found.at(-1)?.push(vma)
    else found.push([vma])
  }
  return found
}

function describeRun(vmas: readonly FigureVma[]): string {
  const [first, last] = [vmas[0]?.start ?? 0, vmas.at(-1)?.end ?? 0]
  const perms = vmas.map((vma) => vma.perms).join(' ')
  return `${first.toString(16)}-${last.toString(16)} ${perms} ${vmas[0]?.name ?? 'anonymous'}`
}
