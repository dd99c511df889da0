// SPDX-License-Identifier: GPL-2.0-only
// One era's column: what there is of the mapping as its ground, locks, core's steps, the driver's badges, the exits.
import type { LockClass, PipelineEra } from '../trace/index.ts'
import { layLane } from './lanes.ts'
import { type Buckets, type Grid, ROW, ring, rowMiddle, rowTop } from './pipeline_grid.ts'
import { type Label, label, line, type Path, px } from './scene.ts'
import { shorten, textWidth } from './text.ts'

/** From the left edge of a column, in px: its lanes, its line of steps, its badges. */
const LANES: Readonly<Record<LockClass, number>> = { mmap: 5, vma: 13, i_mmap: 21, driver: 28 }
const GROUND = 33
const STEPS = 42
const BADGE = 51
/** Room at the right for the numbered exits. */
const EXITS = 30

/** Lays one era out from `x` on. */
export function layColumn(
  era: PipelineEra,
  grid: Grid,
  x: number,
  width: number,
  buckets: Buckets,
): void {
  const right = x + width - EXITS
  layGround(era, grid, x + GROUND, right, buckets)
  layLocks(era, grid, x, buckets)
  laySteps(era, grid, x + STEPS, buckets)
  if (era.merge) layMerge(era.merge, grid, x + STEPS, right, x + width - 4, buckets)
  for (const hook of era.hooks) layBadge(hook, grid, x, right, buckets)
  for (const { at, text } of era.core) {
    const y = rowMiddle(grid, at)
    const short = shorten(text, 'flag', x + width - 4 - (x + BADGE))
    if (y !== undefined && short)
      buckets.labels.push(label(short, x + BADGE, y, 'flag', { halo: 'wash2' }))
  }
  const band = rowTop(grid, grid.noWayBack) + ROW + 11
  const text = shorten('an error leaves a hole', 'label', width - BADGE)
  buckets.labels.push(label(text, x + BADGE, band, 'label', { colour: 'bad-line' }))
  for (const [i, exit] of era.exits.entries())
    for (const at of exit.at) {
      const y = rowMiddle(grid, at)
      if (y !== undefined) ring(String(i + 1), x + width - 15, y, buckets)
    }
}

/** Dotted: a description. Hatched: a VMA that nobody can see. Solid: one in the tree. */
function layGround(
  era: PipelineEra,
  grid: Grid,
  left: number,
  right: number,
  { grounds }: Buckets,
): void {
  for (const { kind, from, to } of era.ground) {
    const [first, last] = [grid.ids.indexOf(from), grid.ids.indexOf(to)]
    if (first < 0 || last < first) continue
    const top = rowTop(grid, first)
    const height = rowTop(grid, last) + ROW - top
    const d = `M${px(left)},${px(top)}H${px(right)}v${px(height)}H${px(left)}z`
    grounds.push(
      kind === 'tree'
        ? { shape: 'path', d, fill: 'wash2', stroke: 'lock2', strokeWidth: 1.2 }
        : {
            shape: 'path',
            d,
            fill: kind === 'desc' ? 'texture-desc' : 'texture-unseen',
            stroke: 'ink2',
            strokeWidth: 1.2,
            dash: kind === 'desc' ? '1.5 2.5' : '5 3',
          },
    )
  }
}

function layLocks(era: PipelineEra, grid: Grid, x: number, { lines }: Buckets): void {
  for (const { kind, from, to } of era.locks) {
    const [first, last] = [grid.ids.indexOf(from), grid.ids.indexOf(to)]
    if (first < 0 || last < first || !(kind in LANES)) continue
    const lock = kind as LockClass
    const isShort = first === last
    const [top, bottom] = [rowTop(grid, first), rowTop(grid, last) + ROW]
    const inset = isShort ? 12 : 5
    lines.push(...layLane({ style: lock }, x + LANES[lock], top + inset, bottom - inset))
  }
}

/** Core's steps are rings on a line. */
function laySteps(era: PipelineEra, grid: Grid, x: number, { lines, rings }: Buckets): void {
  const middles = era.steps.flatMap((id) => rowMiddle(grid, id) ?? [])
  const [first, last] = [middles[0], middles.at(-1)]
  if (first === undefined || last === undefined) return
  lines.push(line(`M${px(x)},${px(first - 10)}V${px(last)}`, 'ink', 1.6))
  for (const y of middles)
    rings.push({
      shape: 'path',
      d: `M${px(x - 4)},${px(y)}a4,4,0,1,0,8,0a4,4,0,1,0,-8,0z`,
      fill: 'paper',
      stroke: 'ink',
      strokeWidth: 1.6,
    })
}

/** Driver code: the hook's name and what it does. */
function layBadge(
  { at, name, sub }: PipelineEra['hooks'][number],
  grid: Grid,
  x: number,
  right: number,
  { badges, labels }: Buckets,
): void {
  const y = rowMiddle(grid, at)
  if (y === undefined) return
  const [left, end] = [x + BADGE, right + 2]
  const [top, height] = [y - 16.5, 33]
  badges.push({
    shape: 'path',
    d: `M${px(left + 4)},${px(top)}H${px(end - 4)}q4,0,4,4v${height - 8}q0,4,-4,4H${px(left + 4)}q-4,0,-4,-4v-${height - 8}q0,-4,4,-4z`,
    fill: 'driver',
    stroke: 'driver-line',
    strokeWidth: 1.5,
  })
  const room = end - left - 8
  const texts: (Label | undefined)[] = [
    lineOf(name, left + 5, y - 7, 'strongMono', room),
    lineOf(sub, left + 5, y + 7, 'small', room),
  ]
  labels.push(...texts.filter((each) => each !== undefined))
}

function lineOf(
  text: string,
  x: number,
  y: number,
  type: 'strongMono' | 'small',
  room: number,
): Label | undefined {
  const short = shorten(text, type, room)
  return short ? label(short, x, y, type) : undefined
}

/** A dashed way round everything that a merge skips, with its price. */
function layMerge(
  merge: NonNullable<PipelineEra['merge']>,
  grid: Grid,
  x: number,
  right: number,
  end: number,
  { lines, labels }: Buckets,
): void {
  const [from, to] = [rowMiddle(grid, merge.at), rowMiddle(grid, merge.to)]
  if (from === undefined || to === undefined) return
  const turn = right - 5
  const way: Path = {
    ...line(
      `M${px(x + 5)},${px(from)}H${px(turn - 5)}q5,0,5,5V${px(to - 5)}q0,5,-5,5H${px(x + 7)}`,
      'good',
      1.6,
    ),
    dash: '4 2',
  }
  const head = line(`M${px(x + 12)},${px(to - 4)}l-6,4l6,4`, 'good', 1.6)
  lines.push(way, head)
  const room = end - x - 12
  const price = shorten(merge.price, 'small', room)
  labels.push(
    label('merged:', x + 10, from - 9, 'flag', { colour: 'good', halo: 'paper' }),
    ...(price ? [label(price, x + 10, from + 9, 'small', { colour: 'good', halo: 'paper' })] : []),
  )
}

/** Where the hook of the next column comes earlier, an arrow leads there. */
export function layMoves(
  eras: readonly PipelineEra[],
  grid: Grid,
  words: number,
  column: number,
  { badges, labels }: Buckets,
): void {
  for (const [i, era] of eras.entries()) {
    const next = eras[i + 1]
    const [from, to] = [era.hooks[0], next?.hooks[0]]
    if (!from || !to || grid.ids.indexOf(to.at) >= grid.ids.indexOf(from.at)) continue
    const [y, target] = [rowMiddle(grid, from.at), rowMiddle(grid, to.at)]
    if (y === undefined || target === undefined) continue
    const x = words + i * column
    const [start, end] = [x + column - EXITS + 2, x + column + BADGE - 2]
    const d = `M${px(start)},${px(y - 8)}C${px(start + 30)},${px(y - 50)},${px(end - 44)},${px(target + 30)},${px(end)},${px(target + 4)}m-9,1l9,-1l-4,8`
    badges.push(line(d, 'driver-line', 2.6))
    if (era.steps.includes(to.at)) continue
    const room = column - BADGE - 6
    const lines = ['the hook moved', 'before all of this'].filter(
      (text) => textWidth(text, 'flag') <= room,
    )
    for (const [row, text] of lines.entries())
      labels.push(label(text, x + BADGE, target - 7 + row * 14, 'flag', { colour: 'driver-line' }))
  }
}
