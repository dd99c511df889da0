// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readPages, root } from '../../src/cli/live.ts'
import { notebooks } from '../../src/cli/notebooks.ts'
import { pages } from '../../src/cli/pages.ts'
import * as front from '../../src/index.ts'
import type { ExecutedPage } from '../../src/literate/index.ts'
import { openSession } from '../../src/site/live/session.ts'
import { displayError } from '../../src/trace/index.ts'

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

  it('have notebooks in step with them', async () => {
    expect(await told(() => notebooks(['--check']))).toBe('done')
  })

  const stored = (name: string): ExecutedPage =>
    JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8'))

  it.each(names)('%s: every value is told in text too', (name) => {
    for (const { outputs } of stored(name).cells)
      for (const output of outputs)
        if ('data' in output) expect(output.data['text/plain']).toMatch(/\S/)
  })

  it.each(names)("%s: the page's runner gives what is stored", async (name) => {
    const session = openSession({
      front,
      prelude: { mm: new front.Mm(front.linux('7.3')) },
      display: front.display,
      displayError,
    })
    for (const [index, { code, volatile, outputs }] of stored(name).cells.entries()) {
      const given = await session.run(code)
      if (!volatile)
        expect({ cell: index + 1, outputs: given }).toEqual({ cell: index + 1, outputs })
    }
  })
})
