// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeApi } from '../../src/site/node/write_api.ts'

let checkout = ''
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'vmalab-api-'))
  for (const [file, text] of fresh) write(file, text)
})
afterEach(() => rmSync(checkout, { recursive: true }))

const fresh = [
  ['dist/index.d.ts', "export * from './mm/vma.ts'"],
  ['dist/mm/vma.d.ts', '/** One. */\nexport declare const one: number'],
  ['dist/mm/vma.js', 'export const one = 1'],
  ['dist/site/node/api.js', 'reads'],
  ['package-lock.json', '{}'],
] as const

function write(file: string, text: string): void {
  mkdirSync(dirname(join(checkout, file)), { recursive: true })
  writeFileSync(join(checkout, file), text)
}

/** Writes the API with a reader that gives a declaration back as it is; tells what is shipped. */
async function ship(): Promise<string> {
  const path = join(checkout, 'out/api.json')
  let isRead = false
  await writeApi({ checkout, path, memory: join(checkout, 'made/api') }, async (declarations) => {
    isRead = true
    return { vma: readFileSync(join(declarations, 'mm/vma.d.ts'), 'utf8') }
  })
  return `${isRead ? 'read' : 'kept'} ${JSON.parse(readFileSync(path, 'utf8')).vma}`
}

describe('an API that was read before', () => {
  const one = '/** One. */\nexport declare const one: number'

  it.each([
    ['with a change of code alone', 'dist/mm/vma.js', 'export const one = 2', `kept ${one}`],
    ['with a changed comment', 'dist/mm/vma.d.ts', '/** Two. */', 'read /** Two. */'],
    ['with a new declaration file', 'dist/mm/page.d.ts', '', `read ${one}`],
    ['with another reader', 'dist/site/node/api.js', 'reads more', `read ${one}`],
    ['with another compiler', 'package-lock.json', '{"packages":{}}', `read ${one}`],
    ['with its memory cut short', 'made/api', 'af', `read ${one}`],
  ])('%s', async (_name, file, text, shipped) => {
    expect(await ship()).toBe(`read ${one}`)
    write(file, text)
    expect(await ship()).toBe(shipped)
    expect(await ship()).toBe(shipped.replace('read', 'kept'))
  })
})
