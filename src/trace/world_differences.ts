// SPDX-License-Identifier: GPL-2.0-only
// Two worlds after the same call, side by side.
import {
  errno_name,
  type Mm,
  PAGE_SIZE,
  type vm_area_struct,
  vm_flags_names,
  type vm_operations_struct,
} from '../mm/index.ts'
import { PROGRAM_BASE } from './program.ts'
import { counted } from './units.ts'
import type { CallEnd, World } from './world.ts'

/** What can differ between two drivers, in the order in which it is told. */
export type Aspect =
  | 'a hook threw'
  | 'errno'
  | 'layout'
  | 'offset'
  | 'file'
  | 'flags'
  | 'page protection'
  | 'page tables'
  | 'vm_ops'
  | 'private data'
  | 'file references'
  | 'counters'
  | 'resources'
  | 'lock held'
  | 'underflow'
  | 'not given back'
  | 'warning'

/** One thing that is not the same in both. */
export interface AspectDifference {
  readonly aspect: Aspect
  /** In words. */
  readonly before: string
  readonly after: string
  /** Equal for differences of one kind, whatever their addresses and counts. */
  readonly kind: string
}

const page = (addr: number): number => (addr - PROGRAM_BASE) / PAGE_SIZE

/** A range in pages of the program: `pages 0-2`, or `page 0`. */
function rangeText(start: number, end: number): string {
  return end - start === PAGE_SIZE ? `page ${page(start)}` : `pages ${page(start)}-${page(end) - 1}`
}

/** A value that a driver keeps, in words that are equal for equal values. Cycles end three levels down. */
export function valueText(value: unknown, depth = 3): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value !== 'object') return typeof value === 'string' ? value : String(value)
  if (depth === 0) return '…'
  const fields = Object.entries(value).map(
    ([name, field]) => `${name}: ${valueText(field, depth - 1)}`,
  )
  return `{ ${fields.join(', ')} }`
}

/** The hooks that a VMA has after it was mapped: `mapped` is over by then. */
function opsText(ops: vm_operations_struct | null): string {
  if (ops === null) return 'NULL (anonymous)'
  const names = Object.keys(ops).filter((name) => name !== 'mapped' && hasHook(ops, name))
  return names.length === 0 ? 'no hook' : names.sort().join(', ')
}

function hasHook(ops: vm_operations_struct, name: string): boolean {
  return Reflect.get(ops, name) !== undefined
}

function sameOps(a: vm_operations_struct | null, b: vm_operations_struct | null): boolean {
  return a === b || opsText(a) === opsText(b)
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || valueText(a) === valueText(b)
}

/** How a call ended, in words: `-ENOMEM` or `ok`. */
export function endText({ ret, thrown }: CallEnd): string {
  if (thrown) return thrown
  return ret < 0 ? `-${errno_name(ret)}` : 'ok'
}

/** Everything that is not the same in two worlds after the same call ended so. Empty when all is. */
export function worldDifferences(
  before: World,
  after: World,
  endBefore: CallEnd,
  endAfter: CallEnd,
): AspectDifference[] {
  const found: AspectDifference[] = []
  if (endBefore.thrown || endAfter.thrown)
    found.push(thrownDifference(endText(endBefore), endText(endAfter)))
  else if (endBefore.ret !== endAfter.ret)
    found.push(difference('errno', endText(endBefore), endText(endAfter)))
  compareSpaces(before.mm, after.mm, before, after, found)
  const forks = Math.min(before.children.length, after.children.length)
  for (let at = 0; at < forks; at++) {
    const [one, other] = [before.children[at], after.children[at]]
    if (one && other) compareSpaces(one, other, before, after, found)
  }
  if (before.file.f_count !== after.file.f_count)
    found.push(difference('file references', `${before.file.f_count}`, `${after.file.f_count}`))
  compareLedgers(before, after, found)
  const [warned, alsoWarned] = [before.facts.warnings, after.facts.warnings]
  if (warned !== alsoWarned)
    found.push(difference('warning', warned || 'none', alsoWarned || 'none'))
  return found
}

function difference(aspect: Aspect, before: string, after: string, kind = ''): AspectDifference {
  const shape = kind || `${before} | ${after}`.replace(/\d+/g, '#')
  return { aspect, before, after, kind: `${aspect} | ${shape}` }
}

/** Of one kind whatever the old driver did at the time. */
export function thrownDifference(before: string, after: string): AspectDifference {
  return difference('a hook threw', before, after, after.replace(/\d+/g, '#'))
}

function compareSpaces(
  one: Mm,
  other: Mm,
  before: World,
  after: World,
  found: AspectDifference[],
): void {
  const [a, b] = [one.vmas(), other.vmas()]
  const alike =
    a.length === b.length &&
    a.every((vma, at) => {
      const twin = b[at]
      return twin && vma.vm_start === twin.vm_start && vma.vm_end === twin.vm_end
    })
  if (!alike) {
    const [shown, also] = [layoutWords(a), layoutWords(b)]
    found.push(difference('layout', shown, also, layoutKind(a, b)))
  } else for (const [at, vma] of a.entries()) compareVmas(vma, b[at], before, after, found)
  comparePages(one, other, found)
  for (const name of COUNTERS)
    if (one[name] !== other[name])
      found.push(difference('counters', `${name} ${one[name]}`, `${name} ${other[name]}`, name))
}

const COUNTERS = ['total_vm', 'locked_vm', 'data_vm', 'exec_vm', 'committed'] as const

function layoutWords(vmas: readonly vm_area_struct[]): string {
  if (vmas.length === 0) return 'no VMA'
  const words = vmas.map((vma) => rangeText(vma.vm_start, vma.vm_end)).join(', ')
  return `${counted(vmas.length, 'VMA')}: ${words}`
}

function layoutKind(a: readonly vm_area_struct[], b: readonly vm_area_struct[]): string {
  const covered = (vmas: readonly vm_area_struct[]): number =>
    vmas.reduce((sum, vma) => sum + vma.vm_end - vma.vm_start, 0)
  const mapped = Math.sign(covered(a) - covered(b))
  return `more mapped ${mapped}, more VMAs ${Math.sign(a.length - b.length)}`
}

function fileText(vma: vm_area_struct, world: World): string {
  if (!vma.vm_file) return 'no file'
  return vma.vm_file === world.file ? 'the file' : 'another file'
}

function compareVmas(
  a: vm_area_struct,
  b: vm_area_struct | undefined,
  before: World,
  after: World,
  found: AspectDifference[],
): void {
  if (!b) return
  const where = rangeText(a.vm_start, a.vm_end)
  const tell = (aspect: Aspect, one: string, other: string, kind = ''): void => {
    const shape = kind || `${one} | ${other}`.replace(/\d+/g, '#')
    found.push(difference(aspect, `${where}: ${one}`, `${where}: ${other}`, shape))
  }
  if (a.vm_flags !== b.vm_flags || a.vm_flags_high !== b.vm_flags_high) {
    const [only, also] = [flagsText(a, b), flagsText(b, a)]
    tell('flags', only, also, `${only} | ${also}`)
  }
  if (a.vm_pgoff !== b.vm_pgoff)
    tell('offset', `vm_pgoff ${a.vm_pgoff}`, `vm_pgoff ${b.vm_pgoff}`, 'vm_pgoff')
  const [file, otherFile] = [fileText(a, before), fileText(b, after)]
  if (file !== otherFile) tell('file', file, otherFile)
  else if (a.vm_file && b.vm_file && a.vm_file.f_count !== b.vm_file.f_count)
    tell('file references', `${a.vm_file.f_count}`, `${b.vm_file.f_count}`)
  if (a.vm_page_prot !== b.vm_page_prot)
    tell('page protection', protText(a.vm_page_prot), protText(b.vm_page_prot))
  if (!sameOps(a.vm_ops, b.vm_ops)) tell('vm_ops', opsText(a.vm_ops), opsText(b.vm_ops))
  if (!sameValue(a.vm_private_data, b.vm_private_data))
    tell('private data', valueText(a.vm_private_data), valueText(b.vm_private_data))
}

/** The flags that `vma` has and `other` has not: `has IO PFNMAP`; else those that it lacks: `without IO PFNMAP`. */
function flagsText(vma: vm_area_struct, other: vm_area_struct): string {
  const has = flagsBeyond(vma, other)
  return has === '' ? `without ${flagsBeyond(other, vma)}` : `has ${has}`
}

function flagsBeyond(one: vm_area_struct, other: vm_area_struct): string {
  const low = one.vm_flags & ~other.vm_flags
  return vm_flags_names(low, one.vm_flags_high & ~other.vm_flags_high).join(' ')
}

/** A page protection in words: `rw-s`, `rw-s write-combining`. */
function protText(prot: number): string {
  const access = ['r', 'w', 'x', 's'].map((letter, bit) => ((prot >> bit) & 1 ? letter : '-'))
  return `${access.join('')}${cachingText(prot)}`
}

function cachingText(prot: number): string {
  return CACHING[(prot >> 4) & 3] ?? ''
}

const CACHING = ['', ' write-combining', ' uncached']

function comparePages(one: Mm, other: Mm, found: AspectDifference[]): void {
  if (one.pages.isEmpty && other.pages.isEmpty) return
  const [a, b] = [pageWords(one), pageWords(other)]
  const first = a.findIndex((words, at) => words !== b[at])
  const at = first < 0 && b.length > a.length ? a.length : first
  if (at < 0) return
  const [before, after] = [a[at] ?? 'no further entry', b[at] ?? 'no further entry']
  const kinds = `${before} | ${after}`.replace(/pages? \d+(-\d+)?/g, '').replace(/\d+/g, '#')
  found.push(difference('page tables', before, after, kinds))
}

function pageWords(mm: Mm): string[] {
  return [...mm.pages.within(0, mm.range.task_size)].map(({ start, end, kind, frame, caching }) => {
    const what = frame === null ? '' : kind === 'pfn' ? ` ${String(frame)}` : ` ${valueText(frame)}`
    return `${rangeText(start, end)}: ${kind}${what}${cachingText(caching)}`
  })
}

function compareLedgers(before: World, after: World, found: AspectDifference[]): void {
  if (before.ledger.isEmpty && after.ledger.isEmpty) return
  const [lock, otherLock] = [before.ledger.held('lock'), after.ledger.held('lock')]
  if (lock !== otherLock) found.push(difference('lock held', lock || 'none', otherLock || 'none'))
  const [under, otherUnder] = [before.ledger.underflows(), after.ledger.underflows()]
  if (under !== otherUnder)
    found.push(difference('underflow', under || 'none', otherUnder || 'none'))
  for (const kind of ['reference', 'allocation'] as const) {
    const [held, otherHeld] = [before.ledger.held(kind), after.ledger.held(kind)]
    if (held !== otherHeld) found.push(difference('resources', held || 'none', otherHeld || 'none'))
  }
}

/**
 * Is the only difference of the two layouts that neighbours are one VMA after, and two alike before? They are alike
 * when nothing that a driver can see tells them apart.
 */
export function differOnlyByMerging(before: World, after: World): boolean {
  const [a, b] = [joined(before), joined(after)]
  return a.length === b.length && a.every((words, at) => words === b[at])
}

function joined(world: World): string[] {
  const words: string[] = []
  let open: vm_area_struct | null = null
  let start = 0
  const close = (): void => {
    if (open) words.push(`${start}-${open.vm_end} ${vmaText(open, world, start)}`)
  }
  for (const vma of world.mm.vmas()) {
    if (open && goesOn(open, vma)) {
      open = vma
      continue
    }
    close()
    open = vma
    start = vma.vm_start
  }
  close()
  return words
}

function goesOn(below: vm_area_struct, above: vm_area_struct): boolean {
  return (
    below.vm_end === above.vm_start &&
    below.vm_flags === above.vm_flags &&
    below.vm_flags_high === above.vm_flags_high &&
    below.vm_file === above.vm_file &&
    above.vm_pgoff - below.vm_pgoff === (above.vm_start - below.vm_start) / PAGE_SIZE &&
    sameOps(below.vm_ops, above.vm_ops) &&
    sameValue(below.vm_private_data, above.vm_private_data)
  )
}

function vmaText(vma: vm_area_struct, world: World, start: number): string {
  const { vm_flags, vm_flags_high, vm_pgoff, vm_ops, vm_private_data } = vma
  const pgoff = vm_pgoff - (vma.vm_start - start) / PAGE_SIZE
  return [
    vm_flags,
    vm_flags_high,
    pgoff,
    fileText(vma, world),
    opsText(vm_ops),
    valueText(vm_private_data),
  ].join(' ')
}
