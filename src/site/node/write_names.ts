// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExecutedPage } from '../../literate/index.ts'
import { packNames } from '../live/names.ts'
import { filesBelow } from './files.ts'

/** Writes for each page with cells, of those that `vmalab pages` wrote to `pages`, what its names are to `out`/PAGE.json. */
export async function writeNames(pages: string, out: string): Promise<void> {
  await rm(out, { recursive: true, force: true })
  for (const name of await filesBelow(pages)) {
    const { cells }: ExecutedPage = JSON.parse(await readFile(join(pages, name), 'utf8'))
    if (cells.length === 0) continue
    await mkdir(dirname(join(out, name)), { recursive: true })
    await writeFile(join(out, name), JSON.stringify(packNames(cells)))
  }
}
