// SPDX-License-Identifier: GPL-2.0-only
import { firstDifference } from './differences.ts'
import { type NotebookData, type NotebookOutput, notebookData, splitLines } from './notebook.ts'
import { FIGURE_MIME } from './output.ts'

/** A notebook that somebody wrote, checked as far as running it needs; what else it has is kept as it is. */
export interface StoredNotebook {
  readonly cells: readonly StoredCell[]
  readonly [key: string]: unknown
}

/** A cell of it. Only a code cell has outputs. */
export interface StoredCell {
  readonly cell_type: 'code' | 'markdown' | 'raw'
  readonly source: string | readonly string[]
  readonly outputs?: readonly object[]
  readonly [key: string]: unknown
}

/** A notebook breaks a rule of its format: the message names the cell and the rule. */
export class NotebookError extends Error {
  override name = 'NotebookError'
}

/** Reads a notebook's text. Throws {@link NotebookError}. */
export function parseNotebook(text: string): StoredNotebook {
  const value = parseJson(text)
  if (!isObject(value)) throw new NotebookError('a notebook is a JSON object')
  const { nbformat, cells } = value
  if (nbformat !== 4)
    throw new NotebookError(
      `"nbformat" is ${show(nbformat)}, not 4: open the notebook in Jupyter and save it`,
    )
  if (!Array.isArray(cells)) throw new NotebookError(`"cells" is ${show(cells)}, not a list`)
  for (const [index, cell] of cells.entries()) requireCell(cell, `cells[${index}]`)
  requireOurs(value)
  return value as unknown as StoredNotebook
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new NotebookError(`a notebook is JSON: ${why}`)
  }
}

function requireCell(cell: unknown, name: string): void {
  if (!isObject(cell)) throw new NotebookError(`${name} is ${show(cell)}, not an object`)
  const { cell_type, source, outputs, metadata } = cell
  if (!['code', 'markdown', 'raw'].includes(String(cell_type)))
    throw new NotebookError(
      `${name}: "cell_type" is ${show(cell_type)}, not "code", "markdown" or "raw"`,
    )
  if (typeof source !== 'string' && !isLines(source))
    throw new NotebookError(`${name}: "source" is ${show(source)}, not text or a list of texts`)
  if (metadata !== undefined && !isObject(metadata))
    throw new NotebookError(`${name}: "metadata" is ${show(metadata)}, not an object`)
  if (cell_type === 'code' && !(Array.isArray(outputs) && outputs.every(isObject)))
    throw new NotebookError(`${name}: "outputs" is ${show(outputs)}, not a list of objects`)
}

/** A notebook of another language would be told a hundred type errors. */
function requireOurs({ metadata }: Readonly<Record<string, unknown>>): void {
  const spec = isObject(metadata) ? metadata.kernelspec : undefined
  const language = isObject(spec) ? spec.language : undefined
  if (typeof language === 'string' && !['typescript', 'javascript'].includes(language))
    throw new NotebookError(`its kernel speaks ${language}; only TypeScript is run here`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isLines = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string')

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

/** The text of a cell's source. */
export function sourceText({ source }: StoredCell): string {
  return typeof source === 'string' ? source : source.join('')
}

/** The words that a cell is tagged with. */
export function tagsOf({ metadata }: StoredCell): readonly string[] {
  return isObject(metadata) && isLines(metadata.tags) ? metadata.tags : []
}

/**
 * The outputs of a cell as the messages of its kernel give them: streams are joined, `clear_output` and
 * `update_display_data` do what they do in Jupyter.
 */
export class CellOutputs {
  private list: { output: NotebookOutput; display?: string }[] = []
  private clearing = false

  /** The outputs so far. */
  get outputs(): NotebookOutput[] {
    return this.list.map(({ output }) => output)
  }

  /** Takes a message; one that is no output changes nothing. */
  take(type: string, content: Readonly<Record<string, unknown>>): void {
    if (type === 'clear_output') {
      if (content.wait === true) this.clearing = true
      else this.list = []
      return
    }
    if (type === 'update_display_data') this.update(content)
    const output = notebookOutput(type, content)
    if (!output) return
    if (this.clearing) this.list = []
    this.clearing = false
    const before = this.list.at(-1)?.output
    if (
      output.output_type === 'stream' &&
      before?.output_type === 'stream' &&
      before.name === output.name
    ) {
      const text = splitLines([...before.text, ...output.text].join(''))
      this.list[this.list.length - 1] = { output: { ...before, text } }
    } else {
      const display = displayId(content)
      this.list.push(display === undefined ? { output } : { output, display })
    }
  }

  private update(content: Readonly<Record<string, unknown>>): void {
    const id = displayId(content)
    for (const one of this.list)
      if (id !== undefined && one.display === id && 'data' in one.output)
        one.output = { ...one.output, data: dataOf(content) }
  }
}

function displayId({ transient }: Readonly<Record<string, unknown>>): string | undefined {
  const id = isObject(transient) ? transient.display_id : undefined
  return typeof id === 'string' ? id : undefined
}

function dataOf({ data }: Readonly<Record<string, unknown>>): NotebookData {
  return notebookData(isObject(data) ? data : {})
}

function notebookOutput(
  type: string,
  content: Readonly<Record<string, unknown>>,
): NotebookOutput | undefined {
  const { name, text, ename, evalue, traceback, execution_count } = content
  const metadata = isObject(content.metadata) ? content.metadata : {}
  switch (type) {
    case 'stream': {
      const text_ = splitLines(String(text))
      return { output_type: 'stream', name: name === 'stderr' ? name : 'stdout', text: text_ }
    }
    case 'display_data':
      return { output_type: 'display_data', data: dataOf(content), metadata }
    case 'execute_result': {
      const count = Number(execution_count)
      const data = dataOf(content)
      return { output_type: 'execute_result', data, execution_count: count, metadata }
    }
    case 'error': {
      const lines = isLines(traceback) ? traceback : []
      return {
        output_type: 'error',
        ename: String(ename),
        evalue: String(evalue),
        traceback: lines,
      }
    }
    default:
      return undefined
  }
}

/**
 * The first difference between the outputs that a notebook has stored and those of a new run, as text; undefined when
 * they are the same. Counts and metadata do not matter, nor how a text is cut into lines or a stream into pieces.
 */
export function outputDifference(
  stored: readonly object[],
  now: readonly object[],
): string | undefined {
  const [before, after] = [readable(stored), readable(now)]
  return before.join('\n') === after.join('\n')
    ? undefined
    : firstDifference(before, after, ['stored', 'now'])
}

/** Outputs as lines to compare. */
function readable(outputs: readonly object[]): string[] {
  const lines: string[] = []
  let stream: unknown
  for (const output of outputs as readonly Record<string, unknown>[]) {
    const { output_type, name, text, data, ename, evalue, traceback } = output
    if (output_type === 'stream') {
      if (stream === name) lines.push(`${lines.pop() ?? ''}${joined(text)}`)
      else lines.push(`[${String(name)}]`, joined(text))
    } else if (output_type === 'error') {
      lines.push(
        `[error] ${String(ename)}: ${String(evalue)}`,
        ...(isLines(traceback) ? traceback : []),
      )
    } else {
      for (const [mime, value] of pictured(Object(data)))
        lines.push(`[${String(output_type)} ${mime}]`, joined(value))
    }
    stream = output_type === 'stream' ? name : undefined
  }
  return lines.flatMap((line) => line.replace(/\n$/, '').split('\n'))
}

/** The forms in a fixed order. What a picture was drawn from need not be stored beside it. */
function pictured(data: object): [string, unknown][] {
  const forms = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))
  return 'image/svg+xml' in data ? forms.filter(([mime]) => mime !== FIGURE_MIME) : forms
}

function joined(value: unknown): string {
  if (typeof value === 'string') return value
  return isLines(value) ? value.join('') : JSON.stringify(value, null, 1)
}
