// SPDX-License-Identifier: GPL-2.0-only
import { formatWithOptions, inspect } from 'node-inspect-extracted'

/** Takes a console's text, whole lines, in the order printed. */
export type StreamWriter = (name: 'stdout' | 'stderr', text: string) => void

type Method = (...args: unknown[]) => void

/** A console for cells: the methods of Node's that print, with Node's text, into `write`. */
export function createConsole(write: StreamWriter): Readonly<Record<string, Method>> {
  const counts = new Map<string, number>()
  const timers = new Map<string, number>()
  let indent = ''
  const print = (name: 'stdout' | 'stderr', text: string) =>
    write(name, `${text}\n`.replace(/^(?=.)/gm, indent))
  const out: Method = (...args) => print('stdout', formatWithOptions({}, ...args))
  const err: Method = (...args) => print('stderr', formatWithOptions({}, ...args))
  const elapsed = (label: string) =>
    `${label}: ${(performance.now() - (timers.get(label) ?? performance.now())).toFixed(1)}ms`
  const group: Method = (...args) => {
    if (args.length > 0) out(...args)
    indent += '  '
  }
  return {
    log: out,
    info: out,
    debug: out,
    warn: err,
    error: err,
    trace: (...args) => err('Trace:', ...args),
    assert: (condition, ...args) => {
      if (!condition) err('Assertion failed', ...args)
    },
    dir: (value, options) => print('stdout', inspect(value, { ...(options ?? {}) })),
    table: (value) =>
      isTabular(value) && !isKeyed(value) ? print('stdout', formatTable(value)) : out(value),
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2)
    },
    count: (label = 'default') => {
      const count = (counts.get(String(label)) ?? 0) + 1
      counts.set(String(label), count)
      out(`${label}: ${count}`)
    },
    countReset: (label = 'default') => void counts.delete(String(label)),
    time: (label = 'default') => void timers.set(String(label), performance.now()),
    timeLog: (label = 'default', ...args) => out(elapsed(String(label)), ...args),
    timeEnd: (label = 'default') => {
      out(elapsed(String(label)))
      timers.delete(String(label))
    },
  }
}

function isTabular(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Differs from Node, which tabulates a Map or Set by iteration. */
function isKeyed(value: object): boolean {
  return value instanceof Map || value instanceof Set
}

const indexColumn = '(index)'
const valuesColumn = 'Values'

/** The box that Node's console.table draws: a row per entry, a column per property met. */
function formatTable(value: object): string {
  const rows = Object.entries(value).map(([key, row]): Map<string, string> => {
    const cells = isTabular(row) ? Object.entries(row) : [[valuesColumn, row] as const]
    return new Map([
      [indexColumn, key],
      ...cells.map(([name, cell]) => [name, show(cell)] as const),
    ])
  })
  const met = new Set([indexColumn, ...rows.flatMap((row) => [...row.keys()])])
  const columns = [...met].filter((name) => name !== valuesColumn)
  if (met.has(valuesColumn)) columns.push(valuesColumn)
  const widths = columns.map((name) =>
    Math.max(...[name, ...rows.map((row) => row.get(name) ?? '')].map((text) => text.length)),
  )
  const line = (texts: readonly string[]) =>
    `│ ${texts.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' │ ')} │`
  const rule = (left: string, cross: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width + 2)).join(cross) + right
  return [
    rule('┌', '┬', '┐'),
    line(columns),
    rule('├', '┼', '┤'),
    ...rows.map((row) => line(columns.map((name) => row.get(name) ?? ''))),
    rule('└', '┴', '┘'),
  ].join('\n')
}

function show(value: unknown): string {
  return inspect(value, {
    depth: isTabular(value) ? 0 : 1,
    maxArrayLength: 3,
    breakLength: Infinity,
  })
}
