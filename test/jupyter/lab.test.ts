// SPDX-License-Identifier: GPL-2.0-only
// The kernel in a real JupyterLab, and Notebook, in a real browser. Pictures of what was seen are left in .live/lab.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort, openScratch, root, type Scratch } from './scratch.ts'

/** What JupyterLab tells of itself, as far as it is asked here. */
interface Lab {
  readonly commands: { execute(name: string, args: object): Promise<unknown> }
  readonly shell: { readonly currentWidget: NotebookPanel | null }
}

interface NotebookPanel {
  readonly content?: {
    readonly model?: { readonly cells: Iterable<LabCell> & { readonly length: number } }
    readonly activeCell: { readonly model: LabCell } | null
  }
  readonly sessionContext: { readonly session?: { readonly kernel?: { readonly status: string } } }
}

interface LabCell {
  readonly type: string
  readonly executionCount?: number | null
  readonly sharedModel: { getSource(): string; setSource(code: string): void }
}

declare global {
  interface Window {
    readonly jupyterapp?: Lab
  }
}

const pictures = join(root, '.live', 'lab')
let scratch: Scratch
let server: ChildProcess
let browser: Browser
let address: string

beforeAll(async () => {
  scratch = openScratch()
  mkdirSync(pictures, { recursive: true })
  const notebooks = join(scratch.folder, 'notebooks')
  cpSync(join(root, 'notebooks'), notebooks, { recursive: true })
  // Every cell is in the page, also where it is not in sight; nobody asks for news.
  const settings = join(scratch.folder, 'config', 'labconfig')
  mkdirSync(settings, { recursive: true })
  writeFileSync(
    join(settings, 'default_setting_overrides.json'),
    JSON.stringify({
      '@jupyterlab/notebook-extension:tracker': { windowingMode: 'none' },
      '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false },
    }),
  )
  const port = await freePort()
  address = `http://127.0.0.1:${port}`
  server = spawn(
    scratch.program('jupyter'),
    [
      'lab',
      '--no-browser',
      '--allow-root',
      '--expose-app-in-browser',
      '--JupyterNotebookApp.expose_app_in_browser=True',
      `--port=${port}`,
      `--ServerApp.root_dir=${notebooks}`,
      '--IdentityProvider.token=t',
    ],
    { env: scratch.env, stdio: 'ignore' },
  )
  while (!(await fetch(`${address}/api/status?token=t`).catch(() => null))?.ok)
    await new Promise((resolve) => setTimeout(resolve, 300))
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
})
afterAll(async () => {
  await browser?.close()
  if (server) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
  }
  scratch?.remove()
})

const open = async (path: string): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 1400 } })
  page.setDefaultTimeout(60_000)
  await page.goto(`${address}/${path}?token=t`)
  await page.waitForFunction(() => {
    const panel = window.jupyterapp?.shell.currentWidget
    return (
      (panel?.content?.model?.cells.length ?? 0) > 0 &&
      panel?.sessionContext.session?.kernel?.status === 'idle'
    )
  })
  return page
}

const command = (page: Page, id: string, args = {}): Promise<void> =>
  page.evaluate(
    ([name, args]) => {
      void window.jupyterapp?.commands.execute(name, args)
    },
    [id, args] as const,
  )

/** Asks of each cell with code in the notebook that is open: waits until all answer yes. */
const allCells = (page: Page, state: 'ran' | 'clear'): Promise<unknown> =>
  page.waitForFunction(
    (wanted) => {
      const model = window.jupyterapp?.shell.currentWidget?.content?.model
      const cells = [...(model?.cells ?? [])].filter(
        (cell) => cell.type === 'code' && cell.sharedModel.getSource().trim() !== '',
      )
      return (
        cells.length > 0 &&
        cells.every((cell) => (typeof cell.executionCount === 'number') === (wanted === 'ran'))
      )
    },
    state,
    { timeout: 60_000 },
  )

const clear = async (page: Page): Promise<void> => {
  await command(page, 'notebook:clear-all-cell-outputs')
  await allCells(page, 'clear')
}

const figures = (page: Page) =>
  page.locator(
    '.jp-OutputArea-output img[src^="data:image/svg"], .jp-RenderedSVG img, .jp-RenderedSVG svg',
  )

it('JupyterLab runs a page, completes, is interrupted, and restarts', async () => {
  const page = await open('lab/tree/hooks/mmap_prepare.ipynb')
  await clear(page)
  await command(page, 'notebook:run-all-cells')
  await allCells(page, 'ran')
  await figures(page).first().waitFor()
  await figures(page).first().scrollIntoViewIfNeeded()
  const box = await figures(page).first().boundingBox()
  expect(box?.height).toBeGreaterThan(50)
  await page.screenshot({ path: join(pictures, 'run-all.png') })

  // A new cell at the end, in which the names of the model are offered.
  await page.locator('.jp-CodeCell').last().click()
  await command(page, 'notebook:insert-cell-below')
  await command(page, 'notebook:enter-edit-mode')
  await page.waitForFunction(() => document.activeElement?.classList.contains('cm-content'))
  await page.keyboard.type('mm.')
  const offered = page.locator('.jp-Completer-item', { hasText: 'mmap' }).first()
  await page.keyboard.press('Tab')
  await offered.waitFor()
  await page.screenshot({ path: join(pictures, 'completion.png') })
  await page.evaluate(() => {
    const notebook = window.jupyterapp?.shell.currentWidget?.content
    if (!notebook?.activeCell) throw new Error('no cell is active')
    notebook.activeCell.model.sharedModel.setSource('while(true){}')
  })
  await command(page, 'notebook:run-cell')
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.jp-InputPrompt')].some((one) => one.textContent === '[*]:'),
  )
  await page.waitForTimeout(500)
  await command(page, 'notebook:interrupt-kernel')
  await page.locator('.jp-OutputArea-output', { hasText: 'Interrupted' }).first().waitFor()
  await page.screenshot({ path: join(pictures, 'interrupted.png') })

  await command(page, 'notebook:delete-cell')
  await clear(page)
  await command(page, 'notebook:restart-run-all')
  await page.locator('.jp-Dialog .jp-mod-accept').click()
  await allCells(page, 'ran')
  const first = page.locator('.jp-CodeCell .jp-InputPrompt').first()
  expect(await first.textContent()).toBe('[1]:')
  await figures(page).first().waitFor()
  await page.screenshot({ path: join(pictures, 'restarted.png') })
  await page.close()
})

it('JupyterLab walks through a call when it trusts the notebook, and shows its picture when not', async () => {
  const page = await open('lab/tree/internals/unmapping.ipynb')
  const walked = page.locator('.jp-OutputArea-output', { has: page.locator('img[alt*="munmap"]') })
  const picture = walked.locator('img:visible').first()
  await picture.waitFor()
  expect((await picture.boundingBox())?.height).toBeGreaterThan(100)
  // What is stored came from elsewhere: its scripts are taken out, and no word of them is left.
  expect(await walked.first().innerText()).toBe('')
  expect(await page.getByRole('slider').count()).toBe(0)
  await page.screenshot({ path: join(pictures, 'untrusted.png') })

  await clear(page)
  await command(page, 'notebook:run-all-cells')
  await allCells(page, 'ran')
  const slider = page.locator('.jp-OutputArea-output').getByRole('slider').first()
  await slider.scrollIntoViewIfNeeded()
  await slider.focus()
  const active = page.locator('.jp-Cell.jp-mod-active:visible')
  const before = await active.getAttribute('data-windowed-list-index')
  expect(before).toMatch(/^\d+$/)
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key)
  expect(await slider.inputValue()).toBe('2')
  await page.keyboard.press('End')
  expect(await slider.inputValue()).toBe(await slider.getAttribute('max'))
  expect(await active.getAttribute('data-windowed-list-index')).toBe(before)
  expect(await page.locator('.vl-cursor:visible').count()).toBe(1)
  // JupyterLab's own style of lists must not reach this one.
  const term = await page.locator('.vl-moment dt').last().boundingBox()
  const told = await page.locator('.vl-moment dd').last().boundingBox()
  expect(told?.x).toBeGreaterThan((term?.x ?? 0) + (term?.width ?? 0))
  expect(Math.abs((told?.y ?? 0) - (term?.y ?? 0))).toBeLessThan(5)
  await page.screenshot({ path: join(pictures, 'stepper.png') })
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' })
  await page.waitForFunction(() => document.body.dataset.jpThemeLight === 'false')
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' })
  await page.screenshot({ path: join(pictures, 'stepper-dark.png') })
  await page.close()
})

it('a notebook as HTML walks through a call without a server', async () => {
  const notebook = join(root, 'notebooks/internals/unmapping.ipynb')
  const { status, stderr } = scratch.run('jupyter', [
    'nbconvert',
    '--to',
    'html',
    '--output-dir',
    scratch.folder,
    notebook,
  ])
  expect([status, stderr]).toEqual([0, expect.stringContaining('unmapping.html')])
  const context = await browser.newContext({ offline: true })
  const page = await context.newPage()
  await page.goto(`file://${join(scratch.folder, 'unmapping.html')}`)
  const slider = page.getByRole('slider').first()
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  expect(await slider.inputValue()).toBe('2')
  await page.locator('dt', { hasText: 'Locks' }).first().waitFor()
  await page.screenshot({ path: join(pictures, 'nbconvert.png') })
  await context.close()
})

it('Notebook 7 runs a page', async () => {
  const page = await open('notebooks/hooks/mmap_prepare.ipynb')
  await clear(page)
  await command(page, 'notebook:run-all-cells')
  await allCells(page, 'ran')
  await figures(page).first().waitFor()
  await page.screenshot({ path: join(pictures, 'notebook7.png') })
  await page.close()
})
