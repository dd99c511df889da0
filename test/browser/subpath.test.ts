// SPDX-License-Identifier: GPL-2.0-only
// The site below a path of its host, as GitHub Pages serves a project, and then without any server.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cell, outputOf, pointAt, run, write } from './cell.ts'
import { hydrated, openSite, type Site, searchFor } from './site.ts'

const root = join(import.meta.dirname, '../..')
const build = join(root, '.live/subpath')
const base = '/vmalab/'

let site: Site
let context: BrowserContext
let page: Page
const missing: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  const task = ['scripts/task.mjs', 'build', '--base-url', base, '--out', '.live/subpath']
  execFileSync(process.execPath, task, { cwd: root, stdio: 'pipe' })
  site = await openSite({ build, base })
  context = await site.browser.newContext({ viewport: { width: 1280, height: 900 } })
  context.on('response', (response) => {
    if (response.status() >= 400) missing.push(response.url())
  })
  page = await context.newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
})
afterAll(() => site?.close())

async function open(path: string): Promise<void> {
  await page.goto(site.address + path)
  await hydrated(page)
}

async function typesAreTold(): Promise<void> {
  await page.mouse.move(1, 1)
  await pointAt(page, 4, 'mmap')
  await page.locator('.vl-pointed').getByText('(method) Mm.mmap').waitFor()
}

async function runsCell(): Promise<void> {
  const at = cell(page, 1)
  await run(at)
  await outputOf(at).locator('svg:visible').first().waitFor()
  await expect.poll(() => at.locator('.vl-note').count()).toBe(0)
}

const worker = () =>
  page.evaluate(async () => {
    const { active, scope } = await navigator.serviceWorker.ready
    return [active?.state === 'activated' || active?.state === 'activating', scope]
  })

test('nothing of the site is asked for outside of the path', () => {
  const home = readFileSync(join(build, 'index.html'), 'utf8')
  const links = [...home.matchAll(/(?:href|src)="?(\/[^"\s>]*)/g)].map(([, link]) => link)
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter((link) => !link?.startsWith(base))).toEqual([])
})

describe('below a path', () => {
  test('a cell runs, and is edited', async () => {
    await open('/hooks/mmap_prepare')
    await runsCell()
    await write(cell(page, 2), '6 * 7')
    await page.keyboard.press('Shift+Enter')
    await outputOf(cell(page, 2)).getByText('42', { exact: true }).waitFor()
  })

  test('types are told by pointing', typesAreTold)

  test('links, figures, the notebook and the logo are found', async () => {
    await open('/')
    await page
      .locator('.menu a[href$="/hooks/mmap_prepare"], main a[href$="mmap_prepare"]')
      .first()
      .click()
    await page.waitForURL(`${site.address}/hooks/mmap_prepare`)
    await expect.poll(() => page.locator('main svg[role="img"]:visible').count()).toBeGreaterThan(2)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Notebook' }).first().click(),
    ])
    expect(await download.failure()).toBeNull()
  })

  test('the search finds and leads there', async () => {
    await open('/')
    await searchFor(page, 'mmap_prepare')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.address}/**`)
  })

  test('nothing was missing', () => {
    expect(missing).toEqual([])
    expect(complaints).toEqual([])
  })
})

describe('without a server, after one visit', () => {
  beforeAll(async () => {
    await open('/hooks/mmap_prepare')
    expect(await worker()).toEqual([true, `${site.address}/`])
    site.unplug()
  })

  test('the server is really gone', async () => {
    const answer = () =>
      fetch(`${site.address}/`).then(
        () => 'answered',
        () => 'gone',
      )
    expect(await answer()).toBe('gone')
  })

  test('the page is read again and its cells run', async () => {
    await page.reload()
    await hydrated(page)
    await runsCell()
  })

  test('types are told by pointing', typesAreTold)

  test('a page that was never visited is there, too', async () => {
    await open('/recipes/dev_mem')
    expect(await page.locator('h1').first().innerText()).not.toContain('Not Found')
    await runsCell()
  })

  test('a link is followed', async () => {
    await page.locator('.pagination-nav a').first().click()
    await page.waitForURL((url) => !url.pathname.endsWith('/dev_mem'))
    await page.locator('main h1').first().waitFor()
  })

  test('the search finds', async () => {
    await open('/')
    await searchFor(page, 'mmap_prepare')
  })

  test('an address that is no page says so', async () => {
    await page.goto(`${site.address}/nowhere`)
    await page.getByText('Page Not Found').waitFor()
  })
})
