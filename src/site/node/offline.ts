// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Book } from '../offline/book.ts'
import { bundle } from './bundle.ts'
import { filesBelow } from './files.ts'

/** Notebooks are there to be downloaded, not to be read; the others serve search engines and hosts. */
const leftOut = /^(notebooks\/|img\/social|sitemap\.xml$|offline\.js$|\.nojekyll$)/

/** Writes the service worker of the site that was built into `out`: offline.js, which keeps every page. */
export async function writeOffline(sources: string, out: string): Promise<void> {
  const define = { BOOK: JSON.stringify(await bookOf(out)) }
  await writeFile(join(out, 'offline.js'), await bundle(join(sources, 'offline/worker.ts'), define))
}

async function bookOf(out: string): Promise<Book> {
  const paths = (await filesBelow(out)).filter((path) => !leftOut.test(path))
  const digests = paths.map(async (path) => {
    const content = await readFile(join(out, path))
    return [path, createHash('sha256').update(content).digest('hex').slice(0, 16)] as const
  })
  return Object.fromEntries(await Promise.all(digests))
}
