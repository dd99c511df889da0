// SPDX-License-Identifier: GPL-2.0-only
// The built site on a server of its own, and a browser to look at it with.
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { test as baseTest, expect } from 'vitest'

const root = join(import.meta.dirname, '../..')
const ownBuild = join(root, 'build')
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The site and what it was asked for. */
export interface Site {
  readonly address: string
  readonly browser: Browser
  /** The paths that a cell must never reach: each request for one below /secret. */
  readonly stolen: string[]
  /** Ends the server alone: whoever asks it then hears nothing. */
  unplug(): void
  close(): Promise<void>
}

/** Where a built site is, and below which path of its host. */
export interface SitePlace {
  readonly build: string
  readonly base: string
}

/** Starts Chromium. */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(executablePath))
    throw new Error(`no Chromium at ${executablePath}: install it, or set CHROMIUM to its path`)
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
}

/** Serves build/ as a static host does (`/a` is a.html) and starts Chromium. */
export async function openSite(
  { build, base }: SitePlace = { build: ownBuild, base: '/' },
): Promise<Site> {
  if (!existsSync(join(build, 'index.html')))
    throw new Error('there is no site in build/: run "npm run build" first')
  const stolen: string[] = []
  const server = createServer(async ({ url = '/' }, response) => {
    const path = new URL(url, 'http://localhost').pathname
    if (path.startsWith('/secret')) {
      stolen.push(path)
      response.setHeader('access-control-allow-origin', '*')
      return response.end('secret')
    }
    const below = path.startsWith(base) ? path.slice(base.length) : 'outside'
    for (const name of [below, `${below}.html`, `${below}/index.html`]) {
      const body = await readFile(join(build, name)).catch(() => undefined)
      if (body === undefined) continue
      response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream')
      return response.end(body)
    }
    response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
    response.end(await readFile(join(build, '404.html')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const browser = await openBrowser()
  const unplug = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    address: `http://127.0.0.1:${port}${base.slice(0, -1)}`,
    browser,
    stolen,
    unplug,
    close: async () => {
      await browser.close()
      unplug()
    },
  }
}

/** The paths of every page, from the site's own list. */
export function pagesOfSite(): string[] {
  const sitemap = readFileSync(join(ownBuild, 'sitemap.xml'), 'utf8')
  return [...sitemap.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url = '']) => new URL(url).pathname)
}

/** When the page's own scripts have taken over what the server sent. */
export const hydrated = (page: Page) => page.waitForSelector('html[data-has-hydrated="true"]')

/** By how many pixels the page is wider than its screen. */
export const pixelsBeyond = (page: Page) =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth))

/** The paths that the page asks for from now on; grows. */
export function askedBy(page: Page): readonly string[] {
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  return asked
}

/** What was copied last. */
export const clipboardOf = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** Types words into the search; resolves when it offers something. */
export async function searchFor(page: Page, words: string): Promise<void> {
  await page.getByPlaceholder('Search').pressSequentially(words)
  await page.locator('[class*="suggestion_"]').first().waitFor()
}

/** The page that most tests use. */
export const hook = '/hooks/mmap_prepare'

/** How a page is opened. */
export interface VisitOptions extends BrowserContextOptions {
  /** The console may tell errors: a cell does what is refused, or what is asked for is missing. */
  readonly mayComplain?: boolean
}

/**
 * A test of the site: `visit` opens a page in a context of its own, `page` is that of a hook, opened. In the end no
 * console has complained, no other host was asked, and the contexts are closed.
 */
export const test = baseTest
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  .extend('site', { scope: 'file' }, async ({}, { onCleanup }) => {
    const site = await openSite()
    onCleanup(site.close)
    return site
  })
  .extend('visit', ({ site }, { onCleanup }) => {
    const contexts: BrowserContext[] = []
    const complaints: string[] = []
    const strangers: string[] = []
    onCleanup(async () => {
      await Promise.all(contexts.map((context) => context.close()))
      expect(complaints).toEqual([])
      expect(strangers).toEqual([])
    })
    return async (path: string, { mayComplain = false, ...options }: VisitOptions = {}) => {
      const context = await site.browser.newContext({
        viewport: { width: 1280, height: 900 },
        permissions: ['clipboard-read', 'clipboard-write'],
        // It would fetch the whole book during whatever test takes long: subpath.test.ts is of it.
        serviceWorkers: 'block',
        ...options,
      })
      contexts.push(context)
      context.setDefaultTimeout(120_000)
      if (!mayComplain) {
        context.on('console', (message) => {
          if (message.type() === 'error') complaints.push(message.text())
        })
        context.on('weberror', (error) => complaints.push(String(error.error())))
      }
      context.on('request', (request) => {
        if (/^https?:/.test(request.url()) && !request.url().startsWith(site.address))
          strangers.push(request.url())
      })
      const page = await context.newPage()
      await page.goto(site.address + path)
      if (options.javaScriptEnabled !== false) await hydrated(page)
      return page
    }
  })
  .extend('page', ({ visit }) => visit(hook))
