// SPDX-License-Identifier: GPL-2.0-only
/**
 * tslab 1.0.22, driven from outside. All knowledge of its internals is here, in compiler.ts and in names_in_cell.ts;
 * tslab is pinned.
 *
 * Quirks, and what is done about each:
 *  1. Compiler options are fixed inside its converter. Its TypeScript is handed to it as a copy whose
 *     `createWatchCompilerHost` puts {@link compilerOptions} over them: inline source maps, `vmalab` found from
 *     anywhere, and the same types in every folder instead of whatever `@types` lie around.
 *  2. A cell is emitted twice (TypeScript to ES module to CommonJS) without source maps. The copy's `transpileModule`
 *     keeps both maps, so that a stack frame leads back to the cell's own line.
 *  3. Every source is prefixed by `export {};` and a newline: one line is taken off.
 *  4. The compiled cell is wrapped on its first line and has no file name: a newline in front keeps columns right and
 *     a `sourceURL` names it `vmalab-cell-N`.
 *  5. `execute` reports through an injected console: `log` gets the raw last value once, `error` the raw thrown value
 *     once, or a formatted line per diagnostic (those are taken from the converter instead).
 *  6. A last value of null is not reported, as undefined is not; it is looked for where the cell left it.
 *  7. `export const x` in a cell clashes with the export that tslab appends: the word is blanked.
 *  8. The scope is reached through `globalThis.__tslab__`, one for the process: each run puts its own there first.
 *  9. Cells are CommonJS: `import "vmalab"` becomes a `require`, which is answered here with the modules of this
 *     process, so that a cell and the session share one model.
 * 10. `tslab.display` writes through a variable of its Jupyter server's module, which each run sets.
 * 11. It watches every declaration file it read; only sources beside the notebook can change, so only they are.
 * 12. A cell that begins with a comment `/** @browser *\/` is meant for a browser: it is accepted and does nothing.
 * 13. A later cell's assignment changes the export and not the variable that the declaring cell's functions see: the
 *     exports are put behind {@link SharedNames}, to which each cell binds its `let` and `var` on the wrapper's line.
 * 14. It exports a name that begins with two underscores, as the kernel's often do, under the compiler's form of it.
 * 15. It leaves `{ name }` of an earlier cell's variable undeclared: {@link writeOutShorthand}.
 * 16. It takes a second to read the declarations of Node and the library: see {@link LeanFirst}. What stands in scope
 *     from the start is declared to it as if earlier cells had done so, without a cell.
 * 17. Its converter knows one timer of the compiler's, and breaks for good when a file comes that an import did not find:
 *     that one is not set.
 * 18. Interrupting a pending await rejects with "Interrupted asynchronously" and leaves the cell's declarations out.
 * 19. It does not see that a `for await` outside of functions needs an asynchronous wrapper.
 * 20. Each of its converters parses the library's declarations, and this package's, for itself: they share them.
 */
import { createRequire, Module } from 'node:module'
import { join, relative } from 'node:path'
import type { KnownName } from '../literate/index.ts'
import {
  type Candidates,
  type Compiler,
  type Converted,
  type Loader,
  loadCompiler,
  type QuickInfo,
  type Text,
  type TslabConverter,
  type TslabDiagnostic,
  type TypeScriptName,
} from './compiler.ts'
import { LeanFirst } from './lean.ts'
import { type Place, splitMap, traceBack } from './maps.ts'
import { packageRoot, places, tslabLoader } from './package.ts'
import type { Warm } from './picture.ts'
import { bindings, SharedNames } from './shared_names.ts'

/** A compiler's complaint; `line` and `column` count from 1. */
export interface Problem {
  /** TypeScript's number: 2322. */
  readonly code: number
  readonly message: string
  readonly line: number
  readonly column: number
  /** The source beside the notebook that it is in; the cell itself when absent. */
  readonly file?: string
}

/** How a run ended. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'rejected'; readonly problems: readonly Problem[] }

/** What may stand at a position: `matches` replace the code from `start` to `end`. */
export interface Completion {
  readonly start: number
  readonly end: number
  readonly matches: readonly string[]
}

/** Can the code run as it stands? */
export type Completeness =
  | { readonly status: 'complete' | 'invalid' }
  | { readonly status: 'incomplete'; readonly indent: string }

/** A place in what was written. */
export interface Origin extends Place {
  /** `cell 3`, or a file beside the notebook: `helpers.ts`. */
  readonly text: string
}

/** A display; those of `tslab.newDisplay()` have a name, and all but the first change what it shows. */
export interface Displayed {
  readonly data: Record<string, unknown>
  readonly id: string | undefined
  readonly update: boolean
}

/** tslab's converter and executor with one scope. One run at a time. */
export interface Engine {
  /** Checks and runs a cell. Displays by `tslab.display` go to `onDisplay` as they happen. */
  run(code: string, cell: number, onDisplay?: (displayed: Displayed) => void): Promise<Outcome>
  /** Puts names in scope: what a declaration file says of them, and their values. */
  declare(declarations: string, values: Readonly<Record<string, unknown>>): Promise<void>
  complete(code: string, offset: number): Completion
  /** Type and documentation of what stands at an offset. */
  inspect(code: string, offset: number): string | undefined
  isComplete(code: string): Completeness
  /** What is known of the names in the cell that ran last. */
  knownNames(): readonly KnownName[]
  /** Where a position of the compiled script `name` is in its source. */
  locate(name: string, line: number, column: number): Origin | undefined
  /** The text of a cell that ran. */
  source(cell: number): string | undefined
  /** Rejects a pending await of the running cell. */
  interrupt(): void
  /** Forgets every name. */
  reset(): void
  close(): void
}

/** What an engine is made with. */
export interface EngineOptions {
  /** The modules that `vmalab`, `vmalab/figures` ... stand for in a cell. Absent ones are loaded from the package. */
  readonly modules?: Readonly<Record<string, object>>
  /** Its first element is raised while the compiler works: whoever breaks that off leaves it unusable. */
  readonly guard?: Int32Array
  /** What the process was started with. */
  readonly warm?: Warm
}

interface TslabExecutor {
  readonly locals: Record<string, unknown>
  execute(code: string): Promise<boolean>
  inspect(code: string, offset: number): QuickInfo | undefined
  complete(code: string, offset: number): Candidates
  reset(): void
  interrupt(): void
  close(): void
}

interface Tslab {
  readonly compiler: Compiler
  readonly jupyter: { lastWriteDisplayData: unknown }
  createExecutor(
    folder: string,
    converters: { readonly node: TslabConverter; readonly browser: TslabConverter; close(): void },
    report: { log(value: unknown): void; error(...args: unknown[]): void },
  ): TslabExecutor
}

/** tslab is loaded once in a process, with the compiler that it takes for TypeScript then. */
let loaded: { readonly load: Loader; readonly compiler: Compiler } | undefined

function loadTslab(warm: Warm | undefined): Tslab {
  loaded ??= warm ?? loadCold()
  const { load, compiler } = loaded
  return {
    ...(load('./executor.js') as Pick<Tslab, 'createExecutor'>),
    compiler,
    jupyter: load('./jupyter.js') as Tslab['jupyter'],
  }
}

function loadCold(): NonNullable<typeof loaded> {
  const load = tslabLoader()
  return { load, compiler: loadCompiler(load, { places: places(), sources: new Map() }) }
}

/** Answers every `require` and import of this package in the process with `modules`; returns what undoes it. */
function provideModules(modules: Readonly<Record<string, object>>): () => void {
  const loader = Module as unknown as { _load(id: string, ...rest: unknown[]): unknown }
  const own = createRequire(join(packageRoot, 'package.json'))
  const { name } = own('./package.json')
  const previous = loader._load
  let active = true
  // Where ES modules find them: scripts/ready.mjs.
  Reflect.set(globalThis, Symbol.for('vmalab.modules'), modules)
  loader._load = (id, ...rest) => {
    if (!active || (id !== name && !id.startsWith(`${name}/`))) return previous(id, ...rest)
    return modules[id] ?? previous(own.resolve(id), ...rest)
  }
  return () => {
    active = false
    if (loader._load !== previous) loader._load = previous
  }
}

/** Starts tslab in this process, in the current folder. Takes about two seconds. */
export function openEngine(options: EngineOptions = {}): Engine {
  const { warm } = options
  const { compiler, ...tslab } = loadTslab(warm)
  const { typescript } = compiler
  compiler.isShared = (name) => name in executor.locals
  const forget = provideModules(options.modules ?? {})
  const converters = new LeanFirst(compiler.createConverter, warm?.lean)
  const compiled = new Map<string, { readonly maps: readonly string[]; readonly lines: number }>()
  const sources = new Map<number, string>()
  let running = 0
  let outcome: Outcome = { kind: 'done' }
  let declared: Converted | undefined
  let lastExpression: string | undefined

  const parse = (code: string) =>
    typescript.createSourceFile('cell.ts', code, typescript.ScriptTarget.Latest)
  /** Takes the maps off a compiled text and remembers them under the script's name. */
  const keepMaps = (name: string, text: string): string => {
    const last = splitMap(text)
    const first = splitMap(last.code)
    compiled.set(name, {
      maps: [last.map, first.map],
      lines: first.code.split('\n').length,
    })
    return first.code
  }
  const guarded = <T>(compile: () => T): T => {
    if (options.guard) Atomics.add(options.guard, 0, 1)
    try {
      return compile()
    } finally {
      if (options.guard) Atomics.sub(options.guard, 0, 1)
    }
  }
  const reject = (diagnostics: readonly TslabDiagnostic[]): void => {
    if (diagnostics.length === 0) return
    const problems = diagnostics.map((one) => problem(one, sources.get(running) ?? ''))
    outcome = { kind: 'rejected', problems }
  }
  const node: TslabConverter = {
    convert(declarations, code) {
      const given = declared
      declared = undefined
      if (given) return { ...given, declOutput: `${declarations}\n${given.declOutput}` }
      const result = guarded(() =>
        converters.ask(
          code,
          (converter) => converter.convert(declarations, code),
          ({ diagnostics }) => diagnostics.length === 0,
        ),
      )
      reject(result.diagnostics)
      lastExpression = result.lastExpressionVar
      if (forAwait.test(code)) result.hasToplevelAwait = true
      const name = scriptName(running)
      if (result.output !== undefined)
        result.output = `${bindings(variables(code))}\n${keepMaps(name, result.output)}\n//# sourceURL=${name}`
      for (const side of result.sideOutputs ?? []) side.data = keepMaps(side.path, side.data)
      return result
    },
    addModule(name, code, meta) {
      const diagnostics = guarded(() => converters.full.addModule(name, code, meta))
      reject(diagnostics)
      return diagnostics
    },
    inspect: (declarations, code, offset) =>
      guarded(() =>
        converters.ask(
          code,
          (converter) => converter.inspect(declarations, code, offset),
          (found) => found?.displayParts?.every(({ text }) => text !== 'Console') === true,
        ),
      ),
    complete: (declarations, code, offset) =>
      guarded(() =>
        converters.ask(
          code,
          (converter) => converter.complete(declarations, code, offset),
          // The lean one knows nothing of what Node declares, and of a console not all.
          ({ start, candidates }) =>
            code[start - 1] === '.' && candidates.length > 0 && !candidates.includes('timeLog'),
        ),
      ),
    close: () => converters.close(),
  }
  const executor = tslab.createExecutor(
    process.cwd(),
    { node, browser: node, close: node.close },
    {
      log: (value) => {
        outcome = { kind: 'value', value }
      },
      error: (error) => {
        if (outcome.kind !== 'rejected') outcome = { kind: 'threw', error }
      },
    },
  )
  guarded(() => converters.warm())
  const names = new SharedNames(executor.locals)
  const scope = {
    ...Reflect.get(globalThis, '__tslab__'),
    exports: names.exports,
    bind: names.bind,
  }

  return {
    async run(code, cell, onDisplay) {
      Reflect.set(globalThis, '__tslab__', scope)
      tslab.jupyter.lastWriteDisplayData = (
        { data, transient }: { data: Displayed['data']; transient: { display_id?: string } },
        update?: boolean,
      ) => onDisplay?.({ data, id: transient.display_id, update: update === true })
      running = cell
      outcome = { kind: 'done' }
      lastExpression = undefined
      sources.set(cell, code)
      try {
        await executor.execute(withoutExports(code))
        if (outcome.kind === 'done' && isNull(lastExpression))
          outcome = { kind: 'value', value: null }
      } catch (error) {
        // The compiler itself failed.
        outcome = { kind: 'threw', error }
      }
      return outcome
    },
    async declare(declarations, values) {
      declared = { diagnostics: [], declOutput: declarations }
      await executor.execute('')
      Object.assign(executor.locals, values)
    },
    complete(code, offset) {
      const { start, end, candidates } = executor.complete(code, offset)
      const typed = code.slice(start, offset).toLowerCase()
      const begun = candidates.filter((name) => name.toLowerCase().startsWith(typed))
      return { start, end, matches: begun.length > 0 ? begun : candidates }
    },
    inspect(code, offset) {
      const info = executor.inspect(code, offset)
      return info && describe(info)
    },
    isComplete: (code) => completeness(code),
    knownNames: () =>
      compiler.knownNames().map(({ info, start, end }) => {
        const { text, doc } = told(info)
        return { start, end, text, doc: doc.split('\n\n', 1).join() }
      }),
    locate(name, line, column) {
      const script = compiled.get(name)
      if (!script) return undefined
      const cell = name.startsWith(scriptName('')) ? name.slice(scriptName('').length) : undefined
      if (cell === undefined) {
        const place = traceBack(script.maps, { line, column })
        const file = relative(process.cwd(), name).replace(/\.js(x?)$/, '.ts$1')
        return place && { ...place, text: file }
      }
      // Line 1 is the wrapper's, and so is what follows the code.
      if (line === 1 || line > script.lines + 1) return undefined
      const place = traceBack(script.maps, { line: line - 1, column })
      return place && { line: place.line - 1, column: place.column, text: `cell ${cell}` }
    },
    source: (cell) => sources.get(cell),
    interrupt: () => executor.interrupt(),
    reset() {
      executor.reset()
      names.reset()
    },
    close() {
      executor.close()
      forget()
    },
  }

  function isNull(name: string | undefined): boolean {
    return name !== undefined && executor.locals[name] === null
  }

  function withoutExports(code: string): string {
    let result = code
    const { ExportKeyword, DefaultKeyword } = typescript.SyntaxKind
    for (const { modifiers = [] } of parse(code).statements) {
      if (modifiers.some(({ kind }) => kind === DefaultKeyword)) continue
      for (const { kind, end } of modifiers)
        if (kind === ExportKeyword) result = `${result.slice(0, end - 6)}      ${result.slice(end)}`
    }
    return result
  }

  /** The variables that a cell declares: what a later one may assign. */
  function variables(code: string): string[] {
    const named = (name: TypeScriptName): string[] =>
      name.elements
        ? name.elements.flatMap((element) => (element.name ? named(element.name) : []))
        : [name.text ?? '']
    return parse(code).statements.flatMap(({ declarationList }) =>
      declarationList && !(declarationList.flags & typescript.NodeFlags.Const)
        ? declarationList.declarations.flatMap(({ name }) => named(name))
        : [],
    )
  }

  function completeness(code: string): Completeness {
    const first = parse(code).parseDiagnostics[0]
    if (!first) return { status: 'complete' }
    const open = first.start >= code.trimEnd().length && first.code !== unterminatedString
    if (!open) return { status: 'invalid' }
    return { status: 'incomplete', indent: compiler.isCompleteCode(code).indent ?? '' }
  }
}

/** Where there is one, even in a function, the cell may as well be asynchronous. */
const forAwait = /\bfor\s+await\b/

/** TypeScript's number for a string that its line ends in: no further line can mend it. */
const unterminatedString = 1002

/** The script name of a cell in a stack trace. */
function scriptName(cell: number | ''): string {
  return `vmalab-cell-${cell}`
}

/** The type, then the documentation and its tags. */
function describe({ tags = [], ...info }: QuickInfo): string {
  const { text, doc } = told(info)
  const more = tags.map(({ name, text }) => `@${name} ${plain(text)}`.trim())
  return [text, [doc, ...more].join('\n').trim()].filter((part) => part !== '').join('\n\n')
}

/** The type and the documentation. */
function told({ displayParts, documentation }: QuickInfo): Pick<KnownName, 'text' | 'doc'> {
  return { text: plain(displayParts).replace(imported, '$1'), doc: plain(documentation).trim() }
}

/** What TypeScript says of a name that came with an import, as those of the prelude did. */
const imported = /^\(alias\) (.*)\nimport .*$/s

function plain(parts: readonly Text[] = []): string {
  return parts
    .map(({ text }) => text)
    .join('')
    .replace(/\{@link\s+([^}]*?)\s*\}/g, '`$1`')
}

/** A place after the cell's end, in what tslab appends, is its end. */
function problem(diagnostic: TslabDiagnostic, cell: string): Problem {
  const { start, messageText, code, fileName } = diagnostic
  const lines = cell.split('\n')
  const after = fileName === undefined && start.line >= lines.length
  return {
    code,
    message: messageText,
    line: after ? lines.length : start.line + 1,
    column: after ? (lines.at(-1) ?? '').length + 1 : start.character + 1,
    ...(fileName === undefined ? {} : { file: fileName }),
  }
}
