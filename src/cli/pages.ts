// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ExecutedPage } from '../literate/index.ts'
import type { Command } from './command.ts'
import { CellFailure, type DocsPage, type PageRunner, readPages, root, runPage } from './live.ts'
import { modelKey, type PageMemory, pageMemory } from './page_memory.ts'
import { startWatchdog } from './watchdog.ts'

const help = `usage: vmalab pages [--out DIR] [--docs DIR] [PAGE...]

Runs the cells of every docs page (or of those named, such as hooks/mmap_prepare), each page in
a fresh session, and writes what they gave to DIR/PAGE.json for the site. A page whose cells ran
before with the same model is not run again: .live/memory has what they gave.

  --out DIR    where to write (default: .live/pages in the checkout)
  --docs DIR   the folder of the pages (default: docs in the checkout)

Fails, after all pages ran, when a cell ended in an error that its fence does not announce
("ts live throws"), announced one that did not come, or does not type check.
`

/** `vmalab pages`: the cells' outputs as JSON, for the site's build. */
export const command: Command = {
  summary: "run every page's cells and write their outputs",
  help,
  run: async (args) => pages(args, openSession, await checkoutMemory()),
}

/** The command with the session's maker as a value. Resolves to the exit status. */
export async function pages(
  args: readonly string[],
  open: () => Promise<PageRunner> = openSession,
  memory?: PageMemory,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: 'string' }, docs: { type: 'string' } },
    allowPositionals: true,
  })
  const out = resolve(values.out ?? join(root, '.live/pages'))
  const chosen = await readPages(resolve(values.docs ?? join(root, 'docs')), positionals)
  const done = async (_page: DocsPage, executed: ExecutedPage) => {
    const file = join(out, `${executed.page}.json`)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${JSON.stringify(executed)}\n`)
  }
  return runEach(chosen, open, done, memory)
}

/** What the cells of the checkout's pages gave with its model as it is compiled now. */
export async function checkoutMemory(): Promise<PageMemory> {
  return pageMemory(join(root, '.live/memory'), await modelKey())
}

/** A session of the kernel's engine; loaded here, since it takes a second. */
export async function openSession(): Promise<PageRunner> {
  const { openSession } = await import('../jupyter/index.ts')
  return openSession()
}

/**
 * Runs pages one after another, but for those that `memory` knows, with a line of progress each, and hands over each
 * that ran as meant. Resolves to 1 when one did not, having told why, else to 0.
 */
export async function runEach(
  chosen: readonly DocsPage[],
  open: () => Promise<PageRunner>,
  done: (docsPage: DocsPage, executed: ExecutedPage) => Promise<void>,
  memory?: PageMemory,
): Promise<number> {
  const watchdog = startWatchdog(CELL_LIMIT)
  let session: PageRunner | undefined
  const fresh = async (): Promise<PageRunner> => {
    await session?.restart()
    session ??= await open()
    return session
  }
  try {
    return await runWatched(chosen, done, memory, (page) => runPage(page, fresh, watchdog))
  } finally {
    session?.close()
    await watchdog.close()
  }
}

/** A cell of a page may take this long, in seconds. */
const CELL_LIMIT = 60

async function runWatched(
  chosen: readonly DocsPage[],
  done: (docsPage: DocsPage, executed: ExecutedPage) => Promise<void>,
  memory: PageMemory | undefined,
  run: (docsPage: DocsPage) => Promise<ExecutedPage>,
): Promise<number> {
  let failed = 0
  for (const docsPage of chosen) {
    const began = Date.now()
    try {
      const known = await memory?.recall(docsPage)
      const executed = known ?? (await run(docsPage))
      if (!known) await memory?.keep(docsPage, executed)
      await done(docsPage, executed)
      const how = known ? 'as before' : `${((Date.now() - began) / 1000).toFixed(1)} s`
      process.stderr.write(`${docsPage.name}: ${executed.cells.length} cells, ${how}\n`)
    } catch (error) {
      if (!(error instanceof CellFailure)) throw error
      failed++
      process.stderr.write(`${error.message}\n`)
    }
  }
  if (failed > 0) process.stderr.write(`${failed} of ${chosen.length} pages failed\n`)
  return failed > 0 ? 1 : 0
}
