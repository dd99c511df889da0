// SPDX-License-Identifier: GPL-2.0-only
// What a reader sees before pressing anything: with and without scripts, on any screen.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSite, type Site, visit } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site?.close())

const livePages = ['/hooks/mmap_prepare', '/your-process']
const screens = [
  [375, 'light'],
  [375, 'dark'],
  [768, 'light'],
  [1280, 'light'],
  [1280, 'dark'],
] as const

describe('without JavaScript', () => {
  for (const path of livePages)
    test(`${path} is complete`, async () => {
      const { page } = await visit(site, path, { javaScriptEnabled: false })
      const cells = page.locator('section[data-cell]')
      const outputs = await cells.locator('[data-output]').all()
      expect(outputs.length).toBeGreaterThan(3)
      expect(outputs.length).toBe(await cells.count())
      for (const output of outputs) expect((await output.innerText()).trim()).not.toBe('')
      const drawn = cells.locator('[data-output] svg[role="img"]:visible')
      expect(await drawn.count()).toBeGreaterThan(2)
      expect(await drawn.count()).toBe(await cells.locator('[data-output] figure').count())
      expect(await cells.getByRole('button').count()).toBe(0)
      await page.context().close()
    })
})

/** Every text whose colours differ by less than WCAG AA asks for, as `ratio: text`. */
function faintTexts(page: Page): Promise<string[]> {
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

const pages = [
  '/',
  ...livePages,
  '/internals/pipeline',
  '/converting/checking',
  '/recipes/lock_across',
  '/nowhere',
]
for (const path of pages)
  for (const [width, colorScheme] of screens)
    test(`${path} at ${width} px, ${colorScheme}`, async () => {
      const viewport = { width, height: 800 }
      const { page, complaints, strangers } = await visit(site, path, { viewport, colorScheme })
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(beyond, 'px wider than the screen').toBeLessThanOrEqual(0)
      expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme)
      for (const figure of await page.locator('[data-output] figure').all()) {
        const drawn = figure.locator('svg:visible')
        expect(await drawn.count()).toBe(1)
        const box = await drawn.boundingBox()
        expect(box?.width, 'a figure is never scaled').toBe(
          Number(await drawn.getAttribute('width')),
        )
      }
      expect(await faintTexts(page)).toEqual([])
      expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
      expect(strangers).toEqual([])
      await page.context().close()
    })
