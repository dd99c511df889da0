// SPDX-License-Identifier: GPL-2.0-only
// `{ name }` of an earlier cell's variable: tslab looks the property up where it should look up the variable, and
// leaves a name that nobody declares.

/** A node of TypeScript's tree, as far as it is looked at. */
export interface SyntaxNode {
  readonly kind: number
  readonly name?: SyntaxNode
  readonly text?: string
  /** Where it ends in its file. */
  readonly end: number
}

/** The little of TypeScript that is used here. */
export interface SyntaxTools {
  readonly SyntaxKind: Readonly<Record<string, number>>
  readonly factory: {
    createIdentifier(text: string): SyntaxNode
    createPropertyAccessExpression(of: SyntaxNode, name: string): SyntaxNode
    createPropertyAssignment(name: SyntaxNode, value: SyntaxNode): SyntaxNode
  }
  forEachChild(node: SyntaxNode, each: (child: SyntaxNode) => void): void
  visitEachChild<T extends SyntaxNode>(
    node: T,
    visit: (child: SyntaxNode) => SyntaxNode,
    context: object,
  ): T
}

const DECLARATIONS = [
  'VariableDeclaration',
  'BindingElement',
  'Parameter',
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'ImportSpecifier',
  'ImportClause',
  'NamespaceImport',
]

/**
 * Turns `{ name }` into `{ name: exports.name }` where `isShared` says that an earlier cell has the name and the cell
 * itself declares it nowhere.
 */
export function writeOutShorthand(
  tools: SyntaxTools,
  isShared: (name: string) => boolean,
): (context: object) => (file: SyntaxNode) => SyntaxNode {
  const { SyntaxKind, factory } = tools
  const declarations = new Set(DECLARATIONS.map((kind) => SyntaxKind[kind]))
  return (context) => (file) => {
    const own = new Set<string>()
    const collect = (node: SyntaxNode): void => {
      if (declarations.has(node.kind) && node.name?.text) own.add(node.name.text)
      tools.forEachChild(node, collect)
    }
    const visit = (node: SyntaxNode): SyntaxNode => {
      const name = node.kind === SyntaxKind.ShorthandPropertyAssignment ? node.name : undefined
      if (!name?.text || own.has(name.text) || !isShared(name.text))
        return tools.visitEachChild(node, visit, context)
      const exports = factory.createIdentifier('exports')
      const value = factory.createPropertyAccessExpression(exports, name.text)
      return factory.createPropertyAssignment(name, value)
    }
    collect(file)
    return visit(file)
  }
}
