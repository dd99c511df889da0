// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'
import type { Figure } from './figure.ts'

/** Above any max_map_count that a reader will set, and still drawn in seconds. */
const MAX_VMAS = 1_000_000
/** PATH_MAX, with room for ` (deleted)` and escapes. */
const MAX_NAME = 4200
const MAX_ID = 16
const MAX_FLAGS = 64
const MAX_FLAG = 40
const MAX_TITLE = 500
const ADDRESS_END = 2 ** 64
const KINDS = ['anon', 'file', 'driver', 'special']

type Fields = Readonly<Record<string, unknown>>

/** Whether a value from anywhere is a figure that can be drawn. */
export function isFigure(value: unknown): value is Figure {
  return figureFault(value) === undefined
}

/** What keeps a value from being a figure, with the place: `data.vmas[2].end: 4096 is not above start`. */
export function figureFault(value: unknown): string | undefined {
  if (!isFields(value)) return `${shown(value)} is no object {kind, data, options}`
  if (value.kind !== 'layout') return `kind: ${shown(value.kind)} is not one of layout`
  if (!isFields(value.data)) return `data: ${shown(value.data)} is no object`
  if (!isFields(value.options)) return `options: ${shown(value.options)} is no object`
  return optionsFault(value.options) ?? vmasFault(value.data.vmas)
}

function optionsFault({ title, from, to }: Fields): string | undefined {
  if (title !== undefined && !isText(title, 0, MAX_TITLE))
    return `options.title: not a text of at most ${MAX_TITLE} characters`
  if (from !== undefined && !isAddress(from, 1)) return `options.from: ${shown(from)} is no address`
  if (to !== undefined && !isAddress(to, 1)) return `options.to: ${shown(to)} is no address`
  if (from !== undefined && to !== undefined && Number(to) <= Number(from))
    return `options.to: ${shown(to)} is not above from`
  return undefined
}

function vmasFault(vmas: unknown): string | undefined {
  if (!Array.isArray(vmas)) return `data.vmas: ${shown(vmas)} is no array`
  if (vmas.length > MAX_VMAS) return `data.vmas: ${vmas.length} VMAs are more than ${MAX_VMAS}`
  let last = 0
  for (const [i, vma] of vmas.entries()) {
    const fault = isFields(vma) ? vmaFault(vma, last) : `: ${shown(vma)} is no object`
    if (fault) return `data.vmas[${i}]${fault}`
    last = Number((vma as Fields).end)
  }
  return undefined
}

function vmaFault(vma: Fields, last: number): string | undefined {
  const { id, start, end, perms, pgoff, name, kind, flags } = vma
  if (!isText(id, 1, MAX_ID)) return `.id: not a text of 1 to ${MAX_ID} characters`
  if (!isAddress(start, PAGE_SIZE)) return `.start: ${shown(start)} is no page-aligned address`
  if (!isAddress(end, PAGE_SIZE)) return `.end: ${shown(end)} is no page-aligned address`
  if (Number(end) <= Number(start)) return `.end: ${shown(end)} is not above start`
  if (Number(start) < last) return `.start: ${shown(start)} is below the end of the VMA before it`
  if (typeof perms !== 'string' || !/^[r-][w-][x-][ps]$/.test(perms))
    return `.perms: ${shown(perms)} is not written like rw-p`
  if (!isAddress(pgoff, 1)) return `.pgoff: ${shown(pgoff)} is no number of pages`
  if (name !== undefined && !isText(name, 0, MAX_NAME))
    return `.name: not a text of at most ${MAX_NAME} characters`
  if (kind !== undefined && !KINDS.includes(kind as string))
    return `.kind: ${shown(kind)} is not one of ${KINDS.join(', ')}`
  if (flags !== undefined && !isFlags(flags))
    return `.flags: not at most ${MAX_FLAGS} texts of 1 to ${MAX_FLAG} characters`
  return undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most
}

function isFlags(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= MAX_FLAGS &&
    value.every((flag) => isText(flag, 1, MAX_FLAG))
  )
}

function isAddress(value: unknown, unit: number): value is number {
  return (
    typeof value === 'number' &&
    value >= 0 &&
    value <= ADDRESS_END &&
    Number.isInteger(value / unit)
  )
}

/** A short text for a value of any kind, safe to print. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40))
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
