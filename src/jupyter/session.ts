// SPDX-License-Identifier: GPL-2.0-only
import { setImmediate } from 'node:timers'
import * as vmalab from '../index.ts'
import type { CellOutput, KnownName } from '../literate/index.ts'
import { recipe } from '../recipes/index.ts'
import { mentionsPlot } from '../trace/index.ts'
import { plainBundle, shownBundle } from './bundle.ts'
import { captureStreams } from './capture.ts'
import { interrupted } from './interrupted.ts'
import { type SessionOutput, Transcript } from './outputs.ts'
import type { Warm } from './picture.ts'
import { plotDeclarations, plotValues } from './plotting.ts'
import { preludeDeclarations, processMaps } from './prelude.ts'
import { trackTimers } from './timers.ts'
import { type Ask, cellTools } from './tools.ts'
import { errorOutput, problemsOutput, readableStacks } from './traceback.ts'
import {
  type Completeness,
  type Completion,
  type Displayed,
  type Outcome,
  openEngine,
} from './tslab.ts'

export type { Completeness, Completion } from './tslab.ts'

/** What {@link openSession} may be told. */
export interface SessionOptions {
  /**
   * The process does nothing but run these cells: what is written or thrown after a cell's end belongs to the cell that
   * started it. Otherwise streams are the cells' only while a cell runs. Default false.
   */
  readonly ownsProcess?: boolean
  /** Shared memory whose first element is raised while the compiler works, which cannot bear to be broken off. */
  readonly guard?: Int32Array
  /** A compiler that has read what every session needs; the start is faster with it. */
  readonly warm?: Warm
}

/** How a cell went; adjacent texts of one stream are one output. */
export interface CellResult {
  /** No error among the outputs. */
  readonly ok: boolean
  readonly outputs: readonly CellOutput[]
}

/** Who follows a running cell. */
export interface CellOptions {
  /** Gets each output as it comes, also what timers print after the end. */
  readonly onOutput?: (output: SessionOutput) => void
  /** The number that tracebacks show; by default cells count from 1. */
  readonly cell?: number
  /** Answers `input()`. */
  readonly ask?: Ask
}

/** Cells that share one scope, run one after the other in this process. */
export interface Session {
  /** Type-checks and runs a cell and resolves when it is done; never rejects on account of the cell. Calls wait for each other. */
  execute(code: string, options?: CellOptions): Promise<CellResult>
  /** What may stand at `offset`, in UTF-16 units. */
  complete(code: string, offset: number): Completion
  /** Type and documentation of what stands at `offset`; undefined when nothing is known. */
  inspect(code: string, offset: number): string | undefined
  /** Is the code a whole cell? */
  isComplete(code: string): Completeness
  /** What is known of the names in the cell that ran last, in order. */
  knownNames(): readonly KnownName[]
  /** Ends the running cell with an `Interrupted` error as soon as this process gets to it. */
  interrupt(): void
  /** Forgets everything and starts anew, faster than a new session: the compiler stays warm. */
  restart(): Promise<void>
  close(): void
}

/** A cell, as long as anything that it started may go on. */
interface Running {
  readonly emit: (output: SessionOutput) => void
  readonly ask: Ask
}

const nobody: Ask = () =>
  Promise.reject(new Error('input(): nobody can be asked here; run the cell in JupyterLab'))

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
    modules: { vmalab, ...options.warm?.modules },
    ...(options.guard && { guard: options.guard }),
    ...(options.warm && { warm: options.warm }),
  })
  const capture = captureStreams()
  const timers = options.ownsProcess ? trackTimers(rememberOwner) : undefined
  const undoStacks = readableStacks(engine.locate)
  let count = 0
  const queue: (() => void)[] = []
  let running = false
  let stop: (() => void) | undefined
  let latest: Running = { emit() {}, ask: nobody }
  let current = latest
  const emit = (output: SessionOutput): void => current.emit(output)
  const tools = cellTools({ emit, ask: (prompt, password) => current.ask(prompt, password) })

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

  const putPrelude = (): Promise<void> => {
    const mm = new vmalab.Mm(vmalab.linux('7.3'))
    return engine.declare(preludeDeclarations(), { ...vmalab, mm, processMaps, recipe, ...tools })
  }

  let plotIsThere = false
  async function putPlot(): Promise<void> {
    await engine.declare(plotDeclarations, await plotValues())
    plotIsThere = true
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
    { onOutput, ask = nobody, cell = ++count }: CellOptions,
    resolve: (result: CellResult) => void,
  ): void {
    running = true
    const transcript = new Transcript()
    let printed = 0
    const mine = (output: SessionOutput): void => {
      if (output.type === 'stream') {
        printed += output.text.length
        if (printed > printLimit) throw new RangeError(tooMuch)
      }
      transcript.add(output)
      onOutput?.(output)
    }
    latest = { emit: mine, ask }
    current = latest
    redirect(true)
    let over = false
    let settled = false
    const settle = (): void => {
      if (settled) return
      if (!options.ownsProcess) redirect(false)
      resolve({ ok: transcript.ok, outputs: transcript.outputs })
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
    const run = (): Promise<void> =>
      engine
        .run(code, cell, (displayed) => current.emit(displayOutput(displayed)))
        .then((outcome) => end(outcomeOutput(outcome, cell)))
    if (plotIsThere || !mentionsPlot(code)) run()
    else putPlot().then(run, (error) => end(errorOutput(error, engine)))
  }

  /**
   * What a timer does belongs to the cell that set it, with the promises that it settles: they react in the timer's turn.
   * (The hooks of AsyncLocalStorage would know more, but do not survive that an interrupt unwinds them.)
   */
  function rememberOwner(): () => void {
    const owner = current
    return () => {
      current = owner
      if (owner !== latest)
        setImmediate(() => {
          current = latest
        })
    }
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
      return { type: 'result', data: shownBundle(value) }
    } catch (error) {
      return errorOutput(error, engine)
    }
  }

  await putPrelude()
  return {
    execute: (code, cell = {}) =>
      new Promise((resolve) => {
        queue.push(() => runCell(code, cell, resolve))
        void Promise.resolve().then(next)
      }),
    complete(code, offset) {
      // The next question finds it.
      if (!plotIsThere && !running && mentionsPlot(code)) putPlot().catch(() => {})
      return engine.complete(code, offset)
    },
    inspect: (code, offset) => engine.inspect(code, offset),
    isComplete: (code) => engine.isComplete(code),
    knownNames: () => engine.knownNames(),
    interrupt() {
      timers?.silence()
      stop?.()
      engine.interrupt()
    },
    async restart() {
      engine.reset()
      plotIsThere = false
      count = 0
      await putPrelude()
    },
    close,
  }
}

function refuseExit(): never {
  throw new Error('process.exit() in a cell would end all the others; let the cell end, or throw')
}

function displayOutput({ data, id, update }: Displayed): SessionOutput {
  const bundle = plainBundle(data)
  return id === undefined
    ? { type: 'display', data: bundle }
    : { type: 'named', id, update, data: bundle }
}
