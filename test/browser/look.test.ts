// SPDX-License-Identifier: GPL-2.0-only
// What a reader sees before pressing anything: with and without scripts, on any screen.
import { describe, expect } from 'vitest'
import { faintTexts } from './contrast.ts'
import { hook, pixelsBeyond, test } from './site.ts'

const livePages = [hook, '/your-process']
const screens = [
  [375, 'light'],
  [375, 'dark'],
  [768, 'light'],
  [1280, 'light'],
  [1280, 'dark'],
] as const

describe('without JavaScript', () => {
  for (const path of livePages)
    test(`${path} is complete`, async ({ visit }) => {
      const page = await visit(path, { javaScriptEnabled: false })
      const cells = page.locator('section[data-cell]')
      const outputs = await cells.locator('[data-output]').all()
      expect(outputs.length).toBeGreaterThan(3)
      expect(outputs.length).toBe(await cells.count())
      for (const output of outputs) expect((await output.innerText()).trim()).not.toBe('')
      const drawn = cells.locator('[data-output] svg[role="img"]:visible')
      await expect.poll(() => drawn.count()).toBeGreaterThan(2)
      await expect
        .poll(() => drawn.count())
        .toBe(await cells.locator('[data-output] figure:has(.vl-drawing)').count())
      await expect.poll(() => cells.getByRole('button').count()).toBe(0)
    })
})

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
    test(`${path} at ${width} px, ${colorScheme}`, async ({ visit }) => {
      const viewport = { width, height: 800 }
      const mayComplain = path === '/nowhere'
      const page = await visit(path, { viewport, colorScheme, mayComplain })
      expect(await pixelsBeyond(page)).toBe(0)
      expect(await page.locator('html').getAttribute('data-theme')).toBe(colorScheme)
      for (const figure of await page.locator('[data-output] figure:has(.vl-drawing)').all()) {
        const drawn = figure.locator('svg:visible')
        await expect.poll(() => drawn.count()).toBe(1)
        const box = await drawn.boundingBox()
        expect(box?.width, 'a figure is never scaled').toBe(
          Number(await drawn.getAttribute('width')),
        )
      }
      expect(await faintTexts(page)).toEqual([])
    })

test.for([1000, 1100, 1239, 1240, 1600])(
  'at %d px the text column has room for a whole figure',
  async (width, { visit }) => {
    const viewport = { width, height: 800 }
    const page = await visit('/internals/unmapping', { viewport })
    const figure = page.locator('[data-output] figure svg:visible').first()
    expect(await figure.getAttribute('width')).toBe('760')
  },
)
