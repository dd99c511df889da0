// SPDX-License-Identifier: GPL-2.0-only
import { type Notebook, notebookText } from './notebook.ts'

/**
 * What a reader must know to see why the stored notebook `actual` (a file's text) is not `expected`: one entry per
 * cell that differs, at its first differing line. Empty when the two are equal to the byte.
 */
export function differences(expected: Notebook, actual: string): string[] {
  const text = notebookText(expected)
  if (actual === text) return []
  const { cells: wanted }: Notebook = JSON.parse(text)
  const cells = storedCells(actual)
  if (typeof cells === 'string') return [cells]
  const found: string[] = []
  let count = 0
  for (const [index, cell] of wanted.entries()) {
    const name = cell.cell_type === 'code' ? `cell ${++count}` : `the prose after cell ${count}`
    const stored = cells[index]
    if (stored === undefined) found.push(`${name} is missing`)
    else if (!sameJson(cell, stored)) found.push(...cellDifferences(name, cell, stored))
  }
  const extra = cells.length - wanted.length
  if (extra > 0) found.push(`${extra} more cell${extra > 1 ? 's' : ''} than the page has`)
  return found.length > 0 ? found : ['the same cells, but other metadata or layout of the file']
}

/** The cells of a notebook's text, or why there are none. */
function storedCells(text: string): readonly unknown[] | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  const cells = field(value, 'cells')
  return Array.isArray(cells) ? cells : 'no notebook: it has no list "cells"'
}

function cellDifferences(name: string, expected: object, actual: unknown): string[] {
  if (field(expected, 'cell_type') !== field(actual, 'cell_type'))
    return [`${name}: the notebook has something else in its place`]
  const found: string[] = []
  const keys = new Set([...Object.keys(expected), ...Object.keys(Object(actual))])
  for (const key of [...keys].sort()) {
    const [want, have] = [field(expected, key), field(actual, key)]
    if (!sameJson(want, have)) found.push(`${name}, ${key}: ${firstDifference(want, have)}`)
  }
  return found
}

/** Tells the first line in which two values differ; `names` say whose each is. */
export function firstDifference(
  want: unknown,
  have: unknown,
  names: readonly [string, string] = ['page', 'notebook'],
): string {
  const [wanted, had] = [readable(want), readable(have)]
  let line = 0
  while (line < wanted.length && wanted[line] === had[line]) line++
  const show = (text: string | undefined) =>
    text === undefined ? '(nothing)' : text.length > 160 ? `${text.slice(0, 160)}...` : text
  const width = Math.max(...names.map((name) => name.length)) + 1
  const [first, second] = names.map((name) => `${name}:`.padEnd(width))
  return `line ${line + 1}\n  - ${first} ${show(wanted[line])}\n  + ${second} ${show(had[line])}`
}

/** Lines of text as they are, anything else as its JSON, one line each. */
function readable(value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((line) => typeof line === 'string'))
    return value.map((line: string) => line.replace(/\n$/, ''))
  return JSON.stringify(value, null, 1).split('\n')
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

/** Equal whatever the order of the keys. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const keys = Object.keys(a)
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => sameJson(field(a, key), field(b, key)))
  )
}
