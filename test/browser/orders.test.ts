// SPDX-License-Identifier: GPL-2.0-only
// A reader who does things in an order that nobody thought of.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { shareFragment } from '../../src/site/live/share.ts'
import {
  cell,
  cells,
  give,
  outputOf,
  outputText,
  phase,
  press,
  run,
  seen,
  settled,
  write,
} from './cell.ts'
import { hook, hydrated, test as siteTest } from './site.ts'

/** Opens a page that no frame is left on when the test ends. */
const test = siteTest.extend('open', ({ visit }, { onCleanup }) => {
  const pages: Page[] = []
  onCleanup(async () => {
    for (const page of pages) await expect.poll(() => page.locator('iframe').count()).toBe(0)
  })
  return async (path = hook) => {
    const page = await visit(path)
    pages.push(page)
    return page
  }
})

const idle = async (page: Page): Promise<void> => {
  for (const at of await cells(page).all()) await settled(at)
}
const codeOf = (page: Page, n: number) => cell(page, n).locator('.cm-content').innerText()

test('Run pressed twice, and ten times, gives what once gives', async ({ open }) => {
  const page = await open()
  const at = cell(page, 1)
  const published = await seen(at)
  await at.getByRole('button', { name: 'Run', exact: true }).dblclick()
  for (let i = 0; i < 10; i++) await press(at, 'Run')
  await settled(at)
  expect(await seen(at)).toEqual(published)
})

test('Run all twice, and Run of one cell meanwhile', async ({ open }) => {
  const page = await open()
  const published = await Promise.all((await cells(page).all()).map(seen))
  const all = page.getByRole('button', { name: 'Run all' })
  await all.click()
  await all.click()
  await press(cell(page, 2), 'Run')
  await all.click()
  await idle(page)
  expect(await Promise.all((await cells(page).all()).map(seen))).toEqual(published)
})

test('Stop in the middle of Run all, then Run all again', async ({ open }) => {
  const page = await open()
  const published = await seen(cell(page, 3))
  await write(cell(page, 2), 'for (;;) {}')
  await page.getByRole('button', { name: 'Run all' }).click()
  await phase(cell(page, 2), 'running')
  await press(cell(page, 2), 'Stop')
  await idle(page)
  expect(await outputText(cell(page, 2))).toBe('Stopped.')
  expect(await seen(cell(page, 3))).toEqual(published)
  await press(cell(page, 2), 'Reset')
  await page.getByRole('button', { name: 'Run all' }).click()
  await idle(page)
  await expect.poll(() => page.getByText('Stopped.').count()).toBe(0)
})

test('Reset while the cell runs', async ({ open }) => {
  const page = await open()
  const published = await seen(cell(page, 1))
  await write(cell(page, 1), 'for (;;) console.log(1)')
  await press(cell(page, 1), 'Run')
  await outputOf(cell(page, 1)).getByText('1').first().waitFor()
  await press(cell(page, 1), 'Reset')
  await cell(page, 1).locator('.cm-editor').waitFor({ state: 'detached' })
  expect(await seen(cell(page, 1))).toEqual(published)
})

test('an edit while the cell runs counts from the next run on', async ({ open }) => {
  const page = await open()
  const at = cell(page, 1)
  await write(at, 'await new Promise((done) => setTimeout(done, 4000)); "first"')
  await press(at, 'Run')
  await phase(at, 'running')
  await at.locator('.cm-content').fill('"second"')
  await settled(at)
  expect(await outputText(at)).toBe("'first'")
  await run(at)
  expect(await outputText(at)).toBe("'second'")
})

test('what was written outlives a link and the way back, and a reload', async ({ open }) => {
  const page = await open()
  await write(cell(page, 2), '"mine"')
  await page.locator('.menu').getByRole('link', { name: 'vm_area_desc' }).click()
  await page.waitForURL('**/hooks/vm_area_desc')
  await expect.poll(() => cells(page).locator('.cm-editor').count()).toBe(0)
  await page.goBack()
  await cell(page, 2).locator('.cm-content').getByText('mine').waitFor()
  await run(cell(page, 2))
  expect(await outputText(cell(page, 2))).toBe("'mine'")
  await page.reload()
  await hydrated(page)
  await cell(page, 2).locator('.cm-content').getByText('mine').waitFor()
  await press(cell(page, 2), 'Reset')
  await cell(page, 2).locator('.cm-editor').waitFor({ state: 'detached' })
  await page.reload()
  await hydrated(page)
  await page.waitForTimeout(300)
  await expect.poll(() => cells(page).locator('.cm-editor').count()).toBe(0)
})

test('a link followed while a cell runs ends the cell', async ({ open }) => {
  const page = await open()
  await write(cell(page, 1), 'for (;;) {}')
  await press(cell(page, 1), 'Run')
  await phase(cell(page, 1), 'running')
  await page.locator('.menu').getByRole('link', { name: 'vm_area_desc' }).click()
  await page.waitForURL('**/hooks/vm_area_desc')
  await expect.poll(() => page.locator('iframe').count()).toBe(0)
  await run(cell(page, 1))
})

test('a link opened over an edited cell: what is seen is what would run', async ({ open }) => {
  const page = await open()
  const at = cell(page, 2)
  await write(at, '"mine"')
  const fragment = shareFragment([[2, '"from afar"']]) ?? ''
  await page.evaluate((hash) => {
    location.hash = hash
  }, fragment)
  await at.getByText('Nothing of it has run').waitFor()
  expect(await codeOf(page, 2)).toBe('"from afar"')
  await run(at)
  expect(await outputText(at)).toBe("'from afar'")
  // It has run now.
  await expect.poll(() => page.getByText('Nothing of it has run').count()).toBe(0)
  // Who goes on writing is not brought back to the link.
  await at.locator('.cm-content').fill('"mine again"')
  await page.waitForFunction(() => location.hash === '')
  await page.reload()
  await hydrated(page)
  await at.locator('.cm-content').getByText('mine again').waitFor()
})

test('Reset of a linked cell takes the link out of the address', async ({ open }) => {
  const page = await open(`${hook}${shareFragment([[2, '1']])}`)
  await cell(page, 2).locator('.cm-content').waitFor()
  await press(cell(page, 2), 'Reset')
  await cell(page, 2).locator('.cm-editor').waitFor({ state: 'detached' })
  await page.waitForFunction(() => location.hash === '')
})

test.for([
  ['cut', '#cells=W1sx'],
  ['no base64', '#cells=%%%'],
  ['empty', '#cells='],
  ['not UTF-8', '#cells=__8'],
  ['too long', `#cells=${'A'.repeat(9000)}`],
  ['deep', `#cells=${btoa('['.repeat(3000))}`],
  ['a prototype', `#cells=${btoa('[["__proto__","x"]]')}`],
  ['of a cell that is none', `#cells=${btoa('[[1e9,"x"]]')}`],
])(
  'a link that is %s is told in a sentence, and the page works',
  async ([, fragment], { open }) => {
    const page = await open(hook + fragment)
    await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
    await expect.poll(() => cells(page).locator('.cm-editor').count()).toBe(0)
    expect(await give(cell(page, 1), '6 * 7')).toBe('42')
  },
)

test('a cell too long for a link is told', async ({ open }) => {
  const page = await open()
  await write(cell(page, 1), `"${'x'.repeat(9000)}"`)
  await press(cell(page, 1), 'Link')
  await cell(page, 1).getByText('too long for a link').waitFor()
  await page.waitForFunction(() => location.hash === '')
})

test('two pages open at once do not hear each other', async ({ page, site }) => {
  const other = await page.context().newPage()
  await other.goto(site.address + hook)
  await hydrated(other)
  await write(cell(page, 1), 'await new Promise((done) => setTimeout(done, 300)); "one"')
  await write(cell(other, 1), '"other"')
  await Promise.all([press(cell(page, 1), 'Run'), press(cell(other, 1), 'Run')])
  await settled(cell(other, 1))
  await cell(page, 1).getByText("'one'").waitFor()
  expect(await outputText(cell(other, 1))).toBe("'other'")
})

test('a page that is hidden while a cell runs has its output when it is seen again', async ({
  page,
}) => {
  await write(cell(page, 1), 'await new Promise((done) => setTimeout(done, 500)); "done"')
  await press(cell(page, 1), 'Run')
  const other = await page.context().newPage()
  await other.goto('about:blank')
  await other.bringToFront()
  await other.waitForTimeout(1500)
  await page.bringToFront()
  await cell(page, 1).getByText("'done'").waitFor()
})

test('the heading of a section in the address leaves the cells alone', async ({ open }) => {
  const page = await open()
  await write(cell(page, 1), '"mine"')
  await page.locator('.table-of-contents a').nth(2).click()
  expect(await codeOf(page, 1)).toBe('"mine"')
  await page.goBack()
  expect(await codeOf(page, 1)).toBe('"mine"')
})
