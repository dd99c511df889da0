// SPDX-License-Identifier: GPL-2.0-only
// A cell's TypeScript becomes a script of the same lines. Types are stripped, not checked. Top-level
// declarations stay what they are, bindings of one function; their names are published to the cells
// below by a pair of closures, so that a later cell may read, assign and declare them again.
import { type ModuleDeclaration, type Pattern, parse, type Statement } from 'acorn'
import { transform } from 'sucrase'

/** A cell that cannot be parsed. `line` counts from 1 in the cell. */
export class CellSyntaxError extends SyntaxError {
  override name = 'SyntaxError'
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** How a cell reads and assigns one name that it declares. */
export type Binding = readonly [get: () => unknown, set: (value: unknown) => void]

/** What a compiled cell is called with. */
export interface CellContext {
  /** The names of the cells above. */
  readonly scope: object
  /** Called first of all with the names that the cell declares. */
  readonly publish: (bindings: Readonly<Record<string, Binding>>) => void
  /** The module that an import statement names; throws for one that does not exist. */
  readonly load: (module: string) => unknown
}

/** Gives the cell as a function, which resolves to the value of its last statement when that is an expression. */
export type CompiledCell = (
  context: CellContext,
) => () => Promise<{ readonly value: unknown } | undefined>

/**
 * The source text of a {@link CompiledCell} as one expression. Line numbers are the cell's own, under the file name
 * `name`. Throws {@link CellSyntaxError}.
 */
export function compileCell(code: string, name: string): string {
  const script = stripTypes(code)
  const { body } = parseScript(script)
  const names = [...new Set(body.flatMap(declaredNames))]
  const bindings = names.map((one) => `${one}: [() => ${one}, ($$) => { ${one} = $$ }]`)
  return [
    '(function ($$context) { with ($$context.scope) { return async function () { "use strict"; ',
    names.length > 0 ? `$$context.publish({ ${bindings.join(', ')} }); ` : '',
    rewrite(script, body),
    `\n} } })\n//# sourceURL=${name}`,
  ].join('')
}

function stripTypes(code: string): string {
  try {
    return transform(code, {
      transforms: ['typescript'],
      disableESTransforms: true,
      keepUnusedImports: true,
    }).code
  } catch (error) {
    throw toSyntaxError(error)
  }
}

type Program = { readonly body: readonly (Statement | ModuleDeclaration)[] }

function parseScript(script: string): Program {
  try {
    return parse(script, { ecmaVersion: 'latest', sourceType: 'module', locations: true })
  } catch (error) {
    throw toSyntaxError(error)
  }
}

/** sucrase and acorn both end their messages with `(line:column)`. */
function toSyntaxError(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error
  const [, message, line] = /^(.*) \((\d+):\d+\)$/s.exec(error.message) ?? []
  return message === undefined ? error : new CellSyntaxError(message, Number(line))
}

function rewrite(script: string, body: Program['body']): string {
  let text = ''
  let at = 0
  for (const node of body) {
    text += script.slice(at, node.start)
    text += rewriteStatement(script.slice(node.start, node.end), node, node === body.at(-1))
    at = node.end
  }
  return text + script.slice(at)
}

function rewriteStatement(text: string, node: Program['body'][number], last: boolean): string {
  switch (node.type) {
    case 'ImportDeclaration': {
      const lines = '\n'.repeat(text.split('\n').length - 1)
      const module = `$$context.load(${JSON.stringify(node.source.value)})`
      const target = importTarget(node.specifiers)
      return `${target ? `const ${target} = ${module}` : module};${lines}`
    }
    case 'ExportNamedDeclaration':
      if (node.declaration) return text.replace('export', '      ')
      throw exportError(node)
    case 'ExportDefaultDeclaration':
    case 'ExportAllDeclaration':
      throw exportError(node)
    case 'ExpressionStatement':
      if (!last || isEnumBody(text)) return text
      return `return { value: (${text.replace(/;$/, '')}) };`
    default:
      return text
  }
}

function exportError(node: ModuleDeclaration): CellSyntaxError {
  const message = 'A cell has nothing to export to: what it declares is in scope in the cells below'
  return new CellSyntaxError(message, node.loc?.start.line ?? 1)
}

type ImportSpecifiers = Extract<ModuleDeclaration, { type: 'ImportDeclaration' }>['specifiers']

function importTarget(specifiers: ImportSpecifiers): string {
  const parts: string[] = []
  for (const specifier of specifiers) {
    if (specifier.type === 'ImportNamespaceSpecifier') return specifier.local.name
    if (specifier.type === 'ImportDefaultSpecifier') parts.push(`default: ${specifier.local.name}`)
    else if (specifier.imported.type === 'Identifier')
      parts.push(`${specifier.imported.name}: ${specifier.local.name}`)
  }
  return parts.length > 0 ? `{ ${parts.join(', ')} }` : ''
}

/** What sucrase makes of `enum E {}` ends in a call, which is no value of the cell. */
function isEnumBody(text: string): boolean {
  const [, name] = /^\(function \((\w+)\) \{/.exec(text) ?? []
  return name !== undefined && text.includes(`})(${name} || (${name} = {}))`)
}

function declaredNames(node: Program['body'][number]): string[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return node.specifiers.map((specifier) => specifier.local.name)
    case 'ExportNamedDeclaration':
      return node.declaration ? declaredNames(node.declaration) : []
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return [node.id.name]
    case 'VariableDeclaration':
      return node.declarations.flatMap(({ id }) => patternNames(id))
    default:
      return []
  }
}

function patternNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? patternNames(element) : []))
    case 'AssignmentPattern':
      return patternNames(pattern.left)
    case 'RestElement':
      return patternNames(pattern.argument)
    default:
      return []
  }
}
