// SPDX-License-Identifier: GPL-2.0-only
import type { CellOutput } from '../literate/index.ts'
import { displayError } from '../trace/index.ts'
import type { Engine, Problem } from './tslab.ts'

type ErrorOutput = Extract<CellOutput, { readonly type: 'error' }>

/**
 * A thrown value as an output: its message, then the places in cells that it went through with their lines. Takes every
 * value, also one whose properties throw.
 */
export function errorOutput(error: unknown, engine: Engine): ErrorOutput {
  try {
    return told(error, engine)
  } catch {
    const evalue = 'what was thrown cannot be shown: a property of it throws'
    return { type: 'error', ename: 'Thrown', evalue, traceback: [`Thrown: ${evalue}`] }
  }
}

function told(error: unknown, engine: Engine): ErrorOutput {
  const { ename, evalue, traceback } = displayError(error)
  const message = traceback.map((line) => line.replace(requireStack, ''))
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : ''
  const frames = stack.split('\n').filter((line) => ownFrame.test(line))
  return {
    type: 'error',
    ename: String(ename),
    evalue: String(evalue).replace(requireStack, ''),
    traceback: [...message, ...frames.flatMap((frame) => withSource(frame, engine))],
  }
}

/** What the compiler has against a cell, as one output. A chain of messages about one place is one complaint. */
export function problemsOutput(
  problems: readonly Problem[],
  cell: number,
  engine: Engine,
): ErrorOutput {
  const complaints: Problem[][] = []
  for (const one of problems) {
    const last = complaints.at(-1)
    const first = last?.[0]
    if (first && first.line === one.line && first.column === one.column) last.push(one)
    else complaints.push([one])
  }
  const first = problems[0]
  const more = complaints.length > 1 ? ` (and ${complaints.length - 1} more)` : ''
  return {
    type: 'error',
    ename: 'TypeScriptError',
    evalue: first ? `line ${first.line}: TS${first.code}: ${first.message}${more}` : '',
    traceback: complaints.flatMap((chain) => complaintLines(chain, cell, engine)),
  }
}

function complaintLines(chain: readonly Problem[], cell: number, engine: Engine): string[] {
  const [first, ...rest] = chain
  if (!first) return []
  const { code, message, file, line, column } = first
  return [
    `TS${code}: ${message}`,
    ...rest.map((one) => `    ${one.message}`),
    `    at ${file ?? `cell ${cell}`}, line ${line}, column ${column}`,
    ...(file === undefined ? sourceLines(engine, cell, line, column) : []),
  ]
}

/** Node adds it to `Cannot find module`: files of tslab. */
const requireStack = /\nRequire stack:(\n- .*)+/

const ownFrame = /^ {4}at .*, line \d+\)?$/
const cellFrame = /\bcell (\d+), line (\d+)\)?$/

function withSource(frame: string, engine: Engine): string[] {
  const [, cell, line] = cellFrame.exec(frame) ?? []
  return [frame, ...sourceLines(engine, Number(cell), Number(line))]
}

function sourceLines(engine: Engine, cell: number, line: number, column?: number): string[] {
  const text = engine.source(cell)?.split('\n')[line - 1]
  if (text === undefined) return []
  const indent = text.length - text.trimStart().length
  const shown = `        ${text.trim()}`
  return column === undefined
    ? [shown]
    : [shown, `        ${' '.repeat(Math.max(0, column - 1 - indent))}^`]
}

/**
 * Makes the stacks of errors that went through a cell name the cell's lines and nothing of the machinery below it,
 * so that `console.log(error)` in a cell is readable and the same everywhere. Returns what undoes it.
 */
export function readableStacks(locate: Engine['locate']): () => void {
  const previous = Error.prepareStackTrace
  const limit = Error.stackTraceLimit
  // Between a hook in a cell and the call in a cell lie more of the model's frames than the usual ten.
  Error.stackTraceLimit = 100
  const prepare: typeof Error.prepareStackTrace = (error, sites) => {
    const frames = sites.flatMap((site) => {
      const name = site.getScriptNameOrSourceURL() ?? ''
      const origin = locate(name, site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0)
      if (!origin) return []
      const called = site.getFunctionName()
      const where = `${origin.text}, line ${origin.line}`
      return [`    at ${called ? `${called} (${where})` : where}`]
    })
    if (frames.length > 0) return [describe(error), ...frames].join('\n')
    return previous
      ? previous(error, sites)
      : [describe(error), ...sites.map((site) => `    at ${site}`)].join('\n')
  }
  Error.prepareStackTrace = prepare
  return () => {
    Error.stackTraceLimit = limit
    if (Error.prepareStackTrace === prepare)
      if (previous) Error.prepareStackTrace = previous
      else Reflect.deleteProperty(Error, 'prepareStackTrace')
  }
}

function describe(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error'
  }
}
