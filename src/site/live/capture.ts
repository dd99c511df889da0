// SPDX-License-Identifier: GPL-2.0-only
import { type CellOutput, FIGURE_MIME, type MimeBundle } from '../../literate/index.ts'
import { MARKUP_MIME } from '../../trace/index.ts'
import type { StreamWriter } from './console.ts'

/** How much of one cell's output is kept; what is left out is told in the output. */
export interface OutputLimits {
  /** Characters of stream text, and of one value's text. */
  readonly text: number
  /** Values displayed. */
  readonly displays: number
  /** Characters of one figure, or of one markup, as JSON. */
  readonly figure: number
}

/** What the page keeps: more than anyone reads, less than what makes it slow. */
export const defaultLimits: OutputLimits = { text: 200_000, displays: 100, figure: 4_000_000 }

/** Collects one cell's output within limits, in order. */
export interface Capture {
  readonly write: StreamWriter
  readonly show: (type: 'display' | 'result', data: MimeBundle) => void
  readonly fail: (error: { ename: string; evalue: string; traceback: readonly string[] }) => void
  /** Sends what is still held back, and a note of what was left out; returns the whole output. */
  readonly finish: () => readonly CellOutput[]
}

/** Lines sent one by one before they are bundled. */
const eagerLines = 500
const bundleSize = 8_000

/** A capture that hands each output to `onOutput` as it happens; consecutive text may arrive in several pieces. */
export function createCapture(
  onOutput: (output: CellOutput) => void,
  limits: OutputLimits,
): Capture {
  const outputs: CellOutput[] = []
  let held: { name: 'stdout' | 'stderr'; text: string } | undefined
  let pieces = 0
  let room = limits.text
  let cutWrites = 0
  let displays = 0

  const flush = () => {
    if (held === undefined) return
    pieces++
    emit({ type: 'stream', ...held })
    held = undefined
  }
  const emit = (output: CellOutput) => {
    append(outputs, output)
    onOutput(output)
  }
  const write: StreamWriter = (name, text) => {
    if (room === 0) {
      cutWrites++
      return
    }
    const kept = text.slice(0, room)
    if (kept.length < text.length) cutWrites++
    room -= kept.length
    if (held !== undefined && held.name !== name) flush()
    held = { name, text: (held?.text ?? '') + kept }
    if (pieces < eagerLines || held.text.length >= bundleSize) flush()
  }
  return {
    write,
    show: (type, data) => {
      flush()
      if (displays++ < limits.displays) emit({ type, data: keep(data, limits) })
    },
    fail: ({ ename, evalue, traceback }) => {
      flush()
      emit({ type: 'error', ename, evalue: cut(evalue, limits.text), traceback })
    },
    finish: () => {
      flush()
      const notes: string[] = []
      if (cutWrites > 0)
        notes.push(`after ${limits.text} characters; ${plural(cutWrites, 'later print')} cut`)
      if (displays > limits.displays)
        notes.push(`after ${limits.displays} values; ${displays - limits.displays} more not shown`)
      for (const note of notes)
        emit({ type: 'stream', name: 'stderr', text: `[output stopped ${note}]\n` })
      return outputs
    },
  }
}

/** Adds `output` to `outputs`; text that continues a stream joins it. */
export function append(outputs: CellOutput[], output: CellOutput): void {
  const last = outputs.at(-1)
  if (output.type === 'stream' && last?.type === 'stream' && last.name === output.name)
    outputs[outputs.length - 1] = { ...last, text: last.text + output.text }
  else outputs.push(output)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  return `${text.slice(0, limit)}\n[cut: ${text.length - limit} characters more]`
}

/** The bundle as plain JSON and within limits: its text, and its figure and markup if it has them. */
function keep(data: MimeBundle, limits: OutputLimits): MimeBundle {
  const text = cut(String(data['text/plain']), limits.text)
  const forms: Record<string, unknown> = {}
  const notes: string[] = []
  for (const mime of [FIGURE_MIME, MARKUP_MIME]) {
    const json = data[mime] === undefined ? undefined : JSON.stringify(data[mime])
    if (json === undefined) continue
    if (json.length <= limits.figure) forms[mime] = JSON.parse(json)
    else notes.push(`\n[no picture: the figure is ${json.length} characters of JSON]`)
  }
  return { 'text/plain': text + notes.join(''), ...forms }
}
