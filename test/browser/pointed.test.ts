// SPDX-License-Identifier: GPL-2.0-only
// What is told of a name in code that nobody edits, by pointing at it.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { cell, pointAt, press } from './cell.ts'
import { askedBy, hook, test } from './site.ts'

const told = (page: Page) => page.locator('.vl-pointed')

const cases: readonly [n: number, word: string, text: string, doc: string][] = [
  [1, 'demo', 'const demo: file', ''],
  [1, 'vma_desc_pages', 'vma_desc_pages(desc: vm_area_desc): number', 'Pages in the mapping'],
  [1, 'pgoff', '(property) vm_area_desc.pgoff: number', 'Pages.'],
  [1, 'EINVAL', 'const EINVAL: 22', 'Invalid argument.'],
  [1, 'len', '(property) MmapArguments.len: Bytes', ''],
]

describe('types and comments', () => {
  for (const [n, word, text, doc] of cases)
    test(word, async ({ page }) => {
      await pointAt(page, n, word)
      await told(page).waitFor()
      expect(await told(page).locator('code').innerText()).toBe(text)
      expect(await told(page).innerText()).toContain(doc)
    })

  test('nothing of it is loaded before the reader points at code', async ({ page }) => {
    const asked = askedBy(page)
    await page.mouse.move(5, 5)
    await cell(page, 2).scrollIntoViewIfNeeded()
    await page.waitForLoadState('networkidle')
    const before = asked.length
    await pointAt(page, 1, 'demo')
    await told(page).waitFor()
    const data = asked.slice(before).filter((one) => one.endsWith('.json'))
    expect(data).toEqual(['/live/names.json'])
  })

  test('it is in view, and goes with the mouse, with Escape and with scrolling', async ({
    page,
  }) => {
    await page.setViewportSize({ width: 375, height: 700 })
    for (const leave of [
      () => page.mouse.move(2, 2),
      () => page.keyboard.press('Escape'),
      () => page.mouse.wheel(0, 60),
    ]) {
      await page.mouse.move(1, 1)
      await pointAt(page, 1, 'demo')
      await told(page).waitFor()
      const box = await told(page).boundingBox()
      expect(box?.x).toBeGreaterThanOrEqual(0)
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(375)
      expect(box?.y).toBeGreaterThanOrEqual(0)
      await leave()
      await told(page).waitFor({ state: 'detached' })
    }
  })

  test('the mouse can go to it, and from one name to the next', async ({ page }) => {
    await pointAt(page, 1, 'vma_desc_pages')
    await told(page).hover()
    expect(await told(page).innerText()).toContain('Pages in the mapping')
    await pointAt(page, 1, 'EINVAL')
    await told(page).getByText('const EINVAL: 22').waitFor()
    expect(await told(page).count()).toBe(1)
  })

  test('an editor in its place tells by itself', async ({ page }) => {
    await press(cell(page, 1), 'Edit')
    await cell(page, 1).locator('.cm-line').getByText('vma_desc_pages').first().hover()
    await page.locator('.cm-tooltip').getByText('Pages in the mapping').waitFor()
    expect(await told(page).count()).toBe(0)
  })

  test('where it cannot be had, nothing is told and nothing fails', async ({ visit }) => {
    const page = await visit(hook, { mayComplain: true })
    await page.route('**/names.json', (route) => route.abort())
    const failed = page.waitForEvent('requestfailed')
    await pointAt(page, 1, 'demo')
    await failed
    await page.unroute('**/names.json')
    await page.mouse.move(1, 1)
    await pointAt(page, 1, 'demo')
    await told(page).waitFor()
  })
})

test('the first page has its own, too', async ({ visit }) => {
  const page = await visit('/')
  await pointAt(page, 1, 'mm')
  await told(page).getByText('let mm: Mm').waitFor()
})
