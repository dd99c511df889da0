// SPDX-License-Identifier: GPL-2.0-only
// What a cell shows of a value: the same in Jupyter, at build and in the browser.
import { inspect } from 'node-inspect-extracted'
import { KernelError, Mm, vm_area_struct } from '../mm/index.ts'
import { displayElement, isElement } from './display_element.ts'
import { displayVma } from './display_vma.ts'
import { ErrnoExplanation, explainErrno, explanationLines } from './explain_errno.ts'
import { isFigure } from './figure_check.ts'
import { figureText } from './figure_text.ts'
import { history } from './history.ts'
import { markupForms } from './markup.ts'
import { Recording } from './record.ts'
import { layout } from './snapshot.ts'
import { timeline } from './timeline.ts'
import { Told } from './told.ts'

/** A value in several forms by MIME type; `text/plain` is always there. */
export interface DisplayBundle {
  readonly 'text/plain': string
  readonly [mime: string]: unknown
}

/** The MIME type of a figure value in a bundle: plain JSON, drawn by whoever shows it. */
export const FIGURE_MIME = 'application/vnd.vmalab.figure+json'

/** Makes a text of any value: `inspect` of Node, or what stands for it. */
export type Inspector = (value: unknown, options: object) => string

/** A value as text, as Node's console shows it; cycles and long values are cut short. */
export function inspectText(value: unknown, by: Inspector = inspect): string {
  return by(value, { depth: 4, breakLength: 80, maxArrayLength: 100, maxStringLength: 10_000 })
}

/**
 * The forms of a cell's value. An object may bring its own through `[Symbol.for("Jupyter.display")]()`, which returns
 * forms by MIME type; a method that throws, or returns anything else, is told in the text.
 */
export function display(value: unknown, by?: Inspector): DisplayBundle {
  if (isFigure(value)) return { 'text/plain': figureText(value), [FIGURE_MIME]: value }
  if (value instanceof Mm) return display(layout(value))
  if (value instanceof Recording) return displayRecording(value)
  if (value instanceof Told)
    return { 'text/plain': value.toString(), ...markupForms(value.toMarkup()) }
  if (value instanceof KernelError)
    return { 'text/plain': displayError(value).traceback.join('\n') }
  if (value instanceof ErrnoExplanation) return { 'text/plain': value.toString() }
  if (value instanceof vm_area_struct) return displayVma(value)
  const own = ownDisplay(value)
  if (own) return { 'text/plain': inspectText(value, by), ...own }
  if (isElement(value)) return displayElement(value)
  return { 'text/plain': inspectText(value, by) }
}

/** What `displayError` tells. */
export interface DisplayedError {
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}

/**
 * A thrown value in the terms of an error message; a refusal of Linux says what to do, too. Where in the cell it was
 * thrown is for the host to add.
 */
export function displayError(error: unknown): DisplayedError {
  const ename = error instanceof Error ? error.name : 'Thrown'
  const evalue = error instanceof Error ? error.message : inspectText(error)
  const more = error instanceof KernelError ? explanationLines(explainErrno(error)) : []
  return { ename, evalue, traceback: [`${ename}: ${evalue}`, ...more] }
}

/** One call is shown as it happened, many as a history; the text has every step. */
function displayRecording(recording: Recording): DisplayBundle {
  const text = { 'text/plain': recording.toString() }
  if (recording.steps.length === 0) return text
  const figure = recording.calls.length > 1 ? history(recording) : timeline(recording)
  const isEmpty = figure.kind === 'timeline' && figure.data.steps.length === 0
  return { ...text, ...(!isEmpty && isFigure(figure) && { [FIGURE_MIME]: figure }) }
}

function ownDisplay(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null
  const method: unknown = Reflect.get(value, Symbol.for('Jupyter.display'))
  if (typeof method !== 'function') return null
  const forms: unknown = method.call(value)
  return typeof forms === 'object' && forms !== null ? { ...forms } : null
}
