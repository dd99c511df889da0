// SPDX-License-Identifier: GPL-2.0-only
import type { CellOutput } from '../../literate/index.ts'
import type { Drafts } from '../live/drafts.ts'
import type { FrameMessage } from '../live/protocol.ts'
import type { SharedCell } from '../live/share.ts'
import { joinOutput, type ShownOutput } from '../live/shown.ts'
import { cellTimeLimit, type RunEnd, type Runner } from './runner.ts'

/** What a page says of a live cell when it is built. */
export interface PublishedCell {
  readonly code: string
  readonly outputs: readonly ShownOutput[]
  /** Its output depends on the reader: `maps` is asked for and nothing is stored. */
  readonly volatile: boolean
  /** It is meant to end in an error. */
  readonly throws: boolean
}

/** A cell as the page shows it now. */
export interface CellState {
  readonly phase: 'idle' | 'waiting' | 'running'
  readonly code: string
  /** What the reader pasted for `processMaps()`. */
  readonly maps: string
  readonly outputs: readonly ShownOutput[]
  /** Why the cell has no result, in a sentence. */
  readonly note: string
  /** The code came with a link, and has not been run. */
  readonly linked: boolean
}

/** What a live page stands on: isolation and drawing are given to it. */
export interface LivePageOptions {
  readonly runner: Runner
  readonly show: (output: CellOutput) => Promise<ShownOutput>
  /** What the reader wrote before, and where to keep what is written now. */
  readonly drafts?: Drafts
  /** Calls back soon; many changes in between are one. */
  readonly later: (callback: () => void) => void
}

/** A run under way: which cells, and how far it got. */
interface Run {
  readonly target: number
  readonly stop: AbortController
  readonly outputs: Map<number, readonly ShownOutput[]>
  current: number
  failed: number | undefined
}

/**
 * The live cells of one page. Each run starts afresh and runs the page from its first cell to the one asked for, with
 * the texts as they are now: so a result never depends on what was clicked before.
 */
export class LivePage {
  readonly #options: LivePageOptions
  readonly #published = new Map<number, PublishedCell>()
  readonly #states = new Map<number, CellState>()
  readonly #listeners = new Set<() => void>()
  #run: Run | undefined
  /** Settles when no run is under way. */
  #ended: Promise<void> = Promise.resolve()
  #notifying = false

  constructor(options: LivePageOptions) {
    this.#options = options
  }

  /**
   * Makes cell `n` (from 1 on) known, which is shown as `shown`; returns a function that forgets it. Where the reader
   * wrote nothing before, `shown` stays its state: a page that has loaded is not shown a second time.
   */
  add(n: number, cell: PublishedCell, shown: CellState = publishedState(cell)): () => void {
    this.#published.set(n, cell)
    const code = this.#options.drafts?.get(n, cell.code) ?? cell.code
    this.#states.set(n, code === cell.code ? shown : { ...shown, code })
    this.#notify()
    return () => {
      this.stop()
      this.#published.delete(n)
      this.#states.delete(n)
    }
  }

  /** Hears every change; returns a function that ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Cell `n` as it is now; undefined when it is not known. The same object until it changes. */
  state(n: number): CellState | undefined {
    return this.#states.get(n)
  }

  /** The code of the cells above cell `n`, in order, as it is now. */
  above(n: number): readonly string[] {
    return [...this.#states]
      .filter(([at]) => at < n)
      .sort(([one], [other]) => one - other)
      .map(([, { code }]) => code)
  }

  /** Takes the reader's text for cell `n`. */
  edit(n: number, code: string): void {
    this.#write(n, { code })
  }

  /** Takes what the reader pasted for `processMaps()` in cell `n`. */
  paste(n: number, maps: string): void {
    this.#change(n, { maps })
  }

  /** Shows cell `n` as published again; what was pasted stays. */
  async reset(n: number): Promise<void> {
    if (this.#run && this.#run.target >= n) this.stop()
    await this.#ended
    const cell = this.#published.get(n)
    if (cell) this.#write(n, { ...publishedState(cell), maps: this.#states.get(n)?.maps ?? '' })
  }

  /** What a link to cell `n` carries: its code, and that of the cells above which were changed. */
  shared(n: number): SharedCell[] {
    return [...this.#states]
      .filter(([at, { code }]) => at === n || (at < n && code !== this.#published.get(at)?.code))
      .map(([at, { code }]): SharedCell => [at, code])
      .sort(([one], [other]) => one - other)
  }

  /** Shows the code of a link and runs nothing; returns what is wrong with it, in a sentence, if something is. */
  open(cells: readonly SharedCell[]): string | undefined {
    const stranger = cells.find(([n]) => !this.#states.has(n))
    if (stranger)
      return `The code in this link is for cell ${stranger[0]}, and this page has ${this.#states.size} cells. Is the link for another page?`
    for (const [n, code] of cells) this.#write(n, { code, linked: true })
    return undefined
  }

  /** Runs every cell of the page. */
  async runAll(): Promise<void> {
    const last = Math.max(0, ...this.#published.keys())
    if (last > 0) await this.run(last)
  }

  /** Ends the run under way, if any. */
  stop(): void {
    this.#run?.stop.abort()
  }

  /** Runs the cells above `n` and then `n`; resolves when the run has ended. A run under way is stopped. */
  async run(n: number): Promise<void> {
    const run: Run = {
      target: n,
      stop: new AbortController(),
      outputs: new Map(),
      current: 0,
      failed: undefined,
    }
    this.stop()
    this.#run = run
    this.#change(n, { phase: 'waiting', note: '' })
    this.#ended = this.#ended.then(() => this.#carryOut(run))
    await this.#ended
  }

  async #carryOut(run: Run): Promise<void> {
    const numbers = [...this.#published.keys()].filter((n) => n <= run.target).sort((a, b) => a - b)
    for (const n of numbers) this.#change(n, { phase: 'waiting', note: '', linked: false })
    const cells = numbers.map((n) => ({
      code: this.#states.get(n)?.code ?? '',
      throws: this.#published.get(n)?.throws ?? false,
      maps: this.#states.get(n)?.maps ?? '',
    }))
    let heard = Promise.resolve()
    const onMessage = (message: FrameMessage) => {
      heard = heard.then(() => this.#hear(run, numbers, message))
    }
    const end = await this.#options
      .runner({ cells }, onMessage, run.stop.signal)
      .catch((error: unknown): RunEnd => ({ type: 'crash', reason: String(error) }))
    await heard
    for (const n of numbers) this.#conclude(run, n, end)
    if (this.#run === run) this.#run = undefined
  }

  async #hear(run: Run, numbers: readonly number[], message: FrameMessage): Promise<void> {
    if (!('cell' in message)) return
    const n = numbers[message.cell]
    if (n === undefined) return
    if (message.type === 'start') {
      run.current = n
      this.#change(n, { phase: 'running' })
    } else if (message.type === 'output') {
      const shown = await this.#options.show(message.output)
      const outputs = joinOutput(run.outputs.get(n) ?? [], shown)
      run.outputs.set(n, outputs)
      if (n === run.target) this.#change(n, { outputs }, 'later')
    } else if (message.type === 'end') {
      if (message.failed && !this.#published.get(n)?.throws) run.failed = n
      this.#change(n, { phase: 'idle', outputs: run.outputs.get(n) ?? [] })
    }
  }

  /** Settles a cell that did not come to its end. */
  #conclude(run: Run, n: number, end: RunEnd): void {
    if (this.#states.get(n)?.phase === 'idle') return
    const outputs = run.outputs.get(n) ?? []
    if (n === run.current) this.#change(n, { phase: 'idle', outputs, note: endNote(end) })
    else if (n === run.target)
      this.#change(n, { phase: 'idle', outputs, note: notRunNote(run, end) })
    else this.#change(n, { phase: 'idle' })
  }

  #write(n: number, change: Partial<CellState> & { readonly code: string }): void {
    const published = this.#published.get(n)
    if (published) this.#options.drafts?.set(n, published.code, change.code)
    this.#change(n, change)
  }

  #change(n: number, change: Partial<CellState>, when: 'now' | 'later' = 'now'): void {
    const state = this.#states.get(n)
    if (state === undefined) return
    this.#states.set(n, { ...state, ...change })
    if (when === 'now') this.#notify()
    else this.#notifyLater()
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Output comes in many pieces: they are shown together. */
  #notifyLater(): void {
    if (this.#notifying) return
    this.#notifying = true
    this.#options.later(() => {
      this.#notifying = false
      this.#notify()
    })
  }
}

/** A cell as it is before anything was done with it. */
export function publishedState({ code, outputs }: PublishedCell): CellState {
  return { phase: 'idle', code, maps: '', outputs, note: '', linked: false }
}

function endNote(end: RunEnd): string {
  switch (end.type) {
    case 'stopped':
      return 'Stopped.'
    case 'timeout':
      return `Stopped: the cell did not end within ${cellTimeLimit / 1000} seconds. It takes too long, or too much memory.`
    case 'crash':
      return `Ended: ${end.reason}.`
    case 'done':
      return ''
  }
}

function notRunNote(run: Run, end: RunEnd): string {
  if (run.failed !== undefined) return `Not run: cell ${run.failed} above ended in an error.`
  if (run.current === 0) return endNote(end)
  return `Not run: cell ${run.current} above did not end. ${endNote(end)}`
}
