// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { figureForms } from '../figures/index.ts'
import {
  type CellOutput,
  differences,
  type ExecutedPage,
  FIGURE_MIME,
  type MimeBundle,
  type Notebook,
  notebookText,
  toNotebook,
} from '../literate/index.ts'
import { type Figure, MARKUP_MIME } from '../trace/index.ts'
import type { Command } from './command.ts'
import { type DocsPage, type PageRunner, readPages, root } from './live.ts'
import type { PageMemory } from './page_memory.ts'
import { checkoutMemory, openSession, runEach } from './pages.ts'

const help = `usage: vmalab notebooks [--check] [--dir DIR] [--docs DIR] [PAGE...]

Runs the cells of every docs page (or of those named) and writes DIR/PAGE.ipynb with what they
gave: the same bytes each time.

  --check      write nothing; print where a notebook differs from its page and fail
  --dir DIR    the folder of the notebooks (default: notebooks in the checkout)
  --docs DIR   the folder of the pages (default: docs in the checkout)
`

/** `vmalab notebooks`: a notebook for each page, or whether they are in step. */
export const command: Command = {
  summary: 'write the notebooks of the pages, or check that they are in step',
  help,
  run: async (args) => notebooks(args, openSession, await checkoutMemory()),
}

/** The command with the session's maker as a value. Resolves to the exit status. */
export async function notebooks(
  args: readonly string[],
  open: () => Promise<PageRunner> = openSession,
  memory?: PageMemory,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { check: { type: 'boolean' }, dir: { type: 'string' }, docs: { type: 'string' } },
    allowPositionals: true,
  })
  const dir = resolve(values.dir ?? join(root, 'notebooks'))
  const chosen = await readPages(resolve(values.docs ?? join(root, 'docs')), positionals)
  let stale = 0
  const done = async ({ name, page }: DocsPage, executed: ExecutedPage) => {
    const notebook = toNotebook(page, await drawFigures(executed))
    const file = join(dir, `${name}.ipynb`)
    if (!values.check) await write(file, notebook)
    else if (!(await isInStep(file, notebook))) stale++
  }
  const status = await runEach(chosen, open, done, memory)
  if (positionals.length === 0)
    stale += await countOrphans(dir, new Set(chosen.map(({ name }) => name)))
  if (stale > 0) process.stderr.write('run "npm run notebooks" to bring the notebooks into step\n')
  return stale > 0 ? 1 : status
}

async function write(file: string, notebook: Notebook): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, notebookText(notebook))
}

async function isInStep(file: string, notebook: Notebook): Promise<boolean> {
  const shown = relative(process.cwd(), file)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  const found = text === undefined ? ['the file is missing'] : differences(notebook, text)
  for (const difference of found) process.stdout.write(`${shown}: ${difference}\n`)
  return found.length === 0
}

/** Notebooks that a page once made and that no page makes now. A reader's own notebook in the folder is none. */
async function countOrphans(dir: string, names: ReadonlySet<string>): Promise<number> {
  const files = await readdir(dir, { recursive: true }).catch(() => [])
  let count = 0
  for (const file of files.map((name) => name.replaceAll('\\', '/')).sort()) {
    const name = /^((?:[^.][^/]*\/)*[^.][^/]*)\.ipynb$/.exec(file)?.[1]
    if (name === undefined || names.has(name)) continue
    const id = /"id": "(.*)-1"/.exec(await readFile(join(dir, file), 'utf8'))?.[1]
    if (id === undefined || !name.replaceAll('/', '-').endsWith(id)) continue
    process.stdout.write(
      `${relative(process.cwd(), join(dir, file))}: no page has this notebook; delete it\n`,
    )
    count++
  }
  return count
}

/** Figures become SVG, as a notebook has nobody to draw them. */
async function drawFigures(executed: ExecutedPage): Promise<ExecutedPage> {
  const cells = executed.cells.map(async (cell) => ({
    ...cell,
    outputs: await Promise.all(cell.outputs.map(drawn)),
  }))
  return { ...executed, cells: await Promise.all(cells) }
}

async function drawn(output: CellOutput): Promise<CellOutput> {
  if (!('data' in output)) return output
  const { [FIGURE_MIME]: figure, [MARKUP_MIME]: _, ...rest } = output.data
  if (figure === undefined) return { ...output, data: rest as MimeBundle }
  const forms = await figureForms(figure as Figure)
  return { ...output, data: { ...rest, ...forms } as MimeBundle }
}
