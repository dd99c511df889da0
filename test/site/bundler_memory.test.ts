// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundlerMemory } from '../../src/site/node/bundler_memory.ts'

let checkout = ''
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'vmalab-bundled-'))
  write('dist/mm/vma.js', 'export const pages = 1')
  write('dist/site/node/remark_live.js', 'one')
  write('.live/pages/index.json', '{"cells":[]}')
  write('package-lock.json', '{}')
})
afterEach(() => rmSync(checkout, { recursive: true }))

function write(file: string, text: string): void {
  mkdirSync(dirname(join(checkout, file)), { recursive: true })
  writeFileSync(join(checkout, file), text)
}

/** The bundler builds; tells whether it finds what it made before. */
async function build(address = 'http://localhost/'): Promise<string> {
  const folder = await bundlerMemory(checkout, [address])
  const found = existsSync(folder)
  mkdirSync(folder, { recursive: true })
  return found ? 'as before' : 'anew'
}

describe('what the bundler made', () => {
  it.each([
    ['with nothing changed', 'dist/.built', '', 'as before'],
    ['with a byte of the model changed', 'dist/mm/vma.js', 'export const pages = 2', 'anew'],
    ['with a new file of the model', 'dist/eras/new.js', '', 'anew'],
    ['with a plugin changed', 'dist/site/node/remark_live.js', 'two', 'anew'],
    ['with another output of a cell', '.live/pages/index.json', '{"cells":[1]}', 'anew'],
    ['with another package', 'package-lock.json', '{"packages":{}}', 'anew'],
  ])('%s', async (_name, file, text, made) => {
    expect(await build()).toBe('anew')
    write(file, text)
    expect(await build()).toBe(made)
    expect(await build()).toBe('as before')
  })

  it('is made anew for another address, and again for the first', async () => {
    const made = [await build(), await build('http://localhost/below/'), await build()]
    expect(made).toEqual(['anew', 'anew', 'anew'])
  })
})
