// SPDX-License-Identifier: GPL-2.0-only
import { setImmediate } from 'node:timers'
import * as vmalab from '../index.ts'
import type { CellOutput } from '../literate/index.ts'
import { recipe } from '../recipes/index.ts'
import { display } from '../trace/index.ts'
import { plainBundle } from './bundle.ts'
import { captureStreams } from './capture.ts'
import { preludeSource, processMaps } from './prelude.ts'
import { trackTimers } from './timers.ts'
import { errorOutput, interrupted, problemsOutput, readableStacks } from './traceback.ts'
import { type Completeness, type Completion, type Outcome, openEngine } from './tslab.ts'

export type { Completeness, Completion } from './tslab.ts'

/** What {@link openSession} may be told. */
export interface SessionOptions {
  /**
   * The process does nothing but run these cells: what is written or thrown between cells belongs to the last one.
   * Otherwise streams are the cells' only while a cell runs. Default false.
   */
  readonly ownsProcess?: boolean
  /** Shared memory whose first element is raised while the compiler works, which cannot bear to be broken off. */
  readonly guard?: Int32Array
}

/** How a cell went; adjacent texts of one stream are one output. */
export interface CellResult {
  /** No error among the outputs. */
  readonly ok: boolean
  readonly outputs: readonly CellOutput[]
}

/** Cells that share one scope, run one after the other in this process. */
export interface Session {
  /**
   * Type-checks and runs a cell and resolves when it is done; never rejects on account of the cell. `onOutput` gets
   * each output as it comes, also what timers print after the end. `cell` is the number that tracebacks show: by
   * default cells count from 1. Calls wait for each other.
   */
  execute(code: string, onOutput?: (output: CellOutput) => void, cell?: number): Promise<CellResult>
  /** What may stand at `offset`, in UTF-16 units. */
  complete(code: string, offset: number): Completion
  /** Type and documentation of what stands at `offset`; undefined when nothing is known. */
  inspect(code: string, offset: number): string | undefined
  /** Is the code a whole cell? */
  isComplete(code: string): Completeness
  /** Ends the running cell with an `Interrupted` error as soon as this process gets to it. */
  interrupt(): void
  /** Forgets everything and starts anew, faster than a new session: the compiler stays warm. */
  restart(): Promise<void>
  close(): void
}

/** A cell that prints more characters than this is stopped. */
const printLimit = 64 * 1024 * 1024
/** Node's code for a script that a SIGINT broke off. */
const signalled = 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
const tooMuch = 'the cell printed more than 64 Mi characters and was stopped: print less'

/**
 * Opens the kernel's engine in this process with the prelude in scope: everything that the package exports, `mm` and
 * `processMaps`. Takes about two seconds. One session at a time may run cells in a process.
 */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const engine = openEngine({
    modules: { vmalab },
    ...(options.guard && { guard: options.guard }),
  })
  const capture = captureStreams()
  const timers = options.ownsProcess ? trackTimers() : undefined
  const undoStacks = readableStacks(engine.locate)
  let count = 0
  const queue: (() => void)[] = []
  let running = false
  let stop: (() => void) | undefined
  let emit: (output: CellOutput) => void = () => {}

  const exit = process.exit
  let redirected = false

  const onStray = (error: unknown): void => emit(errorOutput(error, engine))
  const redirect = (on: boolean): void => {
    if (on === redirected) return
    redirected = on
    // With status 0 it would pass for success.
    process.exit = on ? refuseExit : exit
    capture.redirect(on ? (name, text) => emit({ type: 'stream', name, text }) : undefined)
    for (const event of ['uncaughtException', 'unhandledRejection'] as const)
      if (on) process.on(event, onStray)
      else process.off(event, onStray)
  }

  async function runPrelude(): Promise<void> {
    const outcome = await engine.run(preludeSource(), 0)
    engine.set('processMaps', processMaps)
    engine.set('recipe', recipe)
    if (outcome.kind === 'done') return
    const { traceback } =
      outcome.kind === 'rejected'
        ? problemsOutput(outcome.problems, 0, engine)
        : errorOutput(outcome.kind === 'threw' ? outcome.error : outcome, engine)
    close()
    throw new Error(`the prelude does not run: ${traceback.join('\n')}`)
  }

  function close(): void {
    redirect(false)
    undoStacks()
    timers?.close()
    capture.close()
    engine.close()
  }

  /**
   * Runs what waits, unless a cell is running. A cell starts in a turn of its own and ends by plain calls: an interrupt
   * unwinds the turn that it hits and drops every reaction of a promise that is due.
   */
  function next(): void {
    if (!running) queue.shift()?.()
  }

  function runCell(
    code: string,
    onOutput: ((output: CellOutput) => void) | undefined,
    cell: number,
    resolve: (result: CellResult) => void,
  ): void {
    running = true
    const outputs: CellOutput[] = []
    let printed = 0
    const mine = (output: CellOutput): void => {
      if (output.type === 'stream') {
        printed += output.text.length
        if (printed > printLimit) throw new RangeError(tooMuch)
      }
      append(outputs, output)
      onOutput?.(output)
    }
    emit = mine
    redirect(true)
    let over = false
    let settled = false
    const settle = (): void => {
      if (settled) return
      if (!options.ownsProcess) redirect(false)
      resolve({ ok: !outputs.some(({ type }) => type === 'error'), outputs: [...outputs] })
      settled = true
      stop = undefined
      running = false
      void Promise.resolve().then(next)
    }
    // An interrupt may unwind this thread anywhere: it must end the cell whatever else does not come back.
    const end = (output: CellOutput | undefined): void => {
      if (!over && output) mine(output)
      over = true
      // Rejections that nobody handled are reported after the microtasks.
      setImmediate(settle)
    }
    stop = () => end(interrupted)
    engine
      .run(code, cell, (data) => mine({ type: 'display', data: plainBundle(data) }))
      .then((outcome) => end(outcomeOutput(outcome, cell)))
  }

  function outcomeOutput(outcome: Outcome, cell: number): CellOutput | undefined {
    switch (outcome.kind) {
      case 'done':
        return undefined
      case 'value':
        return result(outcome.value)
      case 'threw':
        return thrown(outcome.error)
      case 'rejected':
        return problemsOutput(outcome.problems, cell, engine)
    }
  }

  function thrown(error: unknown): CellOutput {
    const bySignal = error instanceof Error && 'code' in error && error.code === signalled
    return bySignal ? interrupted : errorOutput(error, engine)
  }

  function result(value: unknown): CellOutput {
    try {
      return { type: 'result', data: plainBundle(display(value)) }
    } catch (error) {
      return errorOutput(error, engine)
    }
  }

  await runPrelude()
  return {
    execute: (code, onOutput, cell) =>
      new Promise((resolve) => {
        queue.push(() => runCell(code, onOutput, cell ?? ++count, resolve))
        void Promise.resolve().then(next)
      }),
    complete: (code, offset) => engine.complete(code, offset),
    inspect: (code, offset) => engine.inspect(code, offset),
    isComplete: (code) => engine.isComplete(code),
    interrupt() {
      timers?.silence()
      stop?.()
      engine.interrupt()
    },
    async restart() {
      engine.reset()
      count = 0
      await runPrelude()
    },
    close,
  }
}

function refuseExit(): never {
  throw new Error('process.exit() in a cell would end all the others; let the cell end, or throw')
}

/** A stream's text joins the stream's text before it. */
function append(outputs: CellOutput[], output: CellOutput): void {
  const before = outputs.at(-1)
  if (output.type === 'stream' && before?.type === 'stream' && before.name === output.name)
    outputs[outputs.length - 1] = { ...before, text: before.text + output.text }
  else outputs.push(output)
}
