// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type KernelClient, startClient } from '../jupyter/index.ts'
import {
  NotebookError,
  notebookText,
  PageError,
  parseNotebook,
  parsePage,
  type StoredNotebook,
  toNotebook,
} from '../literate/index.ts'
import { type Command, UsageError } from './command.ts'
import { type Ran, runCells } from './run_cells.ts'

const help = `usage: vmalab run NOTEBOOK|PAGE... [--check] [--allow-errors] [-o FILE | --inplace] [--timeout SECONDS]

Runs the code cells of notebooks (.ipynb), or the live cells of Markdown pages (.md), each file in a kernel of its own
that starts in the file's folder. Needs no Python. Prints what the cells give as text; progress goes to stderr.

  --check            print nothing but where the outputs differ from those stored in the notebook, and fail; a cell
                     tagged "volatile" is run, not compared; a page stores no outputs, so only its errors count
  --allow-errors     go on after a cell that ends in an error; without it the file ends there
  -o FILE            write the notebook with its new outputs to FILE (one input), also when a cell failed
  --inplace          write each notebook back, unless a cell failed
  --timeout SECONDS  how long a cell may take (default 600); it is interrupted then

A cell tagged "raises-exception", or fenced "ts live throws", may end in an error. Ends with status 1 when another one
did, when a cell that is fenced "throws" did not, or when outputs differ.
`

/** `vmalab run`: notebooks and pages without Jupyter. */
export const command: Command = {
  summary: 'run notebooks or pages, without Jupyter or Python',
  help,
  run: (args) => runFiles(args),
}

interface Options {
  readonly check: boolean
  readonly allowErrors: boolean
  readonly output: string | undefined
  readonly inplace: boolean
  readonly timeout: number
}

/** The command with the kernel's maker as a value. Resolves to the exit status. */
export async function runFiles(
  args: readonly string[],
  start: (folder: string) => Promise<KernelClient> = startClient,
): Promise<number> {
  const { files, options } = readArguments(args)
  let failed = 0
  for (const file of files) if (!(await runFile(file, options, start))) failed++
  if (files.length > 1 && failed > 0)
    process.stderr.write(`${failed} of ${files.length} files failed\n`)
  return failed > 0 ? 1 : 0
}

function readArguments(args: readonly string[]): { files: string[]; options: Options } {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      'allow-errors': { type: 'boolean', default: false },
      output: { type: 'string', short: 'o' },
      inplace: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '600' },
    },
    allowPositionals: true,
  })
  const { check, output, inplace } = values
  const timeout = Number(values.timeout)
  if (files.length === 0) throw new UsageError('give a notebook or a page')
  const other = files.find((file) => !/\.(ipynb|md)$/.test(file))
  if (other !== undefined)
    throw new UsageError(`${other}: a notebook ends in .ipynb and a page in .md`)
  if (output !== undefined && inplace) throw new UsageError('-o and --inplace: give one')
  if (output !== undefined && files.length > 1)
    throw new UsageError(`-o takes one input, not ${files.length}; use --inplace`)
  const page = files.find((file) => file.endsWith('.md'))
  if (inplace && page !== undefined)
    throw new UsageError(`--inplace: ${page} is a page and stores no outputs; use -o FILE.ipynb`)
  if (!(timeout > 0 && timeout <= 86_400))
    throw new UsageError(`--timeout ${values.timeout}: give seconds, more than 0 and up to 86400`)
  return {
    files,
    options: { check, allowErrors: values['allow-errors'], output, inplace, timeout },
  }
}

/** Runs one file; resolves to whether it went as meant. */
async function runFile(
  file: string,
  options: Options,
  start: (folder: string) => Promise<KernelClient>,
): Promise<boolean> {
  const notebook = await readInput(file).catch(complainOf(file))
  if (!notebook) return false
  const began = Date.now()
  const kernel = await start(dirname(resolve(file)))
  const stop = (): void => {
    process.stderr.write('\n')
    void kernel.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', stop)
  let ran: Ran
  try {
    ran = await runCells(notebook, kernel, { ...options, file, isPage: file.endsWith('.md') })
  } finally {
    process.off('SIGINT', stop)
    await kernel.close()
  }
  const target = options.output ?? (options.inplace && ran.failed === 0 ? file : undefined)
  if (target !== undefined) await write(target, ran.notebook)
  const { count, failed, different } = ran
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  const found = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(different > 0 ? [`${different} with other outputs than stored`] : []),
  ]
  process.stderr.write(`${[`${file}: ${count} cells`, ...found, `${seconds} s`].join(', ')}\n`)
  return found.length === 0
}

async function readInput(file: string): Promise<StoredNotebook> {
  const text = await readFile(file, 'utf8')
  return file.endsWith('.md') ? pageAsNotebook(file, text) : parseNotebook(text)
}

/** A page as a notebook whose cells have not run. */
function pageAsNotebook(file: string, text: string): StoredNotebook {
  const page = parsePage(text)
  const cells = page.cells.map(({ code, volatile }) => ({ code, volatile, outputs: [] }))
  const name = relative(process.cwd(), file).replace(/\.md$/, '')
  return parseNotebook(notebookText(toNotebook(page, { page: name, cells })))
}

/** Tells why a file cannot be run. */
function complainOf(file: string): (error: unknown) => undefined {
  return (error) => {
    const told =
      error instanceof NotebookError || error instanceof PageError
        ? error.message
        : {
            ENOENT: 'there is no such file',
            EISDIR: 'it is a folder',
            EACCES: 'you may not read it',
          }[String(Reflect.get(Object(error), 'code'))]
    if (told === undefined) throw error
    process.stderr.write(`${file}: ${told}\n`)
  }
}

/** A reader of the file never sees half of it. */
async function write(path: string, notebook: object): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    await writeFile(unfinished, notebookText(notebook))
    await rename(unfinished, path)
  } catch (error) {
    throw new Error(`cannot write ${path}: ${error instanceof Error ? error.message : error}`)
  }
}
