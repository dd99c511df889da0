// SPDX-License-Identifier: GPL-2.0-only
// Every page for everybody: axe-core's rules in both themes and on a phone, nothing wider than its screen, and each
// figure with a sentence that says what it shows.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faintTexts } from './contrast.ts'
import { openSite, pagesOfSite, type Site } from './site.ts'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)
const wide = { width: 1280, height: 900 }
const phone = { width: 375, height: 800 }

let site: Site
let tabs: BrowserContext
beforeAll(async () => {
  site = await openSite()
  tabs = await site.browser.newContext({ viewport: wide, reducedMotion: 'reduce' })
})
afterAll(() => site?.close())

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
    { context, options },
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help}: ${target.join(' ')}: ${html.slice(0, 120)}`),
  )
}

/** Only colours differ between the themes. */
const colours: RunOptions = { runOnly: ['color-contrast', 'link-in-text-block'] }
const noColours: RunOptions = { rules: { 'color-contrast': { enabled: false } } }

async function open(path: string): Promise<Page> {
  const page = await tabs.newPage()
  await page.goto(site.address + path)
  await page.waitForSelector('html[data-has-hydrated="true"]')
  return page
}

const scrollWidth = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)

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
    test(path, { timeout: 240_000 }, async () => {
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
      expect(await scrollWidth(page), 'px wide').toBeLessThanOrEqual(phone.width)
      await page.close()
    })
})

const cell = (page: Page) => page.locator('section[data-cell="1"]')
const opened: readonly [name: string, path: string, open: (page: Page) => Promise<void>][] = [
  [
    'a cell being edited',
    '/hooks/mmap_prepare',
    async (page) => {
      await cell(page).getByRole('button', { name: 'Edit' }).click()
      await cell(page).locator('.cm-content').waitFor()
    },
  ],
  [
    'a cell that ended in an error',
    '/hooks/mmap_prepare',
    async (page) => {
      await cell(page).getByRole('button', { name: 'Edit' }).click()
      await cell(page).locator('.cm-content').fill('nope()')
      await cell(page).getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByText('ReferenceError').first().waitFor()
    },
  ],
  [
    'what the search finds',
    '/',
    async (page) => {
      await page.getByPlaceholder('Search').pressSequentially('mmap_prepare')
      await page.locator('[class*="suggestion"]').first().waitFor()
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
    '/hooks/mmap_prepare',
    async (page) => {
      const figure = page.locator('figure:has(.vl-stepper)').first()
      await figure.getByRole('button', { name: 'Next step' }).click()
      await figure.locator('.vl-moment').waitFor()
    },
  ],
  [
    'everything that folds, unfolded',
    '/hooks/mmap_prepare',
    (page) =>
      page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true
      }),
  ],
]
describe.concurrent('opened', () => {
  for (const [name, path, unfold] of opened)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${name}, ${colorScheme}`, { timeout: 240_000 }, async () => {
        const page = await open(path)
        await page.emulateMedia({ colorScheme })
        await unfold(page)
        expect(await violations(page)).toEqual([])
        await page.close()
      })

  test('the menu of a phone', async () => {
    const page = await open('/hooks/mmap_prepare')
    await page.setViewportSize(phone)
    await page.getByRole('button', { name: 'Toggle navigation bar' }).click()
    await page.locator('.navbar-sidebar').waitFor()
    expect(await violations(page)).toEqual([])
    await page.close()
  })
})
