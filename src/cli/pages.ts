// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ExecutedPage } from '../literate/index.ts'
import type { Command } from './command.ts'
import { CellFailure, type CellRunner, type DocsPage, readPages, root, runPage } from './live.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

const help = `usage: vmalab pages [--out DIR] [--docs DIR] [PAGE...]

Runs the cells of every docs page (or of those named, such as hooks/mmap_prepare), each page in
a fresh session, and writes what they gave to DIR/PAGE.json for the site.

  --out DIR    where to write (default: .live/pages in the checkout)
  --docs DIR   the folder of the pages (default: docs in the checkout)

Fails, after all pages ran, when a cell ended in an error that its fence does not announce
("ts live throws"), announced one that did not come, or does not type check.
`

/** `vmalab pages`: the cells' outputs as JSON, for the site's build. */
export const command: Command = {
  summary: "run every page's cells and write their outputs",
  help,
  run: (args) => pages(args),
}

/** The command with the session's maker as a value. Resolves to the exit status. */
export async function pages(
  args: readonly string[],
  open: () => Promise<CellRunner> = openSession,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: 'string' }, docs: { type: 'string' } },
    allowPositionals: true,
  })
  const out = resolve(values.out ?? join(root, '.live/pages'))
  const chosen = await readPages(resolve(values.docs ?? join(root, 'docs')), positionals)
  return runEach(chosen, open, async (_page, executed) => {
    const file = join(out, `${executed.page}.json`)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${JSON.stringify(executed)}\n`)
  })
}

/** A session of the kernel's engine; loaded here, since it takes a second. */
export async function openSession(): Promise<CellRunner> {
  const { openSession } = await import('../jupyter/index.ts')
  return openSession()
}

/**
 * Runs pages one after another with a line of progress each and hands over each that ran as meant. Resolves to 1 when
 * one did not, having told why, else to 0.
 */
export async function runEach(
  chosen: readonly DocsPage[],
  open: () => Promise<CellRunner>,
  done: (docsPage: DocsPage, executed: ExecutedPage) => Promise<void>,
): Promise<number> {
  const watchdog = startWatchdog(CELL_LIMIT)
  try {
    return await runWatched(chosen, open, done, watchdog)
  } finally {
    await watchdog.close()
  }
}

/** A cell of a page may take this long, in seconds. */
const CELL_LIMIT = 60

async function runWatched(
  chosen: readonly DocsPage[],
  open: () => Promise<CellRunner>,
  done: (docsPage: DocsPage, executed: ExecutedPage) => Promise<void>,
  watchdog: Watchdog,
): Promise<number> {
  let failed = 0
  for (const docsPage of chosen) {
    const began = Date.now()
    try {
      const executed = await runPage(docsPage, open, watchdog)
      await done(docsPage, executed)
      const seconds = ((Date.now() - began) / 1000).toFixed(1)
      process.stderr.write(`${docsPage.name}: ${executed.cells.length} cells, ${seconds} s\n`)
    } catch (error) {
      if (!(error instanceof CellFailure)) throw error
      failed++
      process.stderr.write(`${error.message}\n`)
    }
  }
  if (failed > 0) process.stderr.write(`${failed} of ${chosen.length} pages failed\n`)
  return failed > 0 ? 1 : 0
}
