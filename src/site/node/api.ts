// SPDX-License-Identifier: GPL-2.0-only
// Reads the model's declarations for the editor of the page: names, signatures, comments, and which type leads where.
import { join } from 'node:path'
import ts from 'typescript'
import type { Api, ApiEntry, ApiType, TypeRef } from '../live/api.ts'

const library = 'Array, Object, Math, JSON, Number, String, Map, Set, Promise'

/** What stands in scope beside the front door. */
const scope = `import type { Mm } from './index.ts'
/** A fresh address space of Linux 7.3. */
export declare let mm: Mm
/** The text of /proc/PID/maps; on the page: what was pasted into the box above the cell. */
export declare const processMaps: () => string
export declare const console: {
  /** Prints values, and a line end. */
  log(...values: unknown[]): void
  /** Prints values as an error's. */
  error(...values: unknown[]): void
  warn(...values: unknown[]): void
  /** Prints a list of objects as a table. */
  table(rows: unknown): void
  /** What is printed from here on is indented. */
  group(...values: unknown[]): void
  groupEnd(): void
}
const library = { ${library} }
export const { ${library} } = library
export * from './index.ts'
`

/** Library types whose first type argument is followed; a Map's values are what it is asked for. */
const containers: Readonly<Record<string, { readonly name: string; readonly argument: number }>> = {
  Array: { name: 'Array', argument: 0 },
  ReadonlyArray: { name: 'Array', argument: 0 },
  Set: { name: 'Set', argument: 0 },
  ReadonlySet: { name: 'Set', argument: 0 },
  Map: { name: 'Map', argument: 1 },
  ReadonlyMap: { name: 'Map', argument: 1 },
  Promise: { name: 'Promise', argument: 0 },
}

/**
 * The front door of the model as the editor knows it. `declarations` is the folder of its declaration file; throws when
 * that cannot be read.
 */
export function readApi(declarations: string): Api {
  const file = join(declarations, 'scope.ts')
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, scope, ts.ScriptTarget.ES2022, true)
      : getSourceFile(name, ...rest)
  const program = ts.createProgram([file], options, host)
  const source = program.getSourceFile(file)
  const checker = program.getTypeChecker()
  const module = source && checker.getSymbolAtLocation(source)
  if (!source || !module) throw new Error(`${declarations}: there are no declarations to read`)
  return new Reader(checker, source).read(checker.getExportsOfModule(module))
}

/** Follows the types of some symbols, each once. */
class Reader {
  readonly #checker: ts.TypeChecker
  readonly #place: ts.Node
  readonly #types: Record<string, ApiType> = {}
  readonly #names = new Map<ts.Type, string>()
  readonly #waiting: (() => void)[] = []
  /** A container is being read: what it names may mention its T. */
  #isGeneric = false

  constructor(checker: ts.TypeChecker, place: ts.Node) {
    this.#checker = checker
    this.#place = place
  }

  read(symbols: readonly ts.Symbol[]): Api {
    const values: Record<string, ApiEntry> = {}
    for (const symbol of symbols) {
      const real = this.#real(symbol)
      values[symbol.name] = this.#entry(symbol.name, real)
      // A class or an interface can be named in an annotation.
      if (real.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))
        this.#ref(this.#checker.getDeclaredTypeOfSymbol(real))
    }
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next()
    return { values, types: this.#types }
  }

  #real(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  #entry(name: string, symbol: ts.Symbol): ApiEntry {
    const doc = this.#doc(symbol)
    const isType = (symbol.flags & ts.SymbolFlags.Value) === 0
    const type = isType
      ? this.#checker.getDeclaredTypeOfSymbol(symbol)
      : this.#checker.getTypeOfSymbolAtLocation(symbol, this.#place)
    return {
      kind: kindOf(symbol),
      text: isType ? `type ${name}` : this.#text(name, symbol, type),
      ...(doc && { doc }),
      type: isType ? '' : this.#ref(type),
    }
  }

  #text(name: string, symbol: ts.Symbol, type: ts.Type): string {
    const flags = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope
    if (symbol.flags & ts.SymbolFlags.Class) {
      const [made] = type.getConstructSignatures()
      return made ? `new ${name}${this.#signature(made)}` : `class ${name}`
    }
    const calls = type.getNonNullableType().getCallSignatures()
    if (calls[0]) return `${name}${this.#signature(calls[0])}`
    return `${name}: ${this.#checker.typeToString(type, this.#place, flags)}`
  }

  #signature(signature: ts.Signature): string {
    return this.#checker.signatureToString(
      signature,
      this.#place,
      ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope,
    )
  }

  #doc(symbol: ts.Symbol): string {
    const text = ts
      .displayPartsToString(symbol.getDocumentationComment(this.#checker))
      .replace(/\{@link (\S+?) ?\}/g, '$1')
    return isLibrary(symbol) ? text.replace(/(?<=\.)\s.*$/s, '') : text
  }

  /** The name of a type, which is read later if it is new. */
  #ref(whole: ts.Type): TypeRef {
    if (whole.flags & ts.TypeFlags.TypeParameter)
      return /^[TV]$/.test(whole.symbol?.name ?? '') && this.#isGeneric ? 'T' : ''
    const type = this.#target(this.#checker.getApparentType(this.#alone(whole)))
    const container = containers[type.symbol?.name ?? '']
    if (container && isLibrary(type.symbol)) return this.#contained(whole, type.symbol, container)
    const name = this.#names.get(type) ?? this.#nameOf(type)
    if (name === '') return ''
    if (!this.#names.has(type)) this.#readLater(name, type)
    return name.startsWith('#') && this.#isGeneric ? `${name}<T>` : name
  }

  #readLater(name: string, type: ts.Type): void {
    const isGeneric = this.#isGeneric
    this.#names.set(type, name)
    this.#types[name] = { members: {} }
    this.#waiting.push(() => {
      this.#isGeneric = isGeneric
      this.#types[name] = this.#read(type)
    })
  }

  /** A class of ours is one type, whatever its arguments. */
  #target(type: ts.Type): ts.Type {
    const { target } = type as Partial<ts.TypeReference>
    return target && !isLibrary(type.symbol) && type.symbol === target.symbol ? target : type
  }

  /** What is left of a union without undefined and null, when that is one thing. */
  #alone(type: ts.Type): ts.Type {
    const rest = this.#checker.getNonNullableType(type)
    return rest.isUnion()
      ? (rest.types.find(({ flags }) => flags & ts.TypeFlags.Object) ?? rest)
      : rest
  }

  #contained(
    whole: ts.Type,
    symbol: ts.Symbol,
    { name, argument }: { readonly name: string; readonly argument: number },
  ): TypeRef {
    const type = this.#checker.getApparentType(this.#alone(whole)) as ts.TypeReference
    const of = this.#checker.getTypeArguments(type)[argument]
    const element = of ? this.#ref(of) : ''
    if (!Object.hasOwn(this.#types, name)) {
      const before = this.#isGeneric
      this.#isGeneric = true
      this.#readLater(name, this.#checker.getDeclaredTypeOfSymbol(symbol))
      this.#isGeneric = before
    }
    return element ? `${name}<${element}>` : name
  }

  /** Ours by its name, or numbered; of the library the few that a cell meets. */
  #nameOf(type: ts.Type): string {
    const symbol = type.symbol
    if (!symbol || !(type.flags & ts.TypeFlags.Object)) return ''
    const isNamed = !symbol.name.startsWith('__')
    if (isLibrary(symbol) && isNamed && type.getCallSignatures().length === 0)
      return /^(String|Number|Math|JSON|\w+Constructor)$/.test(symbol.name) ? symbol.name : ''
    if (isNamed && type === this.#declared(symbol)) return symbol.name
    return `#${this.#names.size}`
  }

  #declared(symbol: ts.Symbol): ts.Type | undefined {
    const isNamed = symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)
    return isNamed ? this.#checker.getDeclaredTypeOfSymbol(symbol) : undefined
  }

  #read(type: ts.Type): ApiType {
    const members: Record<string, ApiEntry> = {}
    for (const symbol of this.#checker.getPropertiesOfType(type))
      if (isPublic(symbol)) members[symbol.name] = this.#entry(symbol.name, symbol)
    // The last of several is the widest: a filter() that narrows nothing.
    const call = type.getCallSignatures().at(-1)
    const [made] = type.getConstructSignatures()
    const signature = call ?? made
    return {
      members,
      ...(signature && { params: signature.parameters.map((one) => this.#parameter(one)) }),
      ...(call && { returns: this.#ref(call.getReturnType()) }),
      ...(made && { makes: this.#ref(made.getReturnType()) }),
    }
  }

  #parameter(symbol: ts.Symbol): TypeRef {
    return this.#ref(this.#checker.getTypeOfSymbolAtLocation(symbol, this.#place))
  }
}

function isLibrary(symbol: ts.Symbol | undefined): boolean {
  const file = symbol?.declarations?.[0]?.getSourceFile()
  return file !== undefined && /[\\/]lib\.[\w.]+\.d\.ts$/.test(file.fileName)
}

function isPublic(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? []
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  const isHidden = declaration && ts.getCombinedModifierFlags(declaration) & hidden
  return !isHidden && /^[A-Za-z_$][\w$]*$/.test(symbol.name)
}

function kindOf(symbol: ts.Symbol): ApiEntry['kind'] {
  const { flags, name } = symbol
  if (flags & ts.SymbolFlags.Class) return 'class'
  if (flags & ts.SymbolFlags.Function) return 'function'
  if (flags & ts.SymbolFlags.Method) return 'method'
  if (flags & (ts.SymbolFlags.Property | ts.SymbolFlags.Accessor)) return 'property'
  if (flags & ts.SymbolFlags.Variable) return /^[A-Z_\d]+$/.test(name) ? 'constant' : 'variable'
  return 'type'
}
