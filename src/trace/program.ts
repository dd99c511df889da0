// SPDX-License-Identifier: GPL-2.0-only
// Programs of a few calls, as values: they run on any driver, shrink, and are told as one would type them into a cell.
import {
  type AllocationSite,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../mm/index.ts'
import { hexText } from './units.ts'

/** One call of a program. Pages count from {@link PROGRAM_BASE}. */
export type Op =
  | {
      readonly call: 'mmap'
      readonly page: number
      readonly pages: number
      /** PROT_* bits. */
      readonly prot: number
      readonly shared: boolean
      /** Pages; null: anonymous memory instead of the driver's file. */
      readonly pgoff: number | null
    }
  | { readonly call: 'munmap'; readonly page: number; readonly pages: number }
  | {
      readonly call: 'mprotect'
      readonly page: number
      readonly pages: number
      readonly prot: number
    }
  | {
      readonly call: 'mremap'
      readonly page: number
      readonly pages: number
      readonly newPages: number
      /** Where to; absent: it stays, or cannot grow. */
      readonly to?: number
    }
  | { readonly call: 'touch'; readonly page: number; readonly write: boolean }
  | { readonly call: 'fork' }
  | { readonly call: 'unmap_mapping_range'; readonly pgoff: number; readonly pages: number }
  | { readonly call: 'failNth'; readonly site: AllocationSite; readonly nth: number }

/** The calls of one case, in order. */
export type Program = readonly Op[]

/** The address of page 0 of a program, in bytes. */
export const PROGRAM_BASE = 0x100000
/** Programs stay within so many pages. */
export const PROGRAM_PAGES = 64

/** The address of a program's page, in bytes. */
export function addressOf(page: number): number {
  return PROGRAM_BASE + page * PAGE_SIZE
}

/** The MAP_* bits of a mapping at a fixed place. */
export function mapFlags(shared: boolean, anonymous: boolean): number {
  return (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | (anonymous ? MAP_ANONYMOUS : 0)
}

const hex = (page: number): string => hexText(addressOf(page))
const size = (pages: number): string => (pages === 1 ? 'PAGE_SIZE' : `${pages} * PAGE_SIZE`)

function protText(prot: number): string {
  const words = [
    prot & PROT_READ ? 'PROT_READ' : '',
    prot & PROT_WRITE ? 'PROT_WRITE' : '',
    prot & PROT_EXEC ? 'PROT_EXEC' : '',
  ].filter(Boolean)
  return words.join(' | ') || 'PROT_NONE'
}

function mmapText(op: Op & { call: 'mmap' }, name: string): string {
  const { page, pages, prot, shared, pgoff } = op
  const flags = `${shared ? 'MAP_SHARED' : 'MAP_PRIVATE'} | MAP_FIXED${pgoff === null ? ' | MAP_ANONYMOUS' : ''}`
  const backing =
    pgoff === null ? '' : `, file: dev${pgoff === 0 ? '' : `, offset: ${size(pgoff)}`}`
  return `mm.${name}({ addr: ${hex(page)}, len: ${size(pages)}, prot: ${protText(prot)}, flags: ${flags}${backing} })`
}

/** One call as one would type it. `refused`: Linux refuses it, and more calls follow, so that it must not throw. */
export function opText(op: Op, refused: boolean): string {
  const name = refused ? `maybe${op.call[0]?.toUpperCase()}${op.call.slice(1)}` : op.call
  switch (op.call) {
    case 'mmap':
      return mmapText(op, name)
    case 'munmap':
      return `mm.${name}(${hex(op.page)}, ${size(op.pages)})`
    case 'mprotect':
      return `mm.${name}(${hex(op.page)}, ${size(op.pages)}, ${protText(op.prot)})`
    case 'mremap': {
      const to = op.to === undefined ? '' : `, MREMAP_MAYMOVE | MREMAP_FIXED, ${hex(op.to)}`
      return `mm.${name}(${hex(op.page)}, ${size(op.pages)}, ${size(op.newPages)}${to})`
    }
    case 'touch': {
      const call = `mm.touch(${hex(op.page)}${op.write ? ', true' : ''})`
      return refused ? `try { ${call} } catch {}` : call
    }
    case 'fork':
      return refused ? 'try { mm.fork() } catch {}' : 'const child = mm.fork()'
    case 'unmap_mapping_range':
      return `unmap_mapping_range(dev.f_mapping, ${op.pgoff === 0 ? '0' : size(op.pgoff)}, ${size(op.pages)}, true)`
    case 'failNth':
      return `mm.should_fail = failNth('${op.site}', ${op.nth})`
  }
}

/** The flags of an mremap() that moves, or stays. */
export function mremapFlags(to: number | undefined): number {
  return to === undefined ? 0 : MREMAP_MAYMOVE | MREMAP_FIXED
}
