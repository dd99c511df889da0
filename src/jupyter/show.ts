// SPDX-License-Identifier: GPL-2.0-only
import { inspect } from 'node:util'
import type { MimeBundle } from '../literate/output.ts'
import * as trace from '../trace/index.ts'

/** Stands in until the trace part has its own. */
export function show(value: unknown): MimeBundle {
  const display = Reflect.get(trace, 'display')
  return display ? display(value) : { 'text/plain': inspect(value) }
}

/** Stands in until the trace part has its own. */
export function showError(error: unknown): {
  ename: string
  evalue: string
  traceback: readonly string[]
} {
  const displayError = Reflect.get(trace, 'displayError')
  if (displayError) return displayError(error)
  const ename = error instanceof Error ? error.name : 'Error'
  const evalue = error instanceof Error ? error.message : inspect(error)
  return { ename, evalue, traceback: [`${ename}: ${evalue}`] }
}
