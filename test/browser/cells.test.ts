// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import {
  cell,
  cells,
  give,
  linesOf,
  outputOf,
  outputText,
  phase,
  press,
  run,
  seen,
  settled,
  write,
} from './cell.ts'
import { hook, test } from './site.ts'

const stored = join(import.meta.dirname, '../../.live/pages')
const cellPages = readdirSync(stored, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .filter((file) => JSON.parse(readFileSync(join(stored, file), 'utf8')).cells.length > 0)
  .map((file) => `/${file.slice(0, -'.json'.length)}`.replace(/\/index$/, ''))
  .sort()

describe('Run', () => {
  for (const path of cellPages)
    test(`gives the published output of every cell of ${path}`, async ({ visit }) => {
      const page = await visit(path)
      const all = await cells(page).all()
      const published = await Promise.all(all.map((at) => seen(at)))
      const last = page.locator('section[data-cell]:not(:has(textarea))').last()
      await run(last)
      for (const [i, at] of all.entries())
        expect(await seen(at), `cell ${i + 1}`).toEqual(published[i])
    })

  test('runs the cells above first, as they are now', async ({ page }) => {
    await write(cell(page, 1), 'const demo = 41\nconsole.log("above")')
    expect(await give(cell(page, 2), 'demo + 1')).toBe('42')
    expect(await outputText(cell(page, 1))).toBe('above')
  })

  test('twice is as once', async ({ page }) => {
    const at = cell(page, 1)
    const code =
      'mm.mmap({ len: 1, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS })\nmm.map_count'
    expect(await give(at, code)).toBe('1')
    await run(at)
    expect(await outputText(at)).toBe('1')
  })

  test('stops where a cell above fails', async ({ page }) => {
    await write(cell(page, 1), '\nnope()')
    await run(cell(page, 3))
    expect(await outputText(cell(page, 3))).toBe('Not run: cell 1 above ended in an error.')
    expect(await outputText(cell(page, 1))).toContain(
      'ReferenceError: nope is not defined\n    at cell 1, line 2',
    )
  })

  test('goes on after a cell that is meant to fail', async ({ page }) => {
    await run(cell(page, 3))
    expect(await outputText(cell(page, 2))).toMatch(/^KernelError/)
    expect(await outputText(cell(page, 3))).toContain('call_mmap_prepare')
  })

  const stray: readonly [name: string, code: string][] = [
    ['a rejection that nobody handles', '\nPromise.reject(new Error("stray"))\n1'],
    [
      'a timer that throws',
      '\nsetTimeout(() => { throw new Error("stray") })\nawait new Promise((done) => setTimeout(done, 20))\n1',
    ],
  ]
  for (const [name, code] of stray)
    test(`tells ${name}, and stops there`, async ({ page }) => {
      const at = cell(page, 1)
      expect((await give(at, code)).split(/\s*\n\s*/)).toEqual(
        expect.arrayContaining(['1', 'Error: stray', 'at cell 1, line 2']),
      )
      await run(cell(page, 2))
      expect(await outputText(cell(page, 2))).toContain('Not run: cell 1')
    })

  test('works when the server is gone after the first time', async ({ visit }) => {
    const page = await visit(hook, { mayComplain: true })
    await run(cell(page, 1))
    await page.context().setOffline(true)
    await run(cell(page, 1))
    await expect.poll(() => outputOf(cell(page, 1)).locator('svg:visible').count()).toBe(1)
  })
})

describe('Edit and Reset', () => {
  test('an edited cell gives a new output, with a figure', async ({ page }) => {
    const at = cell(page, 1)
    await give(
      at,
      "mm.mmap({ len: 3 * PAGE_SIZE, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS })\nlayout(mm, { title: 'Mine' })",
    )
    expect(await outputOf(at).locator('svg:visible title').first().textContent()).toBe('Mine')
  })

  test('Shift-Enter in the editor runs, Tab leaves it', async ({ page }) => {
    const at = cell(page, 1)
    await write(at, '6 * 7')
    await page.keyboard.press('Shift+Enter')
    await outputOf(at).getByText('42', { exact: true }).waitFor()
    await page.keyboard.press('Tab')
    await expect.poll(() => at.locator('.cm-content:focus').count()).toBe(0)
  })

  test('Reset restores code and output', async ({ page }) => {
    const at = cell(page, 1)
    const code = await linesOf(at.locator('pre').first())
    const output = await seen(at)
    expect(await give(at, '"changed"')).toBe("'changed'")
    await press(at, 'Reset')
    await at.locator('.cm-editor').waitFor({ state: 'detached' })
    expect(await linesOf(at.locator('pre').first())).toEqual(code)
    expect(await seen(at)).toEqual(output)
    await press(at, 'Edit')
    expect(await linesOf(at.locator('.cm-content'))).toEqual(code)
  })

  test('every button is reached and pressed by keyboard', async ({ page }) => {
    const at = cell(page, 1)
    await at.getByRole('button', { name: 'Run', exact: true }).focus()
    await page.keyboard.press('Enter')
    await settled(at)
    for (const name of ['Stop', 'Edit', 'Reset']) {
      await page.keyboard.press('Tab')
      expect(await page.locator(':focus').innerText()).toBe(name)
    }
  })
})

describe('Stop', () => {
  const endless: readonly [name: string, code: string][] = [
    ['a loop', 'for (;;) {}'],
    ['a loop of microtasks', 'const f = (): Promise<void> => Promise.resolve().then(f); await f()'],
    ['a promise that never settles', 'await new Promise(() => {})'],
    ['a loop that prints', 'for (;;) console.log("x".repeat(1000))'],
    ['a loop that displays', 'for (;;) await new Promise((done) => setTimeout(done))'],
    [
      'a loop in a worker of its own',
      'new Worker(URL.createObjectURL(new Blob(["for(;;){}"]))); for (;;) {}',
    ],
  ]
  for (const [name, code] of endless)
    test(`ends ${name} while the page lives`, async ({ visit }) => {
      const page = await visit(hook, { mayComplain: true })
      const at = cell(page, 1)
      await write(at, code)
      await press(at, 'Run')
      await phase(at, 'running')
      // The page answers, and draws.
      await page.evaluate(async () => {
        for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame)
      })
      await press(at, 'Stop')
      // The time limit would say something else.
      await outputOf(at).getByText('Stopped.', { exact: true }).waitFor()
      await expect.poll(() => page.locator('iframe').count()).toBe(0)
      expect(await give(at, '1 + 1')).toBe('2')
    })

  test('what was printed before stays', async ({ page }) => {
    const at = cell(page, 1)
    await write(at, 'console.log("first")\nconsole.log("second")\nfor (;;) {}')
    await press(at, 'Run')
    await outputOf(at).getByText('second').waitFor()
    await press(at, 'Stop')
    await outputOf(at).getByText('Stopped.').waitFor()
    expect(await outputText(at)).toMatch(/^first\nsecond\s+Stopped\.$/)
  })

  test('the time limit ends a loop by itself', async ({ page }) => {
    const at = cell(page, 1)
    await page.clock.install()
    await write(at, 'for (;;) {}')
    await press(at, 'Run')
    await phase(at, 'running')
    await page.clock.fastForward('00:29')
    expect(await at.getAttribute('data-phase')).toBe('running')
    await page.clock.fastForward('00:02')
    await settled(at)
    expect(await outputText(at)).toBe(
      'Stopped: the cell did not end within 30 seconds. It takes too long, or too much memory.',
    )
  })
})

describe('what a cell cannot do', () => {
  const harmless: readonly [name: string, code: string][] = [
    ['fetch', 'await fetch(address + "/secret/fetch").then(() => "got", () => "blocked")'],
    [
      'a fetch that does not wait',
      'await fetch(address + "/secret/nocors", { mode: "no-cors" }).then(() => "got", () => "blocked")',
    ],
    [
      'importScripts',
      '(() => { try { importScripts(address + "/secret/script"); return "got" } catch { return "blocked" } })()',
    ],
    ['import()', 'await import(address + "/secret/module").then(() => "got", () => "blocked")'],
    [
      'a WebSocket',
      'await new Promise((done) => { try { const s = new WebSocket(address.replace("http", "ws") + "/secret/socket"); s.onopen = () => done("got"); s.onerror = () => done("blocked") } catch { done("blocked") } })',
    ],
    [
      'an EventSource',
      'await new Promise((done) => { const s = new EventSource(address + "/secret/events"); s.onopen = () => done("got"); s.onerror = () => done("blocked") })',
    ],
    [
      'storage',
      'await Promise.resolve().then(() => indexedDB.open("x")).then(() => "got", () => "blocked")',
    ],
    [
      'a fetch from a worker of its own',
      'await new Promise((done) => { const inner = new Worker(URL.createObjectURL(new Blob(["fetch(" + JSON.stringify(address + "/secret/inner") + ").then(() => postMessage(\'got\'), () => postMessage(\'blocked\'))"]))); inner.onmessage = ({ data }) => done(data); inner.onerror = () => done("blocked") })',
    ],
    [
      'an XMLHttpRequest',
      'await new Promise((done) => { const r = new XMLHttpRequest(); r.onload = () => done("got"); r.onerror = () => done("blocked"); try { r.open("GET", address + "/secret/xhr"); r.send() } catch { done("blocked") } })',
    ],
    [
      'the book that is kept for reading offline',
      'await Promise.resolve().then(() => caches.open("vmalab")).then(() => "got", () => "blocked")',
    ],
    ['the page by a message of its own', 'typeof postMessage === "function" ? "got" : "blocked"'],
  ]
  for (const [name, code] of harmless)
    test(name, async ({ site, visit }) => {
      const page = await visit(hook, { mayComplain: true })
      await write(cell(page, 1), `const address = ${JSON.stringify(site.address)}`)
      expect(await give(cell(page, 2), code)).toBe("'blocked'")
      expect(site.stolen).toEqual([])
    })

  test('a message of anyone else is no message of the frame', async ({ page }) => {
    const at = cell(page, 1)
    await write(at, 'await new Promise((done) => setTimeout(done, 4000))\n"true"')
    await press(at, 'Run')
    await phase(at, 'running')
    await page.evaluate(async () => {
      const other = document.createElement('iframe')
      other.setAttribute('sandbox', 'allow-scripts')
      const forged = [
        { type: 'output', cell: 0, output: { type: 'stream', name: 'stdout', text: 'forged' } },
        { type: 'end', cell: 0, failed: false },
        { type: 'done' },
      ]
      other.srcdoc = `<script>for (const m of ${JSON.stringify(forged)}) parent.postMessage(m, '*')</script>`
      const loaded = new Promise((done) => other.addEventListener('load', done))
      document.body.append(other)
      await loaded
      for (const message of forged) postMessage(message, '*')
      other.remove()
    })
    await settled(at)
    expect(await outputText(at)).toBe("'true'")
  })

  test('a prototype cannot be changed from a cell', async ({ page }) => {
    const code = `Object.prototype.polluted = 1
Array.prototype.map = () => ['polluted']
const evil = JSON.parse('{"kind":"layout","data":{"vmas":[]},"options":{},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
;({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'mine', 'application/vnd.vmalab.figure+json': evil, __proto__: { polluted: 1 } }) })`
    await give(cell(page, 1), code)
    expect(
      await page.evaluate(() => [
        Reflect.has({}, 'polluted'),
        [1].map((one) => one + 1),
        Reflect.has(Object, 'polluted'),
      ]),
    ).toEqual([false, [2], false])
    await write(cell(page, 1), '1')
    expect(await give(cell(page, 2), '"a new run: " + Reflect.get({}, "polluted")')).toBe(
      "'a new run: undefined'",
    )
  })

  // Playwright takes the end of the frame's process for that of the page and then refuses to use the page.
  test('memory without end ends the cell, not the page', async ({ visit }) => {
    const page = await visit(hook, { mayComplain: true })
    const devtools = await page.context().newCDPSession(page)
    const evaluate = async (expression: string): Promise<unknown> =>
      (await devtools.send('Runtime.evaluate', { expression, returnByValue: true })).result.value
    const at = `document.querySelector('section[data-cell="1"]')`
    const click = (name: string) =>
      evaluate(
        `[...${at}.querySelectorAll('button')].find((b) => b.innerText === '${name}').click()`,
      )
    const ended = () => expect.poll(() => evaluate(`${at}.dataset.phase`)).toBe('idle')
    const output = () => evaluate(`${at}.querySelector('[data-output]').innerText.trim()`)
    const published = await output()
    const code = 'const kept: unknown[] = []\nfor (;;) kept.push(new Array(1e6).fill(kept.length))'
    await write(cell(page, 1), code)
    await click('Run')
    await ended()
    expect(await output()).toMatch(/^(Ended: |Stopped: |RangeError)/)
    expect(await evaluate(`document.querySelectorAll('iframe').length`)).toBe(0)
    await click('Reset')
    await click('Run')
    await ended()
    expect(await output()).toBe(published)
  })

  test('1 GB in one piece leaves the page alive', async ({ visit }) => {
    const page = await visit(hook, { mayComplain: true })
    const at = cell(page, 1)
    await give(at, 'new ArrayBuffer(2 ** 30).byteLength')
    expect(await give(at, '1 + 1')).toBe('2')
  })

  test('an output is text, never HTML', async ({ page }) => {
    const at = cell(page, 1)
    const html = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    await give(
      at,
      `console.log(${JSON.stringify(html)})\nlayout([{ id: ${JSON.stringify(html)}, start: 4096, end: 8192, perms: 'rw-p', pgoff: 0, name: ${JSON.stringify(html)} }], { title: ${JSON.stringify(html)} })`,
    )
    expect(await outputText(at)).toContain(html)
    expect(await outputOf(at).locator('img, script').count()).toBe(0)
    expect(await page.title()).not.toMatch(/^[12]$/)
  })

  test('a figure of broken data is told, not drawn', async ({ page }) => {
    const code = `({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'mine', 'application/vnd.vmalab.figure+json': { kind: 'layout', data: { vmas: [{}] }, options: {} } }) })`
    const output = await give(cell(page, 1), code)
    expect(output).toMatch(/^mine\n\[no picture: data\.vmas\[0\]\.id: /)
  })

  test('10 MB of output are cut with a note', async ({ page }) => {
    const output = await give(
      cell(page, 1),
      'for (let i = 0; i < 1e5; i++) console.log("x".repeat(99))',
    )
    expect(output).toContain('[output stopped after 200000 characters; 98000 later prints cut]')
    expect(output.length).toBeLessThan(210_000)
  })

  test('nothing runs before Run is pressed', async ({ visit }) => {
    const page = await visit(`${hook}#run`)
    await page.waitForTimeout(300)
    await expect.poll(() => page.locator('iframe').count()).toBe(0)
  })
})

describe('a cell that reads the reader’s process', () => {
  const maps =
    '55b919129000-55b91912a000 r--p 00000000 fe:00 99 /bin/mine\n7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0 [stack]\n'

  test('says what to do while its box is empty, and reads what is pasted', async ({ visit }) => {
    const page = await visit('/your-process')
    const at = page.locator('section[data-cell]:has(textarea)')
    await run(at)
    expect(await outputText(at)).toContain('Paste the output of `cat /proc/self/maps` into the box')
    await at.getByLabel('Paste your /proc/PID/maps here').fill(maps)
    await run(at)
    await outputOf(at).locator('svg:visible').waitFor()
    expect(await outputOf(at).locator('svg:visible desc').textContent()).toContain('/bin/mine')
  })
})
