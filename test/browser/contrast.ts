// SPDX-License-Identifier: GPL-2.0-only
import type { Page } from 'playwright-core'

/** Every text whose colours differ by less than WCAG AA asks for, as `ratio: text`. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Rgba = [number, number, number, number]
    const parse = (color: string): Rgba => {
      const [r = 0, g = 0, b = 0, a = 1] = color.match(/[\d.]+/g)?.map(Number) ?? []
      return [r, g, b, a]
    }
    const over = ([r, g, b, a]: Rgba, [x, y, z]: Rgba): Rgba => [
      r * a + x * (1 - a),
      g * a + y * (1 - a),
      b * a + z * (1 - a),
      1,
    ]
    const ground = (element: Element | null): Rgba => {
      if (element === null) return [255, 255, 255, 1]
      const own = parse(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, ground(element.parentElement))
    }
    const light = (color: Rgba) => {
      const [r = 0, g = 0, b = 0] = color.map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const faint: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      const text = texts.currentNode.nodeValue?.trim()
      // A figure's own colours are tested with the figures.
      if (!element || !text || element.closest('svg, script, style') || !element.checkVisibility())
        continue
      const back = ground(element)
      const both = [light(over(parse(getComputedStyle(element).color), back)), light(back)]
      const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
      if (ratio < 4.5) faint.push(`${ratio.toFixed(1)}: ${text.slice(0, 40)}`)
    }
    return faint
  })
}
