// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExecutedPage } from '../../literate/index.ts'
import { packNames } from '../live/names.ts'
import { filesBelow } from './files.ts'

/** Writes what the names are in the cells of the pages that `vmalab pages` wrote to the folder `pages`, as JSON. */
export async function writeNames(pages: string, path: string): Promise<void> {
  const executed = (await filesBelow(pages)).map(
    async (name): Promise<ExecutedPage> => JSON.parse(await readFile(join(pages, name), 'utf8')),
  )
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(packNames(await Promise.all(executed))))
}
