// SPDX-License-Identifier: GPL-2.0-only
// A call as a notebook shows it: one piece of HTML, in a page of nobody's, without a server.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { figureForms } from '../../src/figures/index.ts'
import { file, linux, MAP_SHARED, Mm, PROT_READ, record, timeline } from '../../src/index.ts'
import { openBrowser, pixelsBeyond } from './site.ts'

let browser: Browser
let output: string
beforeAll(async () => {
  browser = await openBrowser()
  const mm = new Mm(linux('7.3'))
  const name = '/dev/</script><img src=x onerror="document.title=1">'
  const device = file(name, { mmap_prepare: () => 0 })
  const map = { len: 8192, prot: PROT_READ, flags: MAP_SHARED, file: device }
  const figure = timeline(record(mm, () => mm.mmap(map)))
  output = (await figureForms(figure))['text/html'] ?? ''
})
afterAll(() => browser?.close())

/** In a page of this width, twice, as a notebook may hold a call twice. */
async function shown(
  width: number,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const viewport = { width, height: 900 }
  const context = await browser.newContext({ viewport, offline: true, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) complaints.push(request.url())
  })
  await page.setContent(`<!doctype html><html lang="en"><body>${output}${output}</body></html>`)
  await use(page)
  expect(complaints).toEqual([])
  await context.close()
}

test.each([1200, 375])('arrow keys and buttons walk, at %d px', (width) =>
  shown(width, async (page) => {
    const walked = page.locator('[data-vmalab]').first()
    const picture = walked.locator('img:visible')
    await expect.poll(() => picture.count()).toBe(1)
    expect((await picture.boundingBox())?.width).toBe(width < 760 ? 343 : 760)
    const slider = walked.getByRole('slider')
    const last = Number(await slider.getAttribute('max'))
    await slider.focus()
    let above = 0
    const told = new Set<string | null>()
    for (let step = 1; step <= last; step++) {
      expect(await slider.inputValue()).toBe(String(step))
      expect(await walked.locator('label').innerText()).toBe(`Step ${step} of ${last}`)
      told.add(await slider.getAttribute('aria-valuetext'))
      const { y = 0, height = 0 } = (await walked.locator('.vl-cursor:visible').boundingBox()) ?? {}
      const box = await picture.boundingBox()
      expect(y).toBeGreaterThan(above)
      expect(y + height).toBeLessThanOrEqual((box?.y ?? 0) + (box?.height ?? 0))
      above = y
      await page.keyboard.press('ArrowRight')
    }
    expect(told.size).toBe(last)
    await walked.getByRole('button', { name: 'Previous step' }).click()
    expect(await slider.inputValue()).toBe(String(last - 1))
    // The other one is a walk of its own.
    expect(await page.getByRole('slider').last().inputValue()).toBe('1')
    expect(await page.title()).toBe('')
    expect(await pixelsBeyond(page)).toBe(0)
  }),
)

test('without scripts the picture stands, with its sentence', () =>
  shown(
    1200,
    async (page) => {
      const picture = page.locator('img').first()
      expect((await picture.boundingBox())?.height).toBeGreaterThan(100)
      expect(await picture.getAttribute('alt')).toMatch(/^mmap\(/)
      expect(await page.locator('body').innerText()).toBe('')
    },
    { javaScriptEnabled: false },
  ))

test('a narrower place gets the narrow picture', () =>
  shown(1200, async (page) => {
    await page.setViewportSize({ width: 600, height: 900 })
    await page.locator('img:visible[width], img:visible').first().waitFor()
    await expect
      .poll(() => page.locator('img:visible').first().boundingBox())
      .toMatchObject({
        width: 343,
      })
  }))
