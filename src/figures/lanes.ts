// SPDX-License-Identifier: GPL-2.0-only
// Locks as bars beside what happens while they are held.
import type { LockClass, TimelineLane } from '../trace/index.ts'
import type { Entry } from './furniture.ts'
import { type Path, px, type Shape } from './scene.ts'
import type { Colour } from './theme.ts'

const WIDTH = 5
/** Of a lock that others may hold, too. */
const WIDTH_FOR_READING = 2

/** A bar's look: one class of locks is filled in one colour, the lock of a file is outlined. */
const looks: Readonly<
  Record<LockClass, { readonly colour: Colour; readonly isOutline?: boolean }>
> = {
  mmap: { colour: 'ink' },
  vma: { colour: 'lock2' },
  i_mmap: { colour: 'ink', isOutline: true },
  driver: { colour: 'driver-line' },
}

/** A lock held from `top` to `bottom` px. */
export function layLane(
  { style, forReading }: Pick<TimelineLane, 'style' | 'forReading'>,
  x: number,
  top: number,
  bottom: number,
): Shape[] {
  const { colour, isOutline } = looks[style]
  const height = Math.max(bottom - top, WIDTH + 4)
  if (forReading) {
    const left = px(x - WIDTH_FOR_READING / 2)
    const d = `M${left},${px(top)}h${WIDTH_FOR_READING}v${px(height)}h-${WIDTH_FOR_READING}z`
    return [{ shape: 'path', d, fill: colour }]
  }
  const path: Path = {
    shape: 'path',
    d: `M${px(x - WIDTH / 2)},${px(top + 2)}q0,-2,2,-2h1q2,0,2,2v${px(height - 4)}q0,2,-2,2h-1q-2,0,-2,-2z`,
    ...(isOutline ? { fill: 'paper', stroke: colour, strokeWidth: 1.2 } : { fill: colour }),
  }
  return [path]
}

/** The legend of the locks: one entry for each name, those of a file or a driver by their class. */
export function laneEntries(
  lanes: readonly Pick<TimelineLane, 'name' | 'style' | 'forReading'>[],
): Entry[] {
  const entries = new Map(lanes.map((lane) => [lane.name, lane]))
  return [...entries].map(([word, lane]) => ({
    word,
    draw: (x, y) => layLane(lane, x + 9, y - 7, y + 7),
  }))
}
