// SPDX-License-Identifier: GPL-2.0-only
import { type Box, type Label, labelBox, type Scene } from '../../src/figures/scene.ts'

/** What is wrong with where the text of a scene is: it leaves the canvas, or covers another text. */
export function sceneFaults(scene: Scene): string[] {
  const labels = scene.layers.flat().filter((shape): shape is Label => shape.shape === 'label')
  const boxes = labels.map((label) => ({ text: label.text, ...labelBox(label) }))
  boxes.sort((a, b) => a.y - b.y)
  const outside = boxes.filter(
    ({ x, y, width, height }) =>
      x < -0.1 || y < -0.1 || x + width > scene.width + 0.1 || y + height > scene.height + 0.1,
  )
  const crossing: string[] = []
  for (const [i, box] of boxes.entries())
    for (const other of boxes.slice(i + 1)) {
      if (other.y >= box.y + box.height) break
      if (overlap(box, other) > 0.5) crossing.push(`${box.text} covers ${other.text}`)
    }
  return [...outside.map(({ text }) => `${text} leaves the canvas`), ...crossing]
}

/** How far two boxes reach into each other, in px. */
function overlap(a: Box, b: Box): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.min(across, down)
}
