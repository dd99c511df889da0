// SPDX-License-Identifier: GPL-2.0-only
// What TypeScript knows of the names in a cell that tslab's converter has read.
import type { QuickInfo, Sources } from './compiler.ts'
import type { SyntaxNode, SyntaxTools } from './shorthand.ts'

/** A name in a cell's code, where it stands in it, and what is known of it. */
export interface NameInfo {
  readonly start: number
  readonly end: number
  readonly info: QuickInfo
}

/** The little of TypeScript that is used here. */
export interface NameTools extends Pick<SyntaxTools, 'SyntaxKind' | 'forEachChild'> {
  readonly SyntaxKind: SyntaxTools['SyntaxKind'] & { readonly Identifier: number }
  readonly SymbolFlags: { readonly Alias: number; readonly Class: number }
  getQuickInfoAtPosition(
    file: object,
    checker: object,
    cancellation: object,
    position: number,
  ): QuickInfo | undefined
}

/** What was made of a cell and all that it sees. */
export interface Program {
  getSourceFile(path: string): SourceFile
  getProgram(): { getTypeChecker(): TypeChecker }
}

interface TypeChecker {
  getSymbolAtLocation(node: SyntaxNode): TypeSymbol | undefined
  getAliasedSymbol(symbol: TypeSymbol): TypeSymbol
}

interface TypeSymbol {
  readonly flags: number
  readonly declarations?: readonly Declaration[]
}

interface Declaration {
  readonly parent?: Declaration
  readonly typeParameters?: object
  getSourceFile(): { readonly fileName: string }
}

interface SourceFile extends SyntaxNode {
  readonly text: string
}

/** What tslab appends to a cell. */
export const exportedNames: RegExp = /\nexport \{[^}]*\}$/

const noCancellation = { isCancellationRequested: () => false, throwIfCancellationRequested() {} }

/** Tells of the names in a cell; what is declared in a file of `sources` is put into words once for all cells. */
export function nameTeller(
  typescript: NameTools,
  sources: Sources,
): (file: SourceFile, program: Program) => NameInfo[] {
  const told = new WeakMap<Declaration, QuickInfo>()

  /** The declaration of a name that is told of by the same words wherever it is used. */
  const lastingDeclaration = (node: SyntaxNode, checker: TypeChecker): Declaration | undefined => {
    const { Alias, Class } = typescript.SymbolFlags
    const named = checker.getSymbolAtLocation(node)
    const symbol = named && named.flags & Alias ? checker.getAliasedSymbol(named) : named
    const { declarations = [], flags = 0 } = symbol ?? {}
    const [declaration] = declarations
    if (!declaration || declarations.length > 1 || flags & Class) return undefined
    for (let at: Declaration | undefined = declaration; at; at = at.parent)
      if (at.typeParameters) return undefined
    const file = declaration.getSourceFile()
    return sources.get(file.fileName) === file ? declaration : undefined
  }

  return (file, program) => {
    const checker = program.getProgram().getTypeChecker()
    // tslab sets a line before the cell, and another after it.
    const head = file.text.indexOf('\n') + 1
    const end = exportedNames.exec(file.text)?.index ?? file.text.length
    const found: NameInfo[] = []
    const visit = (node: SyntaxNode): void => {
      typescript.forEachChild(node, visit)
      if (node.kind !== typescript.SyntaxKind.Identifier || node.end > end) return
      const start = node.end - (node.text?.length ?? 0)
      const declaration = lastingDeclaration(node, checker)
      const known = declaration && told.get(declaration)
      const info = known ?? typescript.getQuickInfoAtPosition(file, checker, noCancellation, start)
      if (!info) return
      if (declaration) told.set(declaration, info)
      found.push({ start: start - head, end: node.end - head, info })
    }
    visit(file)
    return found
  }
}
