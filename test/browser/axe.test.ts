// SPDX-License-Identifier: GPL-2.0-only
// Every page for everybody: axe-core's rules in both themes and on a phone, nothing wider than its screen, and each
// figure with a sentence that says what it shows.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { cell, press, write } from './cell.ts'
import { faintTexts } from './contrast.ts'
import { hook, hydrated, pagesOfSite, pixelsBeyond, searchFor, test as siteTest } from './site.ts'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)
const wide = { width: 1280, height: 900 }
const phone = { width: 375, height: 800 }

/** `open` opens a page in a context that all tests share, which loads what pages have in common once. */
const test = siteTest
  .extend('tabs', { scope: 'file' }, ({ site }) =>
    site.browser.newContext({ viewport: wide, reducedMotion: 'reduce' }),
  )
  .extend('open', ({ site, tabs }, { onCleanup }) => {
    const pages: Page[] = []
    onCleanup(async () => {
      await Promise.all(pages.map((page) => page.close()))
    })
    return async (path: string) => {
      const page = await tabs.newPage()
      pages.push(page)
      await page.goto(site.address + path)
      await hydrated(page)
      return page
    }
  })

interface Axe {
  run(context: object, options: RunOptions): Promise<AxeResults>
}

/** Coloured code has thousands of like elements, which axe-core takes seconds for; faintTexts() reads each of them. */
const context = { exclude: ['.token-line'] }

/** What axe finds wrong, one line for each element. */
async function violations(page: Page, options: RunOptions = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  const { violations } = await page.evaluate(
    ({ context, options }) => (window as unknown as { axe: Axe }).axe.run(context, options),
    { context, options: { ...options, resultTypes: ['violations'] } satisfies RunOptions },
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help}: ${target.join(' ')}: ${html.slice(0, 120)}`),
  )
}

/** Only colours differ between the themes. */
const colours: RunOptions = { runOnly: ['color-contrast', 'link-in-text-block'] }
const noColours: RunOptions = { rules: { 'color-contrast': { enabled: false } } }

/** The SVG pictures that no sentence describes, and what holds them. */
const undescribed = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('main svg')]
      .filter((svg) => svg.closest('[aria-hidden="true"], button') === null)
      .filter((svg) => {
        const told = ['title', 'desc'].map((name) => svg.querySelector(`:scope > ${name}`))
        const words = told.map((one) => one?.textContent ?? '').join(' ')
        const label = svg.getAttribute('aria-label') ?? ''
        return svg.getAttribute('role') !== 'img' || (label || words).length < 40
      })
      .map((svg) => svg.outerHTML.slice(0, 120)),
  )

describe.concurrent('in light and dark and on a phone', () => {
  for (const path of [...pagesOfSite(), '/search?q=mmap', '/nowhere'])
    test(path, async ({ open }) => {
      const page = await open(path)
      await page.emulateMedia({ colorScheme: 'light' })
      expect(await violations(page), 'light').toEqual([])
      expect(await faintTexts(page), 'light').toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.waitForSelector('html[data-theme="dark"]')
      expect(await violations(page, colours), 'dark').toEqual([])
      expect(await faintTexts(page), 'dark').toEqual([])
      expect(await undescribed(page), 'pictures without a description').toEqual([])
      await page.setViewportSize(phone)
      expect(await violations(page, noColours), 'on a phone').toEqual([])
      expect(await pixelsBeyond(page)).toBe(0)
    })
})

const opened: readonly [name: string, path: string, open: (page: Page) => Promise<void>][] = [
  [
    'a cell being edited',
    hook,
    async (page) => {
      await press(cell(page, 1), 'Edit')
      await cell(page, 1).locator('.cm-content').waitFor()
    },
  ],
  [
    'a cell that ended in an error',
    hook,
    async (page) => {
      await write(cell(page, 1), 'nope()')
      await press(cell(page, 1), 'Run')
      await page.getByText('ReferenceError').first().waitFor()
    },
  ],
  [
    'what the search finds',
    '/',
    async (page) => {
      await searchFor(page, 'mmap_prepare')
    },
  ],
  [
    'a search that finds nothing',
    '/',
    async (page) => {
      await page.getByPlaceholder('Search').pressSequentially('xyzzy')
      await page.getByText('No results').first().waitFor()
    },
  ],
  [
    'a call walked through',
    hook,
    async (page) => {
      const figure = page.locator('figure:has(.vl-stepper)').first()
      await figure.getByRole('button', { name: 'Next step' }).click()
      await figure.locator('.vl-moment').waitFor()
    },
  ],
  [
    'everything that folds, unfolded',
    hook,
    (page) =>
      page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true
      }),
  ],
]
describe.concurrent('opened', () => {
  for (const [name, path, unfold] of opened)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${name}, ${colorScheme}`, async ({ open }) => {
        const page = await open(path)
        await page.emulateMedia({ colorScheme })
        await unfold(page)
        expect(await violations(page)).toEqual([])
      })

  test('the menu of a phone', async ({ open }) => {
    const page = await open(hook)
    await page.setViewportSize(phone)
    await page.getByRole('button', { name: 'Toggle navigation bar' }).click()
    await page.locator('.navbar-sidebar').waitFor()
    expect(await violations(page)).toEqual([])
  })
})
