// SPDX-License-Identifier: GPL-2.0-only
import type { KernelClient } from '../jupyter/index.ts'
import {
  CellOutputs,
  outputDifference,
  type StoredCell,
  type StoredNotebook,
  sourceText,
  tagsOf,
} from '../literate/index.ts'

/** How the cells of a file are to be run. */
export interface RunOptions {
  /** What messages call the notebook. */
  readonly file: string
  /** Its cells come from a page, which has no outputs; a cell that may fail must. */
  readonly isPage: boolean
  readonly check: boolean
  readonly allowErrors: boolean
  /** Seconds that a cell may take. */
  readonly timeout: number
}

/** How it went. */
export interface Ran {
  /** With the outputs of this run. */
  readonly notebook: StoredNotebook
  /** Cells that ran. */
  readonly count: number
  readonly failed: number
  /** Cells whose outputs are not those stored. */
  readonly different: number
}

/** A cell that neither ends nor hears an interrupt for so many seconds is given up, and the file with it. */
const patience = 10

/** Runs the code cells of a notebook in order and tells on the way what goes wrong. */
export async function runCells(
  notebook: StoredNotebook,
  kernel: KernelClient,
  options: RunOptions,
): Promise<Ran> {
  const cells: StoredCell[] = [...notebook.cells]
  const codeCells = [...cells.entries()].filter(([, cell]) => isRun(cell))
  const sums = { count: 0, failed: 0, different: 0 }
  for (const [index, cell] of codeCells) {
    // The number that the kernel counts too.
    const at = `${options.file}: cell ${++sums.count}`
    showProgress(`${at} of ${codeCells.length}`)
    const outputs = new CellOutputs()
    const problem = await runCell(cell, kernel, options, outputs)
    showProgress('')
    cells[index] = { ...cell, execution_count: sums.count, outputs: outputs.outputs }
    if (options.check) {
      if (!tellDifference(at, cell, outputs, options)) sums.different++
    } else {
      tellOutputs(outputs)
    }
    if (problem === undefined) continue
    sums.failed++
    process.stderr.write(`${at}: ${problem.told}\n`)
    if (problem.isLast || !options.allowErrors) break
  }
  return { notebook: { ...notebook, cells }, ...sums }
}

/** Jupyter does not run a cell without code either. */
function isRun(cell: StoredCell): boolean {
  return cell.cell_type === 'code' && sourceText(cell).trim() !== ''
}

interface Problem {
  readonly told: string
  /** No further cell can be run. */
  readonly isLast?: boolean
}

async function runCell(
  cell: StoredCell,
  kernel: KernelClient,
  { isPage, timeout }: RunOptions,
  outputs: CellOutputs,
): Promise<Problem | undefined> {
  const mayFail = tagsOf(cell).includes('raises-exception')
  let tooLong = false
  let giveUp: (error: Error) => void = () => {}
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject
  })
  const timers = [
    setTimeout(() => {
      tooLong = true
      kernel.interrupt().catch(() => {})
    }, timeout * 1000),
    setTimeout(
      () => giveUp(new Error('the kernel did not hear the interrupt either')),
      (timeout + patience) * 1000,
    ),
  ]
  try {
    const execution = kernel.execute(sourceText(cell), (type, content) =>
      outputs.take(type, content),
    )
    const { status, traceback, ename, evalue } = await Promise.race([execution, givenUp])
    if (tooLong) return { told: `it did not end within ${timeout} s and was interrupted` }
    const error = Array.isArray(traceback) ? traceback.join('\n') : `${ename}: ${evalue}`
    if (status !== 'ok' && (!mayFail || ename === typeError)) return { told: error }
    if (status === 'ok' && mayFail && isPage)
      return { told: 'it is fenced "throws" but ends without an error' }
    return undefined
  } catch (error) {
    return { told: error instanceof Error ? error.message : String(error), isLast: true }
  } finally {
    for (const timer of timers) clearTimeout(timer)
  }
}

/** An error of the type checker: never one that a cell is meant to end in. */
const typeError = 'TypeScriptError'

/** Prints where a cell's outputs differ from those stored; returns whether they are the same. */
function tellDifference(
  at: string,
  cell: StoredCell,
  { outputs }: CellOutputs,
  { isPage }: RunOptions,
): boolean {
  if (isPage || tagsOf(cell).includes('volatile')) return true
  const difference = outputDifference(cell.outputs ?? [], outputs)
  if (difference !== undefined) process.stdout.write(`${at}, outputs: ${difference}\n`)
  return difference === undefined
}

/** Prints outputs as text; an error is told apart. */
function tellOutputs({ outputs }: CellOutputs): void {
  for (const output of outputs) {
    if (output.output_type === 'stream') process.stdout.write(output.text.join(''))
    if (!('data' in output)) continue
    const text = output.data['text/plain']
    if (Array.isArray(text)) process.stdout.write(`${text.join('')}\n`)
  }
}

/** One line that the next one overwrites, on a terminal only; '' removes it. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}
