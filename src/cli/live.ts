// SPDX-License-Identifier: GPL-2.0-only
// What `vmalab pages` and `vmalab notebooks` share: the docs pages and their run.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Session } from '../jupyter/index.ts'
import {
  type CellOutput,
  type ExecutedCell,
  type ExecutedPage,
  type LiveCell,
  type Page,
  PageError,
  parsePage,
} from '../literate/index.ts'
import { UsageError } from './command.ts'
import type { Watchdog } from './watchdog.ts'

/** The checkout. */
export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A page of docs/ as read. */
export interface DocsPage {
  /** Below docs/, without its ending: `hooks/mmap_prepare`. */
  readonly name: string
  /** The file, as messages name it. */
  readonly path: string
  readonly page: Page
}

/** What runs cells: a session of the kernel's engine. */
export type CellRunner = Pick<Session, 'execute' | 'close'>

/** What runs the cells of one page after another. */
export type PageRunner = CellRunner & Pick<Session, 'knownNames' | 'restart'>

/** A page could not be read, or a cell of it did not do what its fence says. */
export class CellFailure extends Error {
  override name = 'CellFailure'
}

/** The pages below `docs` that are named, all of them by default. A name that is no page's is a UsageError. */
export async function readPages(docs: string, names: readonly string[]): Promise<DocsPage[]> {
  const known = await pageNames(docs)
  const chosen = names.map((name) => choose(known, docs, name))
  return Promise.all(
    (names.length > 0 ? known.filter((name) => chosen.includes(name)) : known).map((name) =>
      readPage(docs, name),
    ),
  )
}

async function pageNames(docs: string): Promise<string[]> {
  const entries = await readdir(docs, { recursive: true, withFileTypes: true }).catch(() => {
    throw new UsageError(`${docs} is not a folder of pages; name one with --docs`)
  })
  return entries
    .filter((entry) => entry.isFile() && /^[^_].*\.md$/.test(entry.name))
    .map((entry) => relative(docs, join(entry.parentPath, entry.name)).slice(0, -'.md'.length))
    .map((name) => name.split(sep).join('/'))
    .sort()
}

/** A page is named by its address below docs/ or by its file. */
function choose(known: readonly string[], docs: string, asked: string): string {
  const byFile = relative(docs, resolve(asked)).split(sep).join('/')
  const found = [asked, byFile]
    .map((name) => name.replace(/\.md$/, ''))
    .find((name) => known.includes(name))
  if (found === undefined)
    throw new UsageError(`no page ${JSON.stringify(asked)}; the pages are ${known.join(', ')}`)
  return found
}

async function readPage(docs: string, name: string): Promise<DocsPage> {
  const path = relative(process.cwd(), join(docs, `${name}.md`))
  try {
    return { name, path, page: parsePage(await readFile(path, 'utf8')) }
  } catch (error) {
    if (error instanceof PageError)
      throw new CellFailure(`${path}:${error.message.slice('line '.length)}`)
    throw error
  }
}

/**
 * Runs a page's cells in order in what `open` gives, where nothing ran before. Throws {@link CellFailure} at the first cell
 * that ends in an error, or that is fenced `throws` and does not; a type error is never meant.
 */
export async function runPage(
  docsPage: DocsPage,
  open: () => Promise<PageRunner>,
  watchdog: Watchdog,
): Promise<ExecutedPage> {
  const { name, path, page } = docsPage
  const cells: ExecutedCell[] = []
  if (page.cells.length === 0) return { page: name, cells }
  const session = await open()
  for (const cell of page.cells) {
    watchdog.expect(`${path}:${cell.line}: cell ${cells.length + 1}`)
    const { outputs } = await session.execute(cell.code)
    watchdog.done()
    requireMeant(docsPage, cell, cells.length + 1, outputs)
    const { code, volatile } = cell
    cells.push({ code, volatile, outputs: volatile ? [] : outputs, names: session.knownNames() })
  }
  return { page: name, cells }
}

function requireMeant(
  { path }: DocsPage,
  cell: LiveCell,
  number: number,
  outputs: readonly CellOutput[],
): void {
  const at = `${path}:${cell.line}: cell ${number}`
  const error = outputs.find((output) => output.type === 'error')
  if (!error && cell.throws)
    throw new CellFailure(`${at} is fenced "throws" but ends without an error`)
  if (!error || (cell.throws && error.ename !== typeError)) return
  const told = [
    `${at}: ${error.ename}: ${error.evalue}`,
    ...error.traceback.map((line) => `  ${line}`),
  ]
  throw new CellFailure(told.join('\n'))
}

/** How the session names an error of the type checker: never an error that a cell is meant to end in. */
const typeError = 'TypeScriptError'
