// SPDX-License-Identifier: GPL-2.0-only
// The built site on a server of its own, and a browser to look at it with.
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

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

/** Serves build/ as a static host does (`/a` is a.html) and starts Chromium. */
export async function openSite(
  { build, base }: SitePlace = { build: ownBuild, base: '/' },
): Promise<Site> {
  if (!existsSync(join(build, 'index.html')))
    throw new Error('there is no site in build/: run "npm run build" first')
  if (!existsSync(executablePath))
    throw new Error(`no Chromium at ${executablePath}: install it, or set CHROMIUM to its path`)
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
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
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

/** A page of the site, with what its console complained of and which other hosts it asked. */
export interface Visit {
  readonly page: Page
  readonly complaints: readonly string[]
  readonly strangers: readonly string[]
}

/** Opens a page of the site in a context of its own. */
export async function visit(
  site: Site,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await site.browser.newContext({
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  const strangers: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(site.address))
      strangers.push(request.url())
  })
  await page.goto(site.address + path)
  if (options.javaScriptEnabled !== false)
    await page.waitForSelector('html[data-has-hydrated="true"]')
  return { page, complaints, strangers }
}

/** Uses a page of the site, which must not ask any other host. */
export async function onSite(
  site: Site,
  path: string,
  use: (visit: Visit) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const opened = await visit(site, path, options)
  try {
    await use(opened)
    expect(opened.strangers).toEqual([])
  } finally {
    await opened.page.context().close()
  }
}
