// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { ExecutedPage } from '../literate/index.ts'
import { type DocsPage, root } from './live.ts'

/** What the cells of a page gave when they last ran. */
export interface PageMemory {
  /** What the page's cells, as they are now, gave with this very model; undefined when that is not known. */
  recall(docsPage: DocsPage): Promise<ExecutedPage | undefined>
  keep(docsPage: DocsPage, executed: ExecutedPage): Promise<void>
}

/**
 * A memory in `folder`, of the last run of each page. A run is known by all that it depends on: `model`, which
 * {@link modelKey} gives, and every cell of the page, since each depends on those above it.
 */
export function pageMemory(folder: string, model: string): PageMemory {
  const fileOf = ({ name }: DocsPage) => join(folder, `${name}.json`)
  const keyOf = ({ page }: DocsPage) =>
    digest([
      model,
      ...page.cells.map(({ code, throws, volatile }) => `${throws} ${volatile} ${code}`),
    ])
  return {
    recall: async (docsPage) => {
      const known = await readFile(fileOf(docsPage), 'utf8').then(parse, () => undefined)
      return known?.key === keyOf(docsPage) ? known.executed : undefined
    },
    keep: async (docsPage, executed) => {
      const file = fileOf(docsPage)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, JSON.stringify({ key: keyOf(docsPage), executed }))
    },
  }
}

/** A file that was cut short, as by a full disk, is no memory. */
function parse(text: string): { key: string; executed: ExecutedPage } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A digest of all that may change what a cell gives, its page aside: the compiled model and what runs it, the packages
 * installed and Node. Change a byte below `dist/`, but for the site's own part, and it is another.
 */
export async function modelKey(checkout: string = root): Promise<string> {
  const dist = join(checkout, 'dist')
  const entries = await readdir(dist, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && /\.(js|json|d\.ts)$/.test(entry.name))
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !name.startsWith('site/'))
    .sort()
  const contents = await Promise.all(files.map((name) => readFile(join(dist, name), 'utf8')))
  const lock = await readFile(join(checkout, 'package-lock.json'), 'utf8').catch(() => '')
  return digest([process.version, lock, ...files, ...contents])
}

/** Of texts of which none runs into the next. */
function digest(texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex')
}
