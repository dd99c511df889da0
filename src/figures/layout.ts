// SPDX-License-Identifier: GPL-2.0-only
import {
  counted,
  type FigureVma,
  kindOf,
  type LayoutFigure,
  layoutTitle,
  mapsLine,
  SINGLE_VMAS,
  shownVmas,
  vmaFacts,
  windowText,
} from '../trace/index.ts'
import { type Body, layFooter, layHeading } from './furniture.ts'
import { layBlocks } from './layout_blocks.ts'
import { layRows } from './layout_rows.ts'
import { label, type Path, type Scene, type Shape } from './scene.ts'
import { stripFits } from './strip.ts'

/** Room at either side, so that an edge is not cut. */
const MARGIN = 4

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
  const footer = layFooter(vmas.map(kindOf), notes, body.bottom + 10, left, right)
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: layoutTitle(figure),
    description: vmas.length === 0 ? 'nothing is mapped' : describe(vmas),
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
  return { shapes, bottom: top + 44, notes: [] }
}

function windowNotes(figure: LayoutFigure, shown: readonly FigureVma[]): string[] {
  const all = figure.data.vmas.length
  if (shown.length === all) return []
  return [
    `${shown.length} of ${counted(all, 'VMA')}: what overlaps the window${windowText(figure)}`,
  ]
}

function describe(vmas: readonly FigureVma[]): string {
  return vmas.map((vma) => `${vma.id}: ${mapsLine(vma)}, ${vmaFacts(vma)}`).join('; ')
}

/** Lines behind blocks behind text. */
function layered(shapes: readonly Shape[]): Shape[][] {
  return (['path', 'block', 'label'] as const).map((each) =>
    shapes.filter(({ shape }) => shape === each),
  )
}
