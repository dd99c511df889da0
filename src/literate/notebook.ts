// SPDX-License-Identifier: GPL-2.0-only

import { notebookLinks } from './links.ts'
import type { CellOutput, ExecutedPage } from './output.ts'
import type { LiveCell, Page, Prose } from './page.ts'

/** A notebook as nbformat 4.5 stores it. */
export interface Notebook {
  readonly cells: readonly NotebookCell[]
  readonly metadata: {
    readonly kernelspec: {
      readonly display_name: string
      readonly language: string
      readonly name: string
    }
    readonly language_info: Readonly<Record<string, unknown>>
  }
  readonly nbformat: 4
  readonly nbformat_minor: 5
}

/** Text in a notebook is a list of lines that keep their ends. */
export type Lines = readonly string[]

/** A cell of a notebook. */
export type NotebookCell =
  | {
      readonly cell_type: 'markdown'
      readonly id: string
      readonly metadata: Readonly<Record<string, never>>
      readonly source: Lines
    }
  | {
      readonly cell_type: 'code'
      readonly execution_count: number
      readonly id: string
      readonly metadata: { readonly tags?: readonly string[] }
      readonly outputs: readonly NotebookOutput[]
      readonly source: Lines
    }

/** An output of a code cell, in the order in which the cell gave them. */
export type NotebookOutput =
  | { readonly output_type: 'stream'; readonly name: 'stdout' | 'stderr'; readonly text: Lines }
  | { readonly output_type: 'display_data'; readonly data: NotebookData; readonly metadata: object }
  | {
      readonly output_type: 'execute_result'
      readonly data: NotebookData
      readonly execution_count: number
      readonly metadata: object
    }
  | {
      readonly output_type: 'error'
      readonly ename: string
      readonly evalue: string
      readonly traceback: readonly string[]
    }

/** A MIME bundle with text as lines and JSON as it is. */
export type NotebookData = Readonly<Record<string, unknown>>

/** As the kernel tells Jupyter, but for the compiler's version: a notebook does not change with it. */
const metadata: Notebook['metadata'] = {
  kernelspec: {
    display_name: 'vmalab (Linux mmap model)',
    language: 'typescript',
    name: 'vmalab',
  },
  language_info: {
    codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
    file_extension: '.ts',
    mimetype: 'text/typescript',
    name: 'typescript',
    nbconvert_exporter: 'script',
    pygments_lexer: 'typescript',
  },
}

/**
 * The notebook of a page: its prose and cells, with the outputs of `executed`; a volatile cell has none. The ids
 * follow from the page's name and the position. Throws RangeError when `executed` ran other cells than the page has.
 */
export function toNotebook(page: Page, executed: ExecutedPage): Notebook {
  requireSameCells(page, executed)
  const slug = executed.page.replace(/[^A-Za-z0-9_-]+/g, '-').slice(-56)
  const cells: NotebookCell[] = []
  let count = 0
  for (const part of page.parts) {
    const id = `${slug}-${cells.length + 1}`
    if (part.kind === 'cell') {
      const outputs = executed.cells[count]?.outputs ?? []
      cells.push(codeCell(part, id, ++count, outputs))
    } else if (part.text.trim() !== '') {
      cells.push(markdownCell(part, id))
    }
  }
  return { cells, metadata, nbformat: 4, nbformat_minor: 5 }
}

function requireSameCells(page: Page, executed: ExecutedPage): void {
  const stale = page.cells.findIndex((cell, index) => cell.code !== executed.cells[index]?.code)
  const extra = executed.cells.length > page.cells.length ? page.cells.length : -1
  const at = stale < 0 ? extra : stale
  if (at >= 0)
    throw new RangeError(
      `${executed.page}: the run's cell ${at + 1} is not the page's; run the page again`,
    )
}

function markdownCell({ text }: Prose, id: string): NotebookCell {
  const source = splitLines(notebookLinks(trimBlankLines(text)))
  return { cell_type: 'markdown', id, metadata: {}, source }
}

function trimBlankLines(text: string): string {
  return text.replace(/^(?:[ \t]*(?:\r\n|\r|\n))+/, '').replace(/\s+$/, '')
}

function codeCell(
  cell: LiveCell,
  id: string,
  count: number,
  outputs: readonly CellOutput[],
): NotebookCell {
  const tags = [
    // nbclient goes on after a cell with this tag.
    ...(cell.throws ? ['raises-exception'] : []),
    ...(cell.volatile ? ['volatile'] : []),
  ]
  return {
    cell_type: 'code',
    execution_count: count,
    id,
    metadata: tags.length > 0 ? { tags } : {},
    outputs: cell.volatile ? [] : outputs.map((output) => notebookOutput(output, count)),
    source: splitLines(cell.code),
  }
}

function notebookOutput(output: CellOutput, count: number): NotebookOutput {
  switch (output.type) {
    case 'stream':
      return { output_type: 'stream', name: output.name, text: splitLines(output.text) }
    case 'display':
      return { output_type: 'display_data', data: notebookData(output.data), metadata: {} }
    case 'result': {
      const data = notebookData(output.data)
      return { output_type: 'execute_result', data, execution_count: count, metadata: {} }
    }
    case 'error': {
      const { ename, evalue, traceback } = output
      return { output_type: 'error', ename, evalue, traceback }
    }
  }
}

/** A bundle as a notebook stores it. */
export function notebookData(bundle: Readonly<Record<string, unknown>>): NotebookData {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => [
      mime,
      typeof value === 'string' && !/^application\/(.*\+)?json$/.test(mime)
        ? splitLines(value)
        : value,
    ]),
  )
}

/** Cuts where Jupyter cuts (Python's splitlines), so that saving a notebook in Jupyter changes nothing. */
export function splitLines(text: string): string[] {
  const ends = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029'
  return text.match(new RegExp(`[^${ends}]*(?:\\r\\n|[${ends}])|[^${ends}]+$`, 'g')) ?? []
}

/** The file's text as Jupyter writes it: keys sorted, one blank of indent, a line end after the last brace. */
export function notebookText(notebook: object): string {
  return `${JSON.stringify(notebook, sortKeys, 1)}\n`
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // Integer-like keys would come first whatever their order: none occur in a notebook.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
