// SPDX-License-Identifier: GPL-2.0-only
// A live cell, as a reader handles it: press(cell, 'Run'), write(cell, code), await settled(cell), outputOf(cell).
import type { Locator, Page } from 'playwright-core'

export const cells = (page: Page) => page.locator('section[data-cell]')
export const cell = (page: Page, n: number) => page.locator(`section[data-cell="${n}"]`)
export const press = (at: Locator, name: string) =>
  at.getByRole('button', { name, exact: true }).click()
export const outputOf = (at: Locator) => at.locator('[data-output]')
export const outputText = async (at: Locator) => (await outputOf(at).innerText()).trim()

export const linesOf = async (at: Locator) => (await at.innerText()).split('\n').filter(Boolean)

/** Resolves when the cell runs, or is idle. A cell that was asked to run is not idle before it has run. */
export async function phase(at: Locator, name: 'running' | 'idle'): Promise<void> {
  await at.and(at.page().locator(`[data-phase="${name}"]`)).waitFor()
}
export const settled = (at: Locator) => phase(at, 'idle')

export async function run(at: Locator): Promise<void> {
  await press(at, 'Run')
  await settled(at)
}

export async function write(at: Locator, code: string): Promise<void> {
  await press(at, 'Edit')
  await at.locator('.cm-content').fill(code)
}

/** Writes and runs a cell; resolves to its output. */
export async function give(at: Locator, code: string): Promise<string> {
  await write(at, code)
  await run(at)
  return outputText(at)
}

/** What is seen of an output: its texts, and the shapes and words of its figures. */
export const seen = (at: Locator) =>
  outputOf(at).evaluate((output) =>
    [output, ...output.querySelectorAll('svg [d], svg text, svg title')].map((node) =>
      node === output
        ? (node as HTMLElement).innerText
        : ['d', 'x', 'y'].map((name) => node.getAttribute(name)).join(' ') + node.textContent,
    ),
  )

/** Rests the mouse on the first `word` in the code of cell `n`. */
export async function pointAt(page: Page, n: number, word: string): Promise<void> {
  await cell(page, n).scrollIntoViewIfNeeded()
  const place = await cell(page, n)
    .locator('.vl-code code')
    .evaluate((code, wanted) => {
      const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.nodeValue?.search(new RegExp(`(?<!\\w)${wanted}(?!\\w)`)) ?? -1
        if (at < 0) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + wanted.length)
        const { x, y, width, height } = range.getBoundingClientRect()
        return { x: x + width / 2, y: y + height / 2 }
      }
      throw new Error(`no ${wanted} in the code`)
    }, word)
  await page.mouse.move(place.x, place.y)
}
