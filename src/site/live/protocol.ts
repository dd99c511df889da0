// SPDX-License-Identifier: GPL-2.0-only
// What the page and the isolated frame say to each other. The frame runs the reader's code, so the
// page takes nothing from it on trust.
import { type CellOutput, FIGURE_MIME } from '../../literate/index.ts'
import { MARKUP_MIME } from '../../trace/index.ts'

/** One cell to run. */
export interface CellToRun {
  readonly code: string
  /** The cell is meant to end in an error: those below it run all the same. */
  readonly throws: boolean
  /** What `processMaps()` gives in this cell. */
  readonly maps: string
}

/** The page's only message: the cells from the first of the page to the one asked for. */
export interface RunRequest {
  readonly cells: readonly CellToRun[]
  /** The program that puts Plot in scope, where a cell draws for itself. */
  readonly plot?: string
}

/** What the frame says; `cell` counts from 0 in the request. */
export type FrameMessage =
  | { readonly type: 'start'; readonly cell: number }
  | { readonly type: 'output'; readonly cell: number; readonly output: CellOutput }
  | { readonly type: 'end'; readonly cell: number; readonly failed: boolean }
  | { readonly type: 'done' }
  | { readonly type: 'crash'; readonly reason: string }

/** The name under which the program of {@link RunRequest.plot} gives what it exports. */
export const plotProgram = 'vmalabPlot'

/** Messages of one run that the frame passes on; a cell that sends more is ended. */
export const messageLimit = 20_000

const textLimit = 1_000_000

/** The message, rebuilt from the parts that are known; undefined when it is none. */
export function readMessage(data: unknown): FrameMessage | undefined {
  const { type, cell, failed, output, reason } = fields(data)
  if (type === 'done') return { type }
  if (type === 'crash') return isText(reason) ? { type, reason } : undefined
  if (!Number.isSafeInteger(cell) || typeof cell !== 'number' || cell < 0) return undefined
  if (type === 'start') return { type, cell }
  if (type === 'end') return typeof failed === 'boolean' ? { type, cell, failed } : undefined
  if (type !== 'output') return undefined
  const read = readOutput(output)
  return read && { type, cell, output: read }
}

function readOutput(value: unknown): CellOutput | undefined {
  const { type, name, text, data, ename, evalue, traceback } = fields(value)
  if (type === 'stream')
    return (name === 'stdout' || name === 'stderr') && isText(text)
      ? { type, name, text }
      : undefined
  if (type === 'error') {
    if (!isText(ename) || !isText(evalue) || !Array.isArray(traceback)) return undefined
    return { type, ename, evalue, traceback: traceback.slice(0, 50).filter(isText) }
  }
  if (type !== 'display' && type !== 'result') return undefined
  const { 'text/plain': plain, [FIGURE_MIME]: figure, [MARKUP_MIME]: markup } = fields(data)
  if (!isText(plain)) return undefined
  // What is in a figure or a markup is checked where it is shown.
  return {
    type,
    data: {
      'text/plain': plain,
      ...(figure !== undefined && { [FIGURE_MIME]: figure }),
      ...(markup !== undefined && { [MARKUP_MIME]: markup }),
    },
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= textLimit
}
