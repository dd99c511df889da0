// SPDX-License-Identifier: GPL-2.0-only
import type { CellOutput, MimeBundle } from '../../literate/index.ts'
import { createCapture, defaultLimits, type OutputLimits } from './capture.ts'
import { createConsole } from './console.ts'
import { cellFile, cellFrames } from './stacks.ts'
import { type Binding, CellSyntaxError, type CompiledCell, compileCell } from './transform.ts'

/** An error as an output tells it. */
export interface ShownError {
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}

/** What a page's cells stand on. */
export interface SessionOptions {
  /** In scope by its name in every cell; what `import ... from 'vmalab'` gives. */
  readonly front: Readonly<Record<string, unknown>>
  /** In scope too, but not part of the module: `mm`, `processMaps`. */
  readonly prelude?: Readonly<Record<string, unknown>>
  readonly display: (value: unknown) => MimeBundle
  readonly displayError: (error: unknown) => ShownError
  readonly limits?: OutputLimits
}

/** The cells of one page, run one after another in one scope. */
export interface PageSession {
  /**
   * Runs the next cell and resolves to its output; `onOutput` hears it as it happens. Never rejects: what the cell
   * throws is an output of type `error`.
   */
  run(code: string, onOutput?: (output: CellOutput) => void): Promise<readonly CellOutput[]>
  /** An error that no cell caught (a timer's, a promise's) as an output of the cell then running. */
  tell(error: unknown): CellOutput
}

/** Opens a session. The nth cell run is called "cell n" in tracebacks. */
export function openSession(options: SessionOptions): PageSession {
  const { front, prelude = {}, display, displayError, limits = defaultLimits } = options
  const scope: object = Object.assign(Object.create(null), front, prelude)
  const load = (module: string) => {
    if (module === 'vmalab') return front
    throw new Error(
      `Cannot import ${JSON.stringify(module)}: on the page a cell can import 'vmalab' only, and its names are in scope without an import`,
    )
  }
  const publish = (bindings: Readonly<Record<string, Binding>>) => {
    for (const [name, [get, set]] of Object.entries(bindings))
      Object.defineProperty(scope, name, { get, set, configurable: true, enumerable: true })
  }
  const codes: string[] = []
  return {
    run: async (code, onOutput = () => {}) => {
      codes.push(code)
      const capture = createCapture(onOutput, limits)
      const value = createConsole(capture.write)
      Object.defineProperty(scope, 'console', { value, writable: true, configurable: true })
      const restore = deepStacks()
      try {
        const cell = evaluate(compileCell(code, cellFile(codes.length)))
        const last = await cell({ scope, publish, load })()
        if (last?.value !== undefined) capture.show('result', display(last.value))
      } catch (error) {
        capture.fail(tell(error, codes, displayError))
      } finally {
        restore()
      }
      return capture.finish()
    },
    tell: (error) => ({ type: 'error', ...tell(error, codes, displayError) }),
  }
}

/** Between a hook in a cell and the call in a cell lie more of the model's frames than the usual ten. Undone by the result. */
function deepStacks(): () => void {
  const stacks: { stackTraceLimit?: number } = Error
  const limit = stacks.stackTraceLimit
  stacks.stackTraceLimit = 100
  return () => {
    if (limit === undefined) Reflect.deleteProperty(stacks, 'stackTraceLimit')
    else stacks.stackTraceLimit = limit
  }
}

function evaluate(expression: string): CompiledCell {
  // biome-ignore lint/security/noGlobalEval: running what the reader wrote is the purpose; the page does it in an isolated Worker
  // biome-ignore lint/complexity/noCommaOperator: an indirect eval sees no local of this function
  return (0, eval)(expression)
}

/** The error's own words, then where in the cells it happened. */
function tell(
  error: unknown,
  codes: readonly string[],
  displayError: SessionOptions['displayError'],
): ShownError {
  try {
    const { ename, evalue, traceback } = displayError(error)
    const stack = error instanceof Error ? String(error.stack) : ''
    const place =
      error instanceof CellSyntaxError ? `    at cell ${codes.length}, line ${error.line}` : stack
    const frames = cellFrames(place, (cell) => codes[cell - 1])
    return { ename, evalue, traceback: [...traceback, ...frames] }
  } catch {
    const evalue = 'the cell threw a value that cannot be shown'
    return { ename: 'Error', evalue, traceback: [`Error: ${evalue}`] }
  }
}
