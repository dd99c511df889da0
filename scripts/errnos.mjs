// SPDX-License-Identifier: GPL-2.0-only
// Writes src/trace/errno_causes.ts: every place where the model refuses a call, with the errno, the kernel function and
// the reason, read off the calls of refuse() in src/mm and src/eras.   node scripts/errnos.mjs [--check]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { writeDerived } from './derive.mjs'
import { root } from './ready.mjs'

const sources = ['src/mm', 'src/eras'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, folder, file), 'utf8')
      return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    }),
)

/** The text of a string or template, with … for what is filled in; several for a choice; none for anything else. */
function texts(node, scope) {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')]
  if (ts.isConditionalExpression(node))
    return [...texts(node.whenTrue, scope), ...texts(node.whenFalse, scope)]
  if (ts.isIdentifier(node)) return lookUp(node, scope)
  return []
}

/** What a name stands for: a constant of a scope around it, or a parameter that callers fill in. */
function lookUp(name, from) {
  for (let scope = from; scope; scope = scope.parent) {
    let found
    const visit = (node) => {
      if (ts.isVariableDeclaration(node) && node.name.getText() === name.text && node.initializer)
        found ??= node.initializer
      if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit)
    }
    ts.forEachChild(scope, visit)
    if (found) return texts(found, scope)
    if (ts.isFunctionDeclaration(scope)) {
      const index = scope.parameters.findIndex((each) => each.name.getText() === name.text)
      if (index >= 0) return given(scope, index)
    }
  }
  return []
}

/** What callers give a function for a parameter: in its file, and if it is exported in every other. */
function given(declared, index) {
  const isExported = declared.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  const values = []
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === declared.name?.text)
      values.push(...(node.arguments[index] ? texts(node.arguments[index], node.parent) : []))
    ts.forEachChild(node, visit)
  }
  for (const source of isExported ? sources : [declared.getSourceFile()]) visit(source)
  return values
}

const rows = new Set()
const visit = (node) => {
  if (ts.isCallExpression(node) && node.expression.getText() === 'refuse') {
    const [, errno, at, why] = node.arguments
    const name = /^E[A-Z]+$/.test(errno?.getText() ?? '') ? errno.getText() : '*'
    for (const place of at ? texts(at, node.parent) : [])
      for (const reason of why ? texts(why, node.parent) : [])
        rows.add(JSON.stringify([place, name, reason]))
  }
  ts.forEachChild(node, visit)
}
for (const source of sources) visit(source)

const quoted = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`
const lines = [...rows]
  .map((row) => JSON.parse(row))
  .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))
  .map((row) => `  [${row.map(quoted).join(', ')}],`)
const wanted = `// SPDX-License-Identifier: GPL-2.0-only
// Written by scripts/errnos.mjs from the calls of refuse(): do not edit.

/** Why each kernel function refuses: the function, the errno (\`*\`: a hook's own), the reason with … for a value. */
// biome-ignore format: a row a line
export const CAUSES: readonly (readonly [at: string, errno: string, why: string])[] = [
${lines.join('\n')}
]
`
writeDerived([['src/trace/errno_causes.ts', wanted]])
