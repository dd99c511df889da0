// SPDX-License-Identifier: GPL-2.0-only
// What a reader can do with a page beside running a cell: walk through a call, share, take along, search.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { readFragment, shareFragment } from '../../src/site/live/share.ts'
import { cell, cells, outputOf, outputText, press, settled, write } from './cell.ts'
import { clipboardOf, hook, pixelsBeyond, searchFor, test } from './site.ts'

describe('the stepper', () => {
  for (const width of [1280, 375])
    test(`arrow keys walk through a call, at ${width} px`, async ({ visit }) => {
      const page = await visit(hook, { viewport: { width, height: 900 } })
      const figure = page.locator('figure:has(.vl-stepper)').first()
      const slider = figure.getByRole('slider')
      const last = Number(await slider.getAttribute('max'))
      expect(last).toBeGreaterThan(3)
      await slider.focus()
      const told: string[] = []
      let above = 0
      for (let step = 1; step <= last; step++) {
        expect(await slider.inputValue()).toBe(String(step))
        expect(await figure.locator('dt').allInnerTexts()).toEqual([
          'Now',
          'State',
          'Locks',
          'Layout',
        ])
        told.push((await slider.getAttribute('aria-valuetext')) ?? '')
        const { y = 0 } = (await figure.locator('.vl-cursor:visible').boundingBox()) ?? {}
        const top = y + (await page.evaluate(() => scrollY))
        expect(top).toBeGreaterThan(above)
        above = top
        await page.keyboard.press('ArrowRight')
      }
      expect(new Set(told).size).toBe(last)
      expect(told.join('\n')).toContain('mmap lock, write')
      await page.keyboard.press('Home')
      expect(await slider.inputValue()).toBe('1')
      expect(await pixelsBeyond(page)).toBe(0)
    })

  test('its buttons walk too, and end where the call ends', async ({ page }) => {
    const figure = page.locator('figure:has(.vl-stepper)').first()
    const slider = figure.getByRole('slider')
    const next = figure.getByRole('button', { name: 'Next step' })
    await next.click()
    expect(await slider.inputValue()).toBe('1')
    for (let i = Number(await slider.getAttribute('max')); i > 1; i--) await next.click()
    expect(await next.getAttribute('aria-disabled')).toBe('true')
    await figure.getByRole('button', { name: 'Previous step' }).click()
    expect(await next.getAttribute('aria-disabled')).toBe('false')
  })
})

describe('how mmap works', () => {
  const pages = readdirSync(join(import.meta.dirname, '../../docs/internals'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `/internals/${file.slice(0, -'.md'.length)}`)
  for (const path of pages)
    test(`${path} has a call to walk through`, async ({ visit }) => {
      const page = await visit(path)
      const slider = page.getByRole('slider').first()
      await slider.focus()
      await page.keyboard.press('ArrowRight')
      expect(await slider.inputValue()).toBe('2')
      await expect.poll(() => page.locator('.vl-cursor:visible').count()).toBe(1)
    })
})

describe('a link', () => {
  test('carries the code of the cell and what was changed above', async ({ page }) => {
    await write(cell(page, 1), 'const mine = 1')
    await press(cell(page, 2), 'Link')
    await cell(page, 2).getByText('link copied').waitFor()
    expect(readFragment(new URL(await clipboardOf(page)).hash)).toEqual({
      cells: [
        [1, 'const mine = 1'],
        [2, expect.stringMatching(/\S/)],
      ],
    })
  })

  test('shows its code and runs nothing before Run', async ({ visit }) => {
    const fragment = shareFragment([[2, 'console.log("from afar")\n6 * 7']])
    const page = await visit(`${hook}${fragment}`)
    const at = cell(page, 2)
    await at.locator('.cm-content').getByText('from afar').waitFor()
    await at.getByText('Nothing of it has run').waitFor()
    await page.waitForTimeout(300)
    await expect.poll(() => page.locator('iframe').count()).toBe(0)
    expect(await outputText(at)).not.toContain('from afar')
    await press(at, 'Run')
    await outputOf(at).getByText('42', { exact: true }).waitFor()
    await press(at, 'Reset')
    await at.locator('.cm-editor').waitFor({ state: 'detached' })
  })

  const broken: readonly [name: string, fragment: string, sentence: string][] = [
    ['that was cut', '#cells=W1sx', 'it was cut or changed on its way'],
    ['of another page', shareFragment([[99, 'a']]) ?? '', 'is for cell 99, and this page has'],
    ['that holds HTML', `#cells=${btoa('"<img src=x onerror=alert(1)>"')}`, 'it holds no cells'],
  ]
  for (const [name, fragment, sentence] of broken)
    test(`${name} is refused in a sentence`, async ({ visit }) => {
      const page = await visit(`${hook}${fragment}`)
      await page.getByRole('alert').getByText(sentence).waitFor()
      await expect.poll(() => page.locator('.cm-editor').count()).toBe(0)
    })
})

test('Copy copies the code', async ({ page }) => {
  await cell(page, 1).getByRole('button', { name: 'Copy', exact: true }).last().click()
  await cell(page, 1).getByText('code copied').waitFor()
  const shown = await cell(page, 1).locator('pre code').first().innerText()
  expect((await clipboardOf(page)).replace(/\s+/g, '')).toBe(shown.replace(/\s+/g, ''))
})

test('Run all runs the last cell', async ({ page }) => {
  const last = cells(page).last()
  await page.getByRole('button', { name: 'Run all' }).click()
  await settled(last)
  await expect.poll(() => page.getByText('Not run:').count()).toBe(0)
})

test.for([
  ['Notebook', 'mmap_prepare.ipynb'],
  ['All notebooks', 'vmalab.zip'],
] as const)('the link %s gives %s to take along', async ([name, file], { page }) => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name, exact: true }).click(),
  ])
  expect(download.suggestedFilename()).toBe(file)
  expect(await download.failure()).toBe(null)
})

test('the search finds the page of a hook', async ({ visit }) => {
  const page = await visit('/')
  await searchFor(page, 'mmap_prepare')
  await page.keyboard.press('Enter')
  await page.waitForURL(/mmap_prepare|search/)
})
