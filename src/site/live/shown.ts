// SPDX-License-Identifier: GPL-2.0-only
import { type CellOutput, FIGURE_MIME } from '../../literate/index.ts'
import {
  type Figure,
  type FigureStep,
  type FigureTable,
  figureFault,
  figureSteps,
  figureTable,
  MARKUP_MIME,
  type Markup,
} from '../../trace/index.ts'

import { readMarkup } from './markup.ts'

/** A figure drawn for two widths of the container: text is never scaled, so each width has its own layout. */
export interface Drawing {
  readonly wide: string
  readonly narrow: string
}

/** The moments of a call, and where the row of each is in the two drawings. */
export interface Walk {
  readonly steps: readonly FigureStep[]
  readonly wide: Rows
  readonly narrow: Rows
}

/** In px: row i begins at `top + i * height`. */
export interface Rows {
  readonly top: number
  readonly height: number
}

/** The widths in CSS pixels at which figures are drawn: the text column, and a phone of 375 less its margins. */
export const figureWidths = { wide: 760, narrow: 343 } as const

/** An output as the page shows it: text, or SVG that our own renderer made. Plain JSON. */
export type ShownOutput =
  | { readonly type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'figure'
      readonly text: string
      readonly drawing: Drawing
      /** What stands under the picture as a table. */
      readonly table?: FigureTable
      /** Where it shows one call: what a stepper walks through. */
      readonly walk?: Walk
    }
  | {
      readonly type: 'markup'
      readonly text: string
      /** Of known parts only. */
      readonly markup: readonly Markup[]
    }
  | { readonly type: 'error'; readonly text: string }

/** A figure as SVG text, and where its rows are if it has any that can be walked through. */
export interface Picture {
  readonly svg: string
  readonly rows?: Rows | undefined
}

/** Draws a figure at one width. */
export type Draw = (figure: Figure, width: number) => Promise<Picture>

/** Turns an output into what is shown. A figure that cannot be drawn shows its text and says so. */
export async function showOutput(output: CellOutput, draw: Draw): Promise<ShownOutput> {
  if (output.type === 'stream') return { ...output, text: plain(output.text) }
  if (output.type === 'error') return { type: 'error', text: plain(errorText(output)) }
  const text = plain(output.data['text/plain'])
  const figure = output.data[FIGURE_MIME]
  const markup = output.data[MARKUP_MIME]
  if (figure === undefined)
    return markup === undefined ? { type: 'text', text } : showMarkup(text, markup)
  const fault = figureFault(figure)
  if (fault !== undefined) return { type: 'text', text: `${text}\n[no picture: ${fault}]` }
  const [wide, narrow] = await Promise.all([
    draw(figure as Figure, figureWidths.wide),
    draw(figure as Figure, figureWidths.narrow),
  ])
  const table = figureTable(figure as Figure)
  const steps = figureSteps(figure as Figure)
  return {
    type: 'figure',
    text,
    drawing: { wide: wide.svg, narrow: narrow.svg },
    ...(table && { table }),
    ...(steps &&
      wide.rows &&
      narrow.rows && {
        walk: { steps, wide: wide.rows, narrow: narrow.rows },
      }),
  }
}

function showMarkup(text: string, value: unknown): ShownOutput {
  const read = readMarkup(value)
  if (read === undefined)
    return { type: 'text', text: `${text}\n[no picture: it is too large, or of no known form]` }
  const { markup, omitted } = read
  const note = `\n[left out on the page: ${omitted.join(', ')}]`
  return { type: 'markup', text: omitted.length > 0 ? text + note : text, markup }
}

/** Adds an output to those shown before it; text that continues a stream joins it. */
export function joinOutput(
  shown: readonly ShownOutput[],
  next: ShownOutput,
): readonly ShownOutput[] {
  const last = shown.at(-1)
  if (next.type !== 'stream' || last?.type !== 'stream' || last.name !== next.name)
    return [...shown, next]
  return [...shown.slice(0, -1), { ...last, text: last.text + next.text }]
}

/** Without terminal colours. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what starts a colour
  return text.replace(/\u001b\[[\d;]*m/g, '')
}

function errorText({ ename, evalue, traceback }: Extract<CellOutput, { type: 'error' }>): string {
  return traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`
}
