// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { toRst } from '../literate/index.ts'
import type { Command } from './command.ts'
import { readPages, root } from './live.ts'
import { openSession, runEach } from './pages.ts'

const help = `usage: vmalab rst [--out DIR]

Writes the pages on hooks as reStructuredText in the form of the kernel's Documentation/: 80
columns, an SPDX line, C in code blocks, each cell with what it gave. Beside them an index, and
mmap_porting.rst, an entry for Documentation/filesystems/porting.rst.

  --out DIR   where to write (default: rst in the checkout); what was there is removed
`

/** `vmalab rst`: the hooks' pages for the kernel's documentation. */
export const command: Command = {
  summary: "write the hooks' pages as reStructuredText for the kernel's documentation",
  help,
  run: rst,
}

const HOOKS = 'hooks/'
const PORTING = 'converting/porting'

async function rst(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { out: { type: 'string' } } })
  const out = resolve(values.out ?? join(root, 'rst'))
  const all = await readPages(join(root, 'docs'), [])
  const chosen = all.filter(({ name }) => name.startsWith(HOOKS) || name === PORTING)
  const pages = new Set(chosen.map(({ name }) => basename(name)))
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const status = await runEach(chosen, openSession, async ({ name, page }, executed) => {
    const fragment = name === PORTING
    const text = toRst(page, executed, { pages, fragment })
    if (!fragment) await writeFile(join(out, `${basename(name)}.rst`), text)
    // What stands above the rule tells the reader of the site what the entry is.
    else await writeFile(join(out, 'mmap_porting.rst'), text.slice(text.indexOf('\n---\n') + 1))
  })
  const order = await Promise.all(
    chosen
      .filter(({ name }) => name !== PORTING)
      .map(async ({ name }) => ({ name: basename(name), at: await positionOf(name) })),
  )
  order.sort((a, b) => a.at - b.at)
  await writeFile(join(out, 'index.rst'), index(order.map(({ name }) => name)))
  return status
}

/** The place of a page among those beside it, as the sidebar of the site has it. */
async function positionOf(name: string): Promise<number> {
  const text = await readFile(join(root, 'docs', `${name}.md`), 'utf8')
  return Number(/^sidebar_position: (\d+)$/m.exec(text)?.[1] ?? Number.POSITIVE_INFINITY)
}

function index(names: readonly string[]): string {
  const title = 'The mmap hooks'
  return `.. SPDX-License-Identifier: GPL-2.0-only

${'='.repeat(title.length)}
${title}
${'='.repeat(title.length)}

The examples are programs for vmalab, a model of the mmap path that can be run.
What follows an example is what it gave.

.. toctree::
   :maxdepth: 1

${names.map((name) => `   ${name}`).join('\n')}
`
}
