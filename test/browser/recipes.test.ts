// SPDX-License-Identifier: GPL-2.0-only
// What is copied from the page of a recipe is what was compiled, to the byte.
import { existsSync, readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import {
  patchName,
  patchOf,
  type Report,
  readRecipe,
  recipes,
  reportPaths,
  sha256Of,
} from '../../src/recipes/index.ts'
import { cell, outputOf, run } from './cell.ts'
import { clipboardOf, test } from './site.ts'

/** What `npm run recipes:compile` compiled, if it ran here. */
const compiled: Report | undefined = existsSync(reportPaths.compiled)
  ? JSON.parse(readFileSync(reportPaths.compiled, 'utf8'))
  : undefined

/** What each name on a page stands for: the files on disk, and the patches between them. */
function expectedOf(name: string): Map<string, string> {
  const source = readRecipe(name)
  const expected = new Map<string, string>()
  for (const file of source.files) {
    expected.set(file.name, readFileSync(`src/drivers/${name}/${file.name}`, 'utf8'))
    if (file.base !== null) expected.set(patchName(file), patchOf(source, file))
  }
  return expected
}

async function copied(page: Page, button: Locator): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText('nothing was copied'))
  await button.click()
  await expect.poll(() => clipboardOf(page)).not.toBe('nothing was copied')
  return clipboardOf(page)
}

test.for(recipes.map(({ name }) => name))(
  'every Copy of %s gives the bytes of its file',
  async (name, { site, visit }) => {
    const page = await visit(`/recipes/${name}`)
    const expected = expectedOf(name)
    const left = new Set(expected.keys())
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      for (const box of await page.locator('[role="tabpanel"]:visible .vl-c').all()) {
        const link = box.locator('.vl-bar > a')
        const file = await link.innerText()
        const text = await copied(page, box.getByRole('button', { name: 'Copy', exact: true }))
        expect(sha256Of(text), file).toBe(sha256Of(expected.get(file) ?? 'no such file'))
        const served = await page.request.get(site.address + (await link.getAttribute('href')))
        expect(sha256Of((await served.body()).toString('utf8')), file).toBe(sha256Of(text))
        const outcome = compiled?.outcomes[`${name}/${file}`]
        if (outcome) expect(outcome.sha256, `${file} as it was compiled`).toBe(sha256Of(text))
        left.delete(file)
      }
    }
    expect([...left]).toEqual([])
  },
)

test.runIf(compiled?.skipped === null)('every before.c and after.c was compiled', () => {
  const wanted = recipes.flatMap(({ name }) => [`${name}/before.c`, `${name}/after.c`])
  expect(Object.keys(compiled?.outcomes ?? {})).toEqual(expect.arrayContaining(wanted))
})

/** The code that an element shows, its lines as they are. */
const codeIn = (box: Locator) =>
  box
    .locator('.token-line')
    .evaluateAll((lines) =>
      lines.map((line) => `${line.textContent?.replace(/\n$/, '')}\n`).join(''),
    )

test('Copy the hook gives the part that is in view', async ({ visit }) => {
  const page = await visit('/recipes/io_bar')
  const panel = page.locator('[role="tabpanel"]:visible')
  const text = await copied(page, panel.getByRole('button', { name: 'Copy the hook' }))
  expect(text).toMatch(/^static int io_bar_mmap_prepare\([\s\S]*\};\n$/)
  expect(await codeIn(panel.locator('.vl-matters'))).toBe(text)
})

describe('the tabs', () => {
  const path = '/recipes/reference_counted'
  const chosen = (page: Page) => page.locator('[role="tab"][aria-selected="true"]').innerText()

  test('are walked through by the keyboard', async ({ visit }) => {
    const page = await visit(path)
    expect(await chosen(page)).toBe('after')
    await page.getByRole('tab', { name: 'after' }).focus()
    const told: string[] = []
    for (const key of ['ArrowRight', 'ArrowRight', 'End', 'ArrowRight', 'ArrowLeft', 'Home']) {
      await page.keyboard.press(key)
      expect(await page.locator(':focus').innerText()).toBe(await chosen(page))
      told.push(await chosen(page))
    }
    expect(told).toEqual([
      'diff',
      '7.1 to 7.2.9',
      '6.19 and 7.0',
      'before',
      '6.19 and 7.0',
      'before',
    ])
    await expect.poll(() => page.locator('[data-variant]:visible').count()).toBe(1)
  })

  test('open for a link to what is in one', async ({ visit }) => {
    const page = await visit(`${path}#what-changes-and-why`)
    expect(await chosen(page)).toBe('diff')
    await page.evaluate(() => {
      location.hash = '#beforec-the-legacy-hook'
    })
    await page.locator('[role="tab"][aria-selected="true"]').getByText('before').waitFor()
    await page.getByRole('tab', { name: '6.19' }).click()
    expect(new URL(page.url()).hash).toBe('#after-619c-converted-for-older-releases')
  })

  test('are sections, one below the other, without JavaScript and on paper', async ({ visit }) => {
    for (const printed of [false, true]) {
      const page = await visit(path, { javaScriptEnabled: printed })
      if (printed) await page.emulateMedia({ media: 'print' })
      await expect.poll(() => page.getByRole('tab').count()).toBe(0)
      await expect.poll(() => page.locator('[data-variant]:visible').count()).toBe(5)
      const { files } = readRecipe('reference_counted')
      const shown = await Promise.all((await page.locator('.vl-c').all()).map(codeIn))
      for (const { text } of files) expect(shown).toContain(text)
    }
  })
})

test.for([
  [1600, 'beside'],
  [1280, 'below'],
  [375, 'below'],
] as const)('at %i px the model runs %s the C', async ([width, where], { visit }) => {
  const viewport = { width, height: 900 }
  const page = await visit('/recipes/dev_mem', { viewport })
  const [c, model] = await Promise.all([
    page.locator('.vl-variants').boundingBox(),
    page.locator('.vl-recipe section[data-cell="1"]').boundingBox(),
  ])
  const isBeside = (model?.x ?? 0) >= (c?.x ?? 0) + (c?.width ?? 0)
  expect(isBeside ? 'beside' : 'below').toBe(where)
  await run(cell(page, 1))
  await outputOf(cell(page, 1)).locator('svg:visible').first().waitFor()
})
