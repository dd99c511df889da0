// SPDX-License-Identifier: GPL-2.0-only
// Draws the site's Open Graph picture and its icon from the logo and the README's figure:
// node scripts/social.mjs [--check]. Drawing needs Chromium; it is done when what they are drawn from has changed.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './ready.mjs'

const logo = readFileSync(join(root, 'src/site/static/img/logo.svg'), 'utf8')
const figure = readFileSync(join(root, 'docs/figures/readme.svg'), 'utf8')
const paper = '#ffffff'

/** Drawn at half its size in pixels, so that lines and letters stay sharp. */
const social = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vmalab</title><style>
html { color-scheme: light; background: ${paper}; color: #1c1f24; font-family: "DejaVu Sans", sans-serif }
body { margin: 0; width: 1200px; height: 630px; display: grid; grid-template-rows: auto 1fr; box-sizing: border-box; padding: 48px 56px }
header { display: flex; align-items: center; gap: 24px; font-size: 56px; font-weight: bold }
header svg { width: 96px; height: 96px }
p { margin: 0; font-size: 28px; font-weight: normal; color: #565d68 }
main { align-self: center; justify-self: center }
main svg { zoom: 1.4 }
</style></head><body><header>${logo}<div>vmalab<p>Linux’s mmap path as a model you can run</p></div></header><main>${figure}</main></body></html>
`
const icon = `<!doctype html><html lang="en"><head><title>vmalab</title><style>
body { margin: 0; background: ${paper} }
svg { display: block; width: 140px; height: 140px; padding: 20px }
</style></head><body>${logo}</body></html>
`

const source = join(root, 'docs/figures/social.sha256')
const wanted = `${createHash('sha256').update(social).update(icon).digest('hex')}\n`
const isInStep = readFileSync(source, 'utf8') === wanted
if (process.argv.includes('--check') && !isInStep) {
  say('the Open Graph picture is out of step with the figure; run: node scripts/social.mjs')
  process.exit(1)
}
if (!isInStep) {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const draw = async (html, width, height, name) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' })
    await page.setContent(html)
    await page.screenshot({ path: join(root, 'src/site/static/img', name) })
  }
  await draw(social, 1200, 630, 'social.png')
  await draw(icon, 180, 180, 'icon.png')
  await browser.close()
  writeFileSync(source, wanted)
}
