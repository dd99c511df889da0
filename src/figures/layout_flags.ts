// SPDX-License-Identifier: GPL-2.0-only
import { type FigureVma, kindOf } from '../trace/index.ts'
import type { Part } from './furniture.ts'
import { label, line, px, type Shape } from './scene.ts'
import type { Slot } from './strip.ts'
import { textWidth, wrapText } from './text.ts'
import { lineOf } from './theme.ts'

const FLAG_LINE = 13
const SPACE = 8

/** A VMA and where its block is. */
export interface Pair {
  readonly vma: FigureVma
  readonly slot: Slot
}

/** Neighbours with the same flags, told once. */
interface Run {
  readonly vma: FigureVma
  readonly text: string
  readonly x: number
  right: number
  end: number
  count: number
}

/**
 * Special flags in the kind's colour below their blocks, at most two lines, over the room beside these if it is free.
 * Neighbours with the same flags have them together, under a line.
 */
export function layFlags(pairs: readonly Pair[], top: number, left: number, right: number): Part {
  const runs = flagRuns(pairs)
  const shapes = runs.flatMap((run, i) => {
    const before = runs[i - 1]
    const after = runs[i + 1]
    const from = before ? (before.right + run.x + SPACE) / 2 : left
    const to = after ? (run.right + after.x - SPACE) / 2 : right
    return runShapes(run, top, from, to)
  })
  const lowest = shapes.reduce(
    (most, shape) => ('y' in shape ? Math.max(most, shape.y) : most),
    top - 8,
  )
  return { shapes, bottom: lowest + 8 }
}

function flagRuns(pairs: readonly Pair[]): Run[] {
  const runs: Run[] = []
  for (const { vma, slot } of pairs) {
    const text = (vma.flags ?? []).join(' ')
    const last = runs.at(-1)
    const right = slot.x + slot.width
    if (!text) continue
    if (last?.text === text && last.end === vma.start && kindOf(last.vma) === kindOf(vma)) {
      last.right = right
      last.end = vma.end
      last.count++
    } else runs.push({ vma, text, x: slot.x, right, end: vma.end, count: 1 })
  }
  return runs
}

function runShapes(run: Run, top: number, from: number, to: number): Shape[] {
  const colour = lineOf(kindOf(run.vma))
  const first = run.count > 1 ? top + 12 : top + 6
  const own = (run.x + run.right) / 2
  const lines = wrapText(run.text, 'flag', to - from, 2)
  const shapes: Shape[] = lines.map((text, i) => {
    const half = textWidth(text, 'flag') / 2
    const x = Math.min(Math.max(own, from + half), to - half)
    return label(text, x, first + i * FLAG_LINE, 'flag', { colour, anchor: 'middle' })
  })
  const d = `M${px(run.x + 2)},${px(top + 1)}v3H${px(run.right - 2)}v-3`
  return run.count > 1 && lines.length > 0 ? [line(d, colour, 1.2), ...shapes] : shapes
}
