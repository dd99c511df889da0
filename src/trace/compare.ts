// SPDX-License-Identifier: GPL-2.0-only
// What one call changed, told in the kernel's verbs: extend, shrink, delete, split.
import { errno_name, type mm_struct, PAGE_SIZE, type vm_area_struct } from '../mm/index.ts'
import type { CompareFigure, FigureRequest, FigureResult, FigureVma } from './figure.ts'
import { mapsLine, stripText } from './layout_text.ts'
import type { AddressRange } from './layout_view.ts'
import { type Call, Recording, subtract } from './record.ts'
import { layout } from './snapshot.ts'
import { hexText } from './units.ts'

/** What a figure may be made of: an address space, VMAs, or those of a snapshot. */
export type Shown = mm_struct | readonly (vm_area_struct | FigureVma)[]

/** The call between two layouts: what it was asked and how it ended. */
export interface ComparedCall {
  readonly request?: FigureRequest
  readonly result?: FigureResult
  readonly title?: string
}

/**
 * The figure of what one call changed: of two layouts and the call between them, or of a recording. A recording of many
 * calls is shown as one change. RangeError when the two layouts could not be told apart from two address spaces.
 */
export function compare(recording: Recording, options?: { readonly title?: string }): CompareFigure
export function compare(before: Shown, after: Shown, call?: ComparedCall): CompareFigure
export function compare(
  first: Recording | Shown,
  second?: Shown | { readonly title?: string },
  call: ComparedCall = {},
): CompareFigure {
  if (first instanceof Recording) {
    const { before, after, calls } = first
    const [only, another] = calls
    const options = (second ?? {}) as { readonly title?: string }
    return compareFigure(before, after, {
      ...(only && !another && { request: requestOf(only), result: resultOf(only) }),
      ...options,
    })
  }
  const [before, after] = [first, second as Shown].map((each) => layout(each).data.vmas)
  return compareFigure(before ?? [], after ?? [], call)
}

function compareFigure(
  before: readonly FigureVma[],
  after: readonly FigureVma[],
  { request, result, title }: ComparedCall,
): CompareFigure {
  const near = neighbourhood(before, after, request)
  const shown = (vmas: readonly FigureVma[]) => vmas.filter((vma) => touches(vma, near))
  return {
    kind: 'compare',
    data: {
      before: shown(before),
      after: shown(after),
      ...(request && { request }),
      ...(result && { result }),
    },
    options: title === undefined ? {} : { title },
  }
}

/** The call of a recording as a figure tells it: a range that wraps round or leads nowhere is none. */
export function requestOf({ start, end, text }: Call): FigureRequest {
  const whole = Math.ceil(end / PAGE_SIZE) * PAGE_SIZE
  const isRange = start % PAGE_SIZE === 0 && whole > start && whole <= 2 ** 63
  return { start: isRange ? start : 0, end: isRange ? whole : 0, label: text }
}

/** How a call of a recording ended. */
export function resultOf({ ret, at }: Call): FigureResult {
  if (ret >= 0) return { ret }
  return { errno: errno_name(ret), ...(at !== undefined && { at }) }
}

function touches(vma: AddressRange, range: AddressRange): boolean {
  return vma.start <= range.end && range.start <= vma.end
}

/** From the first to the last address that a call is about or that differs; everything when nothing does. */
function neighbourhood(
  before: readonly FigureVma[],
  after: readonly FigureVma[],
  request: FigureRequest | undefined,
): AddressRange {
  const known = new Set(before.map((vma) => JSON.stringify(vma)))
  const left = new Set(after.map((vma) => JSON.stringify(vma)))
  const changed = [
    ...before.filter((vma) => !left.has(JSON.stringify(vma))),
    ...after.filter((vma) => !known.has(JSON.stringify(vma))),
    ...(request && request.end > request.start ? [request] : []),
  ]
  if (changed.length === 0) return { start: 0, end: Number.POSITIVE_INFINITY }
  return {
    start: Math.min(...changed.map(({ start }) => start)),
    end: Math.max(...changed.map(({ end }) => end)),
  }
}

/** A range in which one VMA was and one VMA is: what became of it. */
export interface Band extends AddressRange {
  readonly before?: FigureVma
  readonly after?: FigureVma
  /** `same` object, another object `took` it, `gone`, `moved` to where its copy is, or `new` where nothing was. */
  readonly fate: 'same' | 'took' | 'gone' | 'moved' | 'new'
  /** Of what moved: where its copy is. */
  readonly to?: AddressRange
  /** In the kernel's words; empty when there is nothing to say. */
  readonly verb: string
}

/** What became of each range. */
export function compareBands({ before, after }: CompareFigure['data']): Band[] {
  const edges = [...before, ...after].flatMap(({ start, end }) => [start, end])
  const cuts = [...new Set(edges)].sort((a, b) => a - b)
  const bands: Band[] = []
  for (const [i, start] of cuts.entries()) {
    const end = cuts[i + 1]
    if (end === undefined) break
    const [was, is] = [before, after].map((vmas) =>
      vmas.find((vma) => vma.start <= start && end <= vma.end),
    )
    const last = bands.at(-1)
    if (last?.end === start && last.before === was && last.after === is) {
      bands[bands.length - 1] = { ...last, end }
    } else if (was || is) {
      const fate = !is ? 'gone' : !was ? 'new' : was.id === is.id ? 'same' : 'took'
      bands.push({
        start,
        end,
        fate,
        verb: '',
        ...(was && { before: was }),
        ...(is && { after: is }),
      })
    }
  }
  return withMoves(bands.map((band) => ({ ...band, verb: verbOf(band, before, after) })))
}

/** What is gone and was copied to where nothing was has moved. Linux: mm/vma.c:copy_vma() */
function withMoves(bands: readonly Band[]): Band[] {
  const targets = new Set<Band>()
  const told = bands.map((band): Band => {
    const { before: was, fate } = band
    if (fate !== 'gone' || !was) return band
    const target = bands.find(
      (each) => each.fate === 'new' && each.after && isPiece(each.after, was),
    )
    if (!target?.after) return band
    targets.add(target)
    const isPart = bands.some((each) => each.before === was && each !== band)
    const what = isPart ? `part of ${was.id}` : was.id
    const { start, end } = target
    return {
      ...band,
      fate: 'moved',
      to: { start, end },
      verb: `${what} moves, as ${target.after.id}`,
    }
  })
  return told.map((band, i) => (targets.has(bands[i] ?? band) ? { ...band, verb: '' } : band))
}

function verbOf(
  { before: was, after: is, fate }: Band,
  before: readonly FigureVma[],
  after: readonly FigureVma[],
): string {
  const lived = is !== undefined && before.some(({ id }) => id === is.id)
  const lives = was !== undefined && after.some(({ id }) => id === was.id)
  if (fate === 'gone') return lives ? `${was?.id} shrinks` : 'gone'
  if (fate === 'new') return lived ? 'no new VMA' : `${is?.id} is new`
  if (!was || !is) return ''
  if (fate === 'took') {
    if (lived) return lives ? `${was.id} shrinks` : `${was.id} deleted`
    return isPiece(is, was) ? `split off ${was.id}` : `${is.id} in its place`
  }
  const changes = [
    ...(is.start < was.start || is.end > was.end ? ['extends'] : []),
    ...(is.perms !== was.perms ? [`becomes ${is.perms}`] : []),
    ...(is.perms === was.perms && is.flags?.join() !== was.flags?.join()
      ? ['has other flags']
      : []),
  ]
  return changes.length > 0 ? `${was.id} ${changes.join(', ')}` : ''
}

function isPiece(piece: FigureVma, whole: FigureVma): boolean {
  const letters = (id: string) => id.replace(/[′″‴].*$/u, '')
  return letters(piece.id) === letters(whole.id)
}

/** What is lost: ranges that were mapped and are not any more, after a call that failed. */
export function lostRanges({ before, after, result }: CompareFigure['data']): AddressRange[] {
  return result?.errno === undefined ? [] : subtract(before, after)
}

/** The result as C would print it: `= 0x13000`, `= -EINVAL, from mmap_prepare()`. */
export function resultText({ ret, errno, at }: FigureResult): string {
  if (errno !== undefined) return `= -${errno}${at ? `, from ${at}()` : ''}`
  return ret === undefined ? '' : `= ${ret === 0 ? 0 : hexText(ret)}`
}

/** The sentence over a comparison: the author's title, else the call and what it did. */
export function compareTitle(figure: CompareFigure): string {
  if (figure.options.title) return figure.options.title
  const { request, result } = figure.data
  const call = request
    ? `${request.label} ${result ? resultText(result) : ''}`.trim()
    : 'Before and after'
  const verbs = verbsOf(figure)
  return `${call}: ${verbs.length > 0 ? verbs.join(', ') : 'nothing changes'}`
}

function verbsOf({ data }: CompareFigure): string[] {
  const lost = lostRanges(data)
  const verbs = compareBands(data).flatMap(({ verb, fate, before }) => {
    if (fate === 'gone' && verb === 'gone') return [`${before?.id} is gone`]
    return verb && verb !== 'no new VMA' ? [verb] : []
  })
  return [...new Set([...verbs, ...(lost.length > 0 ? ['a hole is left'] : [])])]
}

/** The text twin: both strips on one scale, the verbs, and the VMAs before and after. */
export function compareText(figure: CompareFigure): string {
  const { before, after, request, result } = figure.data
  const range = request && request.end > request.start ? [request] : []
  const free = subtract(range, before).map((each) => stand('*', each))
  const lost = lostRanges(figure.data).map((each) => stand('!', each))
  const all = [...before, ...after, ...free]
  const strip = (vmas: readonly FigureVma[]) => stripText(framed(vmas, all))
  const asked = sorted([...before, ...free])
  const lines = [
    compareTitle(figure),
    ...(all.length > 0 ? [`${strip(asked)}  →  ${strip(sorted([...after, ...lost]))}`] : []),
    ...(request && figure.options.title
      ? [`${request.label} ${result ? resultText(result) : ''}`.trim()]
      : []),
    ...before.map((vma) => `- ${vma.id.padEnd(3)} ${mapsLine(vma)}`),
    ...after.map((vma) => `+ ${vma.id.padEnd(3)} ${mapsLine(vma)}`),
    ...lost.map(({ start, end }) => `! hole ${hexText(start)}-${hexText(end)}`),
  ]
  return lines.join('\n')
}

function stand(id: string, { start, end }: AddressRange): FigureVma {
  return { id, start, end, perms: '---p', pgoff: 0 }
}

function sorted(vmas: readonly FigureVma[]): FigureVma[] {
  return [...vmas].sort((one, other) => one.start - other.start)
}

/** The VMAs between free ends, so that two strips of one scale begin and end at the same address. */
function framed(vmas: readonly FigureVma[], all: readonly FigureVma[]): FigureVma[] {
  const start = Math.min(...all.map((vma) => vma.start))
  const end = Math.max(...all.map((vma) => vma.end))
  const [first, last] = [vmas[0]?.start ?? end, vmas.at(-1)?.end ?? end]
  return [
    ...(first > start ? [stand('.', { start, end: first })] : []),
    ...vmas,
    ...(last < end ? [stand('.', { start: last, end })] : []),
  ]
}
