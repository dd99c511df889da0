// SPDX-License-Identifier: GPL-2.0-only
// Writes src/trace/errno_causes.ts: every place where the model refuses a call, with the errno, the kernel function and
// the reason, read off the calls of refuse() in src/mm and src/eras.   node scripts/errnos.mjs [--check]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root, say } from './ready.mjs'

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

/** What a name stands for: a constant of a scope around it, or a parameter that callers in the file fill in. */
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

function given(declared, index) {
  const values = []
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === declared.name?.text)
      values.push(...(node.arguments[index] ? texts(node.arguments[index], node.parent) : []))
    ts.forEachChild(node, visit)
  }
  visit(declared.getSourceFile())
  return values
}

const rows = new Set()
for (const dir of ['src/mm', 'src/eras'])
  for (const file of readdirSync(join(root, dir)).sort()) {
    const source = ts.createSourceFile(
      file,
      readFileSync(join(root, dir, file), 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    )
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
    visit(source)
  }

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
const path = join(root, 'src/trace/errno_causes.ts')
if (!process.argv.includes('--check')) writeFileSync(path, wanted)
else if (readFileSync(path, 'utf8') !== wanted) {
  say('src/trace/errno_causes.ts is out of step; run: node scripts/errnos.mjs')
  process.exit(1)
}
