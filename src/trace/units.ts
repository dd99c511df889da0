// SPDX-License-Identifier: GPL-2.0-only
import { PAGE_SIZE } from '../mm/index.ts'

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `65530` as `65,530`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A number with its noun: `1 page`, `1,024 pages`. */
export function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** A size in bytes with three digits at most: `4 KiB`, `24.6 MiB`, `434 MiB`. */
export function sizeText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (rounded(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${countText(rounded(value))} ${UNITS[unit]}`
}

function rounded(value: number): number {
  return value < 100 ? Math.round(value * 10) / 10 : Math.round(value)
}

/** The whole pages in a range of bytes. */
export function pagesIn(range: { readonly start: number; readonly end: number }): number {
  return (range.end - range.start) / PAGE_SIZE
}

/** An address as C writes it: `0x7f2a40000000`. */
export function hexText(address: number): string {
  return `0x${address.toString(16)}`
}
