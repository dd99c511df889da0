// SPDX-License-Identifier: GPL-2.0-only
// What the editor of a cell offers and tells.
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { cell, outputText, press, run, write } from './cell.ts'
import { askedBy, hook, pixelsBeyond, test } from './site.ts'

const offered = (page: Page) => page.locator('.cm-tooltip-autocomplete li')

/** Opens the editor of cell `n` with this code in it and the cursor at its end. */
async function edit(page: Page, n: number, code: string): Promise<void> {
  await write(cell(page, n), code)
  await page.keyboard.press('Control+End')
}

const cases: readonly [typed: string, above: string, word: string][] = [
  ['mm.mm', '', 'mmap'],
  ['mm.vm', '', 'vmas'],
  ['PAGE_SI', '', 'PAGE_SIZE'],
  ['mine.vm_en', 'const [mine] = new Mm(linux()).vmas()', 'vm_end'],
  ['min', 'const mineOwn = 1', 'mineOwn'],
  ["file('/dev/x', { mmap_pr", '', 'mmap_prepare'],
  ["file('/dev/x', { mmap_prepare(desc) { desc.privat", '', 'private_data'],
  ['mm.mmap({ le', '', 'len'],
]

describe('completion', () => {
  for (const [typed, above, word] of cases)
    test(`${typed} offers ${word}${above && `, after ${above}`}`, async ({ page }) => {
      if (above) await write(cell(page, 1), above)
      const at = cell(page, 2)
      await write(at, '')
      await at.locator('.cm-content').pressSequentially(typed)
      await offered(page).filter({ hasText: word }).first().waitFor()
    })

  test('by keyboard alone: Ctrl-Space, an arrow, Enter; then Shift-Enter runs', async ({
    page,
  }) => {
    const at = cell(page, 1)
    await edit(page, 1, 'mm.map_c')
    await page.keyboard.press('Control+Space')
    await offered(page).first().waitFor()
    // What has just come up is not taken by a key that was meant for the text.
    await page.waitForTimeout(150)
    await page.keyboard.press('Enter')
    expect(await at.locator('.cm-content').innerText()).toBe('mm.map_count')
    await page.keyboard.press('Shift+Enter')
    await at.locator('[data-output]').getByText('0', { exact: true }).waitFor()
  })

  test('nothing of it is loaded before a cell is edited', async ({ page }) => {
    const asked = askedBy(page)
    await run(cell(page, 1))
    expect(asked.filter((one) => one.endsWith('api.json'))).toEqual([])
    await press(cell(page, 1), 'Edit')
    await cell(page, 1).locator('.cm-content').pressSequentially('m')
    await offered(page).first().waitFor()
    expect(asked.filter((one) => one.endsWith('api.json'))).toEqual(['/live/api.json'])
  })

  test('without it the editor edits', async ({ visit }) => {
    const page = await visit(hook, { mayComplain: true })
    await page.route('**/api.json', (route) => route.abort())
    const at = cell(page, 1)
    await write(at, '')
    await at.locator('.cm-content').pressSequentially('6 * 7; mm')
    await write(at, '6 * 7')
    await run(at)
    expect(await outputText(at)).toBe('42')
  })
})

describe('types and comments', () => {
  test('by pointing', async ({ page }) => {
    await edit(page, 1, 'mm.mmap')
    await cell(page, 1)
      .locator('.cm-line')
      .getByText('mmap')
      .last()
      .hover({ position: { x: 12, y: 6 } })
    const told = page.locator('.cm-tooltip-hover .vl-told')
    await told.waitFor()
    expect(await told.innerText()).toContain('mmap(request: MmapArguments): number')
    expect(await told.innerText()).toContain('the address of the new mapping')
  })

  test('by Ctrl-I at the cursor, until it moves', async ({ page }) => {
    await edit(page, 1, 'const [vma] = mm.vmas()\nvma')
    await page.keyboard.press('Control+i')
    await page.locator('.vl-told').getByText('vma: vm_area_struct').waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.locator('.vl-told').waitFor({ state: 'detached' })
  })

  test('of a name that holds HTML stay text', async ({ page }) => {
    await edit(page, 1, 'const vma = mm.vmas()[0] // <img src=x onerror="document.title=1">\nvma')
    await page.keyboard.press('Control+i')
    await page.locator('.vl-told').waitFor()
    expect(await page.locator('.vl-told img').count()).toBe(0)
  })

  test('fit a phone', async ({ visit }) => {
    const page = await visit(hook, { viewport: { width: 375, height: 800 } })
    await edit(page, 1, 'equivalent')
    await page.keyboard.press('Control+i')
    await page.locator('.vl-told').waitFor()
    expect(await pixelsBeyond(page)).toBe(0)
  })
})
