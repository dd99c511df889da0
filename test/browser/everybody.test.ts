// SPDX-License-Identifier: GPL-2.0-only
// The site by keyboard alone, without motion, on paper, and as others show a link to it.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { cell } from './cell.ts'
import { hook, test } from './site.ts'

/** What has the focus, how it shows that it has it, and whether it stands after what had it before. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement
    if (at === null || at === document.body) return undefined
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
    const { lastFocused } = window as { lastFocused?: Element }
    Object.assign(window, { lastFocused: at })
    const follows = Node.DOCUMENT_POSITION_FOLLOWING
    return {
      name: at.getAttribute('aria-label') || at.textContent?.trim().slice(0, 40) || at.tagName,
      isSeen:
        (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== 'none',
      isNext:
        !lastFocused?.isConnected || (lastFocused.compareDocumentPosition(at) & follows) !== 0,
    }
  })

test('the first Tab offers to skip to the content', async ({ page }) => {
  await page.keyboard.press('Tab')
  expect((await focused(page))?.name).toBe('Skip to main content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
})

test('every Tab goes on in reading order, and shows where', async ({ page }) => {
  await expect
    .poll(() => page.locator('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').count())
    .toBe(0)
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (at === undefined) break
    expect(at.isNext, `${at.name} stands after what had the focus`).toBe(true)
    // It takes the focus once more when its index is there.
    if (at.name === 'Search') await page.locator('input[role="combobox"]').waitFor()
    expect(at.isSeen, `${at.name} shows that it has the focus`).toBe(true)
  }
})

test('Escape leaves the editor for the buttons of its cell', async ({ page }) => {
  await cell(page, 1).getByRole('button', { name: 'Edit' }).focus()
  await page.keyboard.press('Enter')
  await page.locator('.cm-content:focus').waitFor()
  await page.keyboard.press('Escape')
  expect((await focused(page))?.name).toBe('Run')
})

test('nothing moves for a reader who asks for that', async ({ visit }) => {
  const page = await visit(hook, { reducedMotion: 'reduce' })
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((one) => {
        const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one)
        return (
          !/^0s$/.test(transitionDuration) ||
          animationName !== 'none' ||
          scrollBehavior === 'smooth'
        )
      })
      .map((one) => one.outerHTML.slice(0, 80)),
  )
  expect(moving).toEqual([])
})

for (const colorScheme of ['light', 'dark'] as const)
  test(`paper is white and has no buttons, from a ${colorScheme} screen`, async ({ visit }) => {
    const page = await visit(hook, { colorScheme, viewport: { width: 700, height: 900 } })
    await page.emulateMedia({ media: 'print' })
    for (const name of ['Run', 'Edit', 'Copy', 'Run all'])
      await expect.poll(() => page.getByRole('button', { name, exact: true }).count()).toBe(0)
    await expect
      .poll(() => page.locator('nav:visible, input:visible, footer:visible').count())
      .toBe(0)
    const { ink, ground, cut } = await page.evaluate(() => ({
      ink: getComputedStyle(document.querySelector('main p') ?? document.body).color,
      ground: getComputedStyle(document.documentElement).backgroundColor,
      cut: [...document.querySelectorAll('pre, .vl-drawing')]
        .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80)),
    }))
    expect(ink).toBe('rgb(28, 31, 36)')
    expect(ground).toMatch(/^rgb\(255, 255, 255\)|rgba\(0, 0, 0, 0\)$/)
    expect(cut, 'what is wider than its box').toEqual([])
    await expect
      .poll(() => page.locator('[data-output] svg[role="img"]:visible').count())
      .toBeGreaterThan(2)
  })

test('a link to a page is shown with its words and a picture', async ({ page, site }) => {
  const meta = (name: string) =>
    page.locator(`meta[property="${name}"], meta[name="${name}"]`).getAttribute('content')
  expect(await meta('og:title')).toContain('mmap_prepare')
  expect((await meta('og:description'))?.length).toBeGreaterThan(20)
  expect(await meta('twitter:card')).toBe('summary_large_image')
  const picture = new URL((await meta('og:image')) ?? '')
  const answer = await page.request.get(site.address + picture.pathname)
  const png = await answer.body()
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630])
  for (const link of ['icon', 'apple-touch-icon']) {
    const address = await page.locator(`link[rel="${link}"]`).getAttribute('href')
    expect((await page.request.get(site.address + address)).status()).toBe(200)
  }
})
