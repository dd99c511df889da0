// SPDX-License-Identifier: GPL-2.0-only
import {
  type AddressRange,
  type Band,
  type CompareFigure,
  compareBands,
  figureText,
  figureTitle,
  kindOf,
  lostRanges,
  resultText,
  type StepVma,
  subtract,
} from '../trace/index.ts'
import { type Entry, layFooter, layHeading, type Note, type Part, swatch } from './furniture.ts'
import { layered } from './layers.ts'
import { layScale, type Scale } from './scale.ts'
import { label, line, type Path, px, type Scene, type Shape } from './scene.ts'
import { kindsOf, vmaShapes } from './states.ts'
import { shorten, textWidth, wrapText } from './text.ts'
import { layTicks } from './ticks.ts'

const MARGIN = 4
const SIDE = 62
const STRIP = 44
const BANDS = 74
/** Narrower than this there are no words beside the strips. */
const WIDE = 560

/** Where everything is in a picture of what one call changed. */
export function compareScene(figure: CompareFigure, width: number): Scene {
  const { data, options } = figure
  const [left, right] = [width >= WIDE ? SIDE : MARGIN, width - MARGIN]
  const heading = layHeading(options.title, MARGIN, right)
  const body = layBody(data, heading.bottom, left, right)
  const notes = notesOf(figure, body)
  const vmas = [...data.before, ...data.after]
  const footer = layFooter(kindsOf(vmas), notes, body.bottom, MARGIN, right, entries(data))
  return {
    width,
    height: Math.ceil(footer.bottom),
    title: figureTitle(figure),
    description: figureText(figure),
    layers: layered([...heading.shapes, ...body.shapes, ...footer.shapes]),
  }
}

interface Body extends Part {
  /** Verbs that no band has room for. */
  readonly untold: readonly string[]
  readonly isTrue: boolean
}

function layBody(data: CompareFigure['data'], top: number, left: number, right: number): Body {
  const { before, after, request } = data
  const asked = request && request.end > request.start ? [request] : []
  const scale = layScale([...before, ...after, ...asked], left, right - left)
  const bracket = layBracket(data, scale, top, left, right)
  const first = bracket.bottom
  const second = first + STRIP + BANDS
  const bands = compareBands(data).map((band) => bandShapes(band, scale, first + STRIP, second))
  const changed = new Set(before.map((vma) => JSON.stringify(vma)))
  const holes = lostRanges(data).map((range): StepVma => stand(range))
  const rows = { scale, height: STRIP }
  const shapes = [
    ...bracket.shapes,
    ...asked
      .flatMap((range) => subtract([range], before))
      .flatMap((free) => freeShapes(free, scale, first)),
    ...before.flatMap((vma) => vmaShapes(vma, { ...rows, top: first }, 'thin', true)),
    ...after.flatMap((vma) => {
      const edge = changed.has(JSON.stringify(vma)) ? 'thin' : 'thick'
      return vmaShapes(vma, { ...rows, top: second }, edge, true)
    }),
    ...holes.flatMap((hole) => vmaShapes(hole, { ...rows, top: second })),
    ...bands.flatMap(({ shapes: each }) => each),
  ]
  if (left > MARGIN)
    shapes.push(
      label('before', MARGIN, first + STRIP / 2, 'strong'),
      label('after', MARGIN, second + STRIP / 2, 'strong'),
    )
  const ticks = layTicks(scale, second + STRIP, left, right)
  const empty = scale.slots.length === 0
  return {
    shapes: empty ? shapes : [...shapes, ...ticks.marks, ...ticks.labels],
    bottom: empty ? second + STRIP : ticks.bottom,
    untold: bands.flatMap(({ untold }) => untold),
    isTrue: scale.isTrue,
  }
}

function stand({ start, end }: AddressRange): StepVma {
  return { id: 'hole', start, end, perms: '---p', pgoff: 0, state: 'hole' }
}

/** The call over its range: `|<----->|`. */
function layBracket(
  { request, result }: CompareFigure['data'],
  scale: Scale,
  top: number,
  left: number,
  right: number,
): Part {
  if (!request) return { shapes: [], bottom: top + 8 }
  const colour = result?.errno === undefined ? 'ink' : 'bad-line'
  const [from, to] = [scale.x(request.start), scale.x(request.end)]
  const text = shorten(request.label, 'perms', right - left)
  const half = textWidth(text, 'perms') / 2
  const isRange = request.end > request.start
  const middle = isRange ? (from + to) / 2 : left + half
  const x = Math.min(Math.max(middle, left + half), right - half)
  const shapes: Shape[] = [label(text, x, top + 12, 'perms', { anchor: 'middle', colour })]
  if (!isRange) return { shapes, bottom: top + 26 }
  const y = top + 30
  const arrow =
    to - from > 20
      ? `M${px(from + 7)},${y - 4}L${px(from + 1)},${y}L${px(from + 7)},${y + 4}M${px(to - 7)},${y - 4}L${px(to - 1)},${y}L${px(to - 7)},${y + 4}`
      : ''
  shapes.push(
    line(
      `M${px(from + 1)},${y}H${px(to - 1)}M${px(from)},${y - 5}v11M${px(to)},${y - 5}v11${arrow}`,
      colour,
      1.6,
    ),
  )
  return { shapes, bottom: top + 46 }
}

/** A range about to be mapped: a dashed box with ***. */
function freeShapes({ start, end }: AddressRange, scale: Scale, top: number): Shape[] {
  const [from, to] = [scale.x(start), scale.x(end)]
  const box: Path = {
    shape: 'path',
    d: `M${px(from + 1)},${px(top)}H${px(to - 1)}V${px(top + STRIP)}H${px(from + 1)}Z`,
    stroke: 'ink2',
    dash: '3 2',
  }
  const stars = ['***', '**', '*'].find((text) => textWidth(text, 'perms') <= to - from - 4)
  const text = stars
    ? [
        label(stars, (from + to) / 2, top + STRIP / 2, 'perms', {
          anchor: 'middle',
          colour: 'ink2',
        }),
      ]
    : []
  return [box, ...text]
}

function bandShapes(
  band: Band,
  scale: Scale,
  top: number,
  bottom: number,
): { readonly shapes: Shape[]; readonly untold: string[] } {
  const [from, to] = edges(band, scale)
  const [below, belowEnd] = edges(band.to ?? band, scale)
  const middle = (from + to + below + belowEnd) / 4
  const fits = wrapText(band.verb, 'flag', Math.max(to - from, belowEnd - below) - 2, 3)
  const isWhole = fits.length > 0 && fits.join(' ') === band.verb
  const y = (top + bottom) / 2 - ((fits.length - 1) * 13) / 2 - (band.fate === 'gone' ? 13 : 0)
  const ground = band.fate === 'gone' ? 'bad' : 'paper'
  const colour = band.fate === 'gone' || band.verb.endsWith('deleted') ? 'bad-line' : 'ink'
  const words = isWhole
    ? fits.map((text, i) =>
        label(text, middle, y + i * 13, 'flag', { anchor: 'middle', colour, halo: ground }),
      )
    : []
  return {
    shapes: [...bandGround(band, scale, top, bottom), ...words],
    untold:
      isWhole || !band.verb
        ? []
        : [band.verb === 'gone' ? `${band.before?.id} is gone` : band.verb],
  }
}

function edges({ start, end }: AddressRange, scale: Scale): readonly [from: number, to: number] {
  return [scale.x(start) + 2, scale.x(end) - 2]
}

/** Filled: the same object; dashed: another one, leaning to where it moved; a funnel that closes: gone. */
function bandGround(band: Band, scale: Scale, top: number, bottom: number): Shape[] {
  const { fate, before, after } = band
  const [from, to] = edges(band, scale)
  const [l, r, t, b] = [px(from), px(to), px(top), px(bottom)]
  const kind = kindOf(before ?? after ?? {})
  if (fate === 'new') return []
  if (fate === 'gone') {
    const [middle, tip, bend] = [(from + to) / 2, px(bottom - 16), px(top + 38)]
    const d = `M${l},${t}C${l},${bend},${px(middle)},${bend},${px(middle)},${tip}C${px(middle)},${bend},${r},${bend},${r},${t}Z`
    return [{ shape: 'path', d, fill: 'bad', stroke: 'bad-line', strokeWidth: 1 }]
  }
  const opacity = fate === 'same' ? 0.6 : 0.25
  const [l2, r2] = edges(band.to ?? band, scale).map(px)
  const [right, left] = band.to ? [`L${r2},${b}`, `L${l2},${b}`] : [`V${b}`, `V${b}`]
  const area: Path = { shape: 'path', d: `M${l},${t}H${r}${right}H${l2}Z`, fill: kind, opacity }
  const sides: Path = {
    shape: 'path',
    d: `M${l},${t}${left}M${r},${t}${right}`,
    stroke: `${kind}-line`,
    strokeWidth: 1.2,
    ...(fate !== 'same' && { dash: '4 3' }),
  }
  return [area, sides]
}

function entries(data: CompareFigure['data']): Entry[] {
  if (lostRanges(data).length === 0) return []
  return [{ word: 'a hole: lost', draw: (x, y) => [swatch('bad', 'broken', x, y)] }]
}

function notesOf({ data }: CompareFigure, { untold, isTrue }: Body): Note[] {
  const result = data.result ? resultText(data.result) : ''
  const strong = {
    type: 'strongMono',
    colour: data.result?.errno === undefined ? 'good' : 'bad-line',
  } as const
  return [
    ...(result ? [{ text: result, ...strong }] : []),
    ...(untold.length > 0 ? [{ text: [...new Set(untold)].join('; ') }] : []),
    ...(isTrue ? [] : [{ text: 'Width grows with the logarithm of the size' }]),
  ]
}
