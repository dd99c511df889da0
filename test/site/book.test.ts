// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { zipNotebooks } from '../../src/site/node/book.ts'

test('the archive has every notebook, and the same bytes each time', async () => {
  const archive = await zipNotebooks('notebooks')
  const files = unzipSync(archive)
  const stored = readdirSync('notebooks', { recursive: true, encoding: 'utf8' })
  const names = stored.filter((name) => name.endsWith('.ipynb'))
  expect(names.length).toBeGreaterThan(20)
  expect(Object.keys(files).sort()).toEqual(
    ['vmalab/README.txt', ...names.map((name) => `vmalab/${name}`)].sort(),
  )
  const figures = strFromU8(files['vmalab/figures.ipynb'] ?? new Uint8Array())
  expect(figures).toBe(readFileSync(join('notebooks', 'figures.ipynb'), 'utf8'))
  expect(Buffer.from(await zipNotebooks('notebooks')).equals(Buffer.from(archive))).toBe(true)
})
