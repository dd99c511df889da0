// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readPages, root } from '../../src/cli/live.ts'
import { pages } from '../../src/cli/pages.ts'
import * as front from '../../src/index.ts'
import type { CellOutput, ExecutedPage } from '../../src/literate/index.ts'
import { openPlot } from '../../src/site/frame/plot.ts'
import { openSession } from '../../src/site/live/session.ts'
import { displayError, mentionsPlot } from '../../src/trace/index.ts'

const docs = join(root, 'docs')
const names = (await readPages(docs, [])).map(({ name }) => name)

/** Runs a command and gives what it wrote and its exit status, to be compared as one. */
async function told(act: () => Promise<number>): Promise<string> {
  let text = ''
  const write = (chunk: unknown) => {
    text += chunk
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(write),
    vi.spyOn(process.stderr, 'write').mockImplementation(write),
  ]
  try {
    const status = await act()
    return status === 0 ? 'done' : text
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

/** A page is given what it draws itself, never the HTML or SVG of a cell. */
function asData(output: CellOutput): CellOutput {
  if (!('data' in output)) return output
  const { 'text/html': _html, 'image/svg+xml': _svg, ...data } = output.data
  return { ...output, data }
}

describe('the pages of docs/', () => {
  let out = ''
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'vmalab-pages-'))
  })
  afterAll(() => rmSync(out, { recursive: true }))

  it('are there', () =>
    expect(names).toEqual(expect.arrayContaining(['hooks/mmap_prepare', 'your-process'])))

  it('run as their cells say', async () => {
    expect(await told(() => pages(['--out', out]))).toBe('done')
    const written = readdirSync(out, { recursive: true }).filter((file) =>
      String(file).endsWith('.json'),
    )
    expect(written.map((file) => String(file).slice(0, -5)).sort()).toEqual(names)
  })

  it('name no path of this machine in what they store', () => {
    for (const name of names)
      expect(readFileSync(join(out, `${name}.json`), 'utf8')).not.toContain(root)
  })

  // Notebooks hold the text of a function, which is as the compiler of the package wrote it.
  it('have notebooks in step with them', () => {
    const command = [join(root, 'bin/vmalab.mjs'), 'notebooks', '--check']
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  })

  const stored = (name: string): ExecutedPage =>
    JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8'))

  it.each(names)('%s: every value is told in text too', (name) => {
    for (const { outputs } of stored(name).cells)
      for (const output of outputs)
        if ('data' in output) expect(output.data['text/plain']).toMatch(/\S/)
  })

  it.each(names)("%s: the page's runner gives what is stored", async (name) => {
    const { cells } = stored(name)
    const plot = cells.some(({ code }) => mentionsPlot(code)) ? await openPlot() : {}
    const session = openSession({
      front,
      prelude: { mm: new front.Mm(front.linux('7.3')), ...plot },
      display: front.display,
      displayError,
    })
    for (const [index, { code, volatile, outputs }] of cells.entries()) {
      const given = await session.run(code)
      const cell = index + 1
      if (!volatile)
        expect({ cell, outputs: given }).toEqual({ cell, outputs: outputs.map(asData) })
    }
  })
})
