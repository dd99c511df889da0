// SPDX-License-Identifier: GPL-2.0-only
// tslab's converter and the TypeScript that it works with, whoever loads them: the kernel, or what makes the picture that
// a kernel starts from. The quirks are numbered in tslab.ts.
import { dirname, join, posix } from 'node:path'
import { leanDeclarations, type Scope } from './lean.ts'
import { splitMap } from './maps.ts'
import {
  exportedNames,
  type NameInfo,
  type NameTools,
  nameTeller,
  type Program,
} from './names_in_cell.ts'
import { type SyntaxTools, writeOutShorthand } from './shorthand.ts'

/** A complaint as tslab's converter gives it; counts from 0. */
export interface TslabDiagnostic {
  readonly start: { readonly offset: number; readonly line: number; readonly character: number }
  readonly messageText: string
  readonly code: number
  readonly fileName?: string
}

/** What became of a cell. */
export interface Converted {
  output?: string
  declOutput?: string
  hasToplevelAwait?: boolean
  readonly diagnostics: readonly TslabDiagnostic[]
  readonly sideOutputs?: readonly { readonly path: string; data: string }[]
  /** The name under which the cell leaves its last value. */
  readonly lastExpressionVar?: string
}

/** tslab's converter. */
export interface TslabConverter {
  convert(declarations: string, code: string): Converted
  addModule(name: string, code: string, meta: unknown): readonly TslabDiagnostic[]
  inspect(declarations: string, code: string, offset: number): QuickInfo | undefined
  complete(declarations: string, code: string, offset: number): Candidates
  close(): void
}

/** What tslab offers for the text from `start` to `end`. */
export interface Candidates {
  readonly start: number
  readonly end: number
  readonly candidates: readonly string[]
}

/** A piece of what is known of a name. */
export interface Text {
  readonly text: string
}

/** What is known of a name. */
export interface QuickInfo {
  readonly displayParts?: readonly Text[]
  readonly documentation?: readonly Text[]
  readonly tags?: readonly { readonly name: string; readonly text?: readonly Text[] }[]
}

/** The name of a variable, or the pattern that gives several. */
export interface TypeScriptName {
  readonly text?: string
  readonly elements?: readonly { readonly name?: TypeScriptName }[]
}

interface WatchHost {
  setTimeout?: (call: () => void, ...more: unknown[]) => unknown
  createProgram(names: unknown, options: object, host: ProgramHost, ...more: unknown[]): Program
}

/** Both give the file of a path; the second is asked by its name and its path. */
interface ProgramHost {
  getSourceFile(name: string, ...more: unknown[]): object | undefined
  getSourceFileByPath(name: string, path: string, ...more: unknown[]): object | undefined
}

/** The little of TypeScript 5.0 that is used here. */
export interface TypeScript extends SyntaxTools, NameTools {
  readonly SyntaxKind: NameTools['SyntaxKind'] & {
    readonly ExportKeyword: number
    readonly DefaultKeyword: number
  }
  readonly NodeFlags: { readonly Const: number }
  readonly ScriptTarget: { readonly Latest: number }
  readonly sys: {
    useCaseSensitiveFileNames: boolean
    getCurrentDirectory(): string
    readFile(path: string, encoding?: string): string | undefined
    fileExists(path: string): boolean
    directoryExists(path: string): boolean
    watchFile: (path: string, changed: unknown, interval?: number) => { close(): void }
    watchDirectory: (...all: unknown[]) => { close(): void }
  }
  createWatchCompilerHost(
    files: readonly string[],
    options: object,
    system: { readFile(path: string, encoding?: string): string | undefined },
    ...rest: unknown[]
  ): WatchHost
  transpileModule(
    code: string,
    options: { readonly compilerOptions: object; readonly transformers?: object },
  ): { readonly outputText: string }
  createSourceFile(
    name: string,
    text: string,
    target: number,
  ): {
    readonly statements: readonly {
      readonly declarationList?: {
        readonly flags: number
        readonly declarations: readonly { readonly name: TypeScriptName }[]
      }
      readonly modifiers?: readonly { readonly kind: number; readonly end: number }[]
    }[]
    readonly parseDiagnostics: readonly {
      readonly start: number
      readonly length: number
      readonly code: number
    }[]
  }
}

/** Declarations that do not change, parsed, by path. */
export type Sources = Map<string, object>

/** Where a converter finds the declarations of what a cell may import. */
export interface Places {
  /** TypeScript's option: the files of `vmalab` and of Plot. */
  readonly paths: Readonly<Record<string, readonly string[]>>
  /** package.json of `@types/node`. */
  readonly nodeTypes: string
}

/** What {@link loadCompiler} is told. */
export interface CompilerOptions {
  readonly places: Places
  readonly sources: Sources
}

/** tslab's `require`, or what stands for it. */
export interface Loader {
  (id: string): unknown
  resolve(id: string): string
  readonly cache: Readonly<Record<string, { exports: unknown } | undefined>>
}

/** tslab's converter in either scope. */
export interface Compiler {
  readonly typescript: TypeScript
  /** Does an earlier cell declare the name? For the engine to tell. */
  isShared: (name: string) => boolean
  createConverter(scope: Scope): TslabConverter
  /** The names in the cell that was looked at last. */
  knownNames(): readonly NameInfo[]
  isCompleteCode(code: string): { readonly indent?: string }
}

/** tslab's name of its TypeScript. */
export const TYPESCRIPT = '@tslab/typescript-for-tslab'

/** Loads tslab's converter with a TypeScript that it takes for its own. */
export function loadCompiler(load: Loader, options: CompilerOptions): Compiler {
  const path = load.resolve(TYPESCRIPT)
  const typescript = load(path) as TypeScript
  let scope: Scope = 'lean'
  const module = load.cache[path]
  if (!module) throw new Error(`${path} was loaded but is not in the module cache`)
  const isShared = (name: string): boolean => compiler.isShared(name)
  const namesIn = nameTeller(typescript, options.sources)
  let known: Compiler['knownNames'] = () => []
  const onProgram: Adapting['onProgram'] = (program, path) => {
    known = () => namesIn(program.getSourceFile(path), program)
  }
  module.exports = adapted(typescript, { ...options, isShared, scope: () => scope, onProgram })
  const { createConverter, isCompleteCode } = load('./converter.js') as {
    createConverter(): TslabConverter
    isCompleteCode: Compiler['isCompleteCode']
  }
  module.exports = typescript
  const compiler: Compiler = {
    typescript,
    isShared: () => false,
    isCompleteCode,
    knownNames: () => known(),
    createConverter(wanted) {
      scope = wanted
      return wanted === 'lean' ? movable(createConverter()) : createConverter()
    },
  }
  return compiler
}

/** A folder that exists for the compiler alone. */
const leanFolder = '/vmalab-lean'
const leanFile = `${leanFolder}/console/index.d.ts`

/** A type that has no name in the cell's scope, by the file that declares it. */
const relativeType = /\bimport\("(\.\.?\/[^"]*)"\)/g

/** What the lean converter says of an earlier cell, in the words of any folder. */
function movable(converter: TslabConverter): TslabConverter {
  return {
    ...converter,
    convert(declarations, code) {
      const { declOutput, ...converted } = converter.convert(declarations, code)
      if (declOutput === undefined) return converted
      const absolute = declOutput.replace(
        relativeType,
        (_, path) => `import(${JSON.stringify(posix.resolve(leanFolder, path))})`,
      )
      return { ...converted, declOutput: absolute }
    },
  }
}

/** The options that differ from tslab's own. */
function compilerOptions({ paths, nodeTypes }: Places, scope: Scope): object {
  return {
    inlineSourceMap: true,
    paths,
    lib: ['lib.es2023.d.ts'],
    ...(scope === 'full'
      ? { typeRoots: [dirname(dirname(nodeTypes))], types: ['node'] }
      : { typeRoots: [leanFolder], types: ['console'] }),
  }
}

/** TypeScript's own form of a name that begins with two underscores has three. */
const unescaped = (names: string): string => names.replace(/([{ ])_(__)/g, '$1$2')

/** A watcher of what does not change. */
const noWatcher = () => ({ close() {} })

/** What the copy of TypeScript is made for. */
interface Adapting extends CompilerOptions {
  isShared(name: string): boolean
  scope(): Scope
  /** Hears of each program, and of the file in it that is the cell. */
  onProgram(program: Program, path: string): void
}

/** The copy of TypeScript that tslab's converter gets: quirks 1, 2, 11, 14 to 17 and 20. */
function adapted(
  typescript: TypeScript,
  { places, sources, isShared, scope, onProgram }: Adapting,
): TypeScript {
  // tslab changes this one on what it takes for the original.
  typescript.sys.useCaseSensitiveFileNames = true
  const sys: TypeScript['sys'] = Object.create(typescript.sys)
  // The lean converter knows no folder: it looks at nothing there, and may have been made in another.
  sys.getCurrentDirectory = () => (scope() === 'lean' ? leanFolder : process.cwd())
  const { watchFile, watchDirectory } = typescript.sys
  sys.watchFile = (path, ...rest) =>
    scope() === 'lean' || path.endsWith('.d.ts') ? noWatcher() : watchFile(path, ...rest)
  sys.watchDirectory = (...all) => (scope() === 'lean' ? noWatcher() : watchDirectory(...all))
  const { readFile, fileExists, directoryExists } = typescript.sys
  const consoleTypes = readFile(join(dirname(places.nodeTypes), 'console.d.ts')) ?? ''
  const lean = leanDeclarations(consoleTypes)
  sys.readFile = (path, encoding) => (path === leanFile ? lean : readFile(path, encoding))
  sys.fileExists = (path) => path === leanFile || fileExists(path)
  sys.directoryExists = (path) => leanFile.startsWith(`${path}/`) || directoryExists(path)
  return {
    ...typescript,
    createWatchCompilerHost(files, options, system, ...rest) {
      const readSource = system.readFile
      system.readFile = (...args) => readSource(...args)?.replace(exportedNames, unescaped)
      const ours = compilerOptions(places, scope())
      const host = typescript.createWatchCompilerHost(
        files,
        { ...options, ...ours },
        system,
        ...rest,
      )
      const { setTimeout } = host
      // Whatever is found to be there now: at once, and not by a second timer. In a picture functions have no names, but
      // properties do.
      host.setTimeout = (call, ...more) =>
        String(call).includes('invalidateResolutionsOfFailedLookup')
          ? call()
          : setTimeout?.(call, ...more)
      const { createProgram } = host
      let known: unknown
      host.createProgram = (names, options, programHost, ...more) => {
        if (programHost !== known) shareSources(programHost, sources)
        known = programHost
        const program = createProgram(names, options, programHost, ...more)
        onProgram(program, files.at(-1) ?? '')
        return program
      }
      return host
    },
    transpileModule(text, { compilerOptions }) {
      const first = splitMap(text)
      const { outputText } = typescript.transpileModule(first.code, {
        compilerOptions: { ...compilerOptions, inlineSourceMap: true },
        transformers: { before: [writeOutShorthand(typescript, isShared)] },
      })
      const last = splitMap(outputText)
      return { outputText: last.code + first.map.trimEnd() + last.map }
    },
    sys,
  }
}

/** Takes declarations from `sources` where they are, and leaves there what had to be parsed. */
function shareSources(host: ProgramHost, sources: Sources): void {
  const { getSourceFile, getSourceFileByPath } = host
  const shared = (name: string, read: () => object | undefined): object | undefined => {
    if (!name.endsWith('.d.ts') || name.endsWith('/__prev__.d.ts') || name === leanFile)
      return read()
    const source = sources.get(name) ?? read()
    if (source) sources.set(name, source)
    return source
  }
  host.getSourceFile = (name, ...more) => shared(name, () => getSourceFile(name, ...more))
  host.getSourceFileByPath = (name, ...more) =>
    shared(name, () => getSourceFileByPath(name, ...more))
}
