// SPDX-License-Identifier: GPL-2.0-only
// Writes the table of kernel functions into CONTRIBUTING.md, from the doc comments of src/mm: a function that has the
// name of the kernel's own is listed beside the kernel's file.   node scripts/functions.mjs [--check]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './ready.mjs'

const rows = []
for (const file of readdirSync(join(root, 'src/mm')).sort()) {
  const source = readFileSync(join(root, 'src/mm', file), 'utf8')
  const documented = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n(?:export )?function (\w+)\(/g
  for (const [, comment, name] of source.matchAll(documented)) {
    const text = comment.replace(/\n\s*\* ?/g, ' ')
    const at = text.match(new RegExp(`(\\S+):${name}(?:\\(\\)|\\b)`))
    if (at) rows.push(`| \`${name}\` | ${at[1]} | \`src/mm/${file}\` |`)
  }
}
rows.sort((a, b) => (a.replace(/\W|_/g, '') < b.replace(/\W|_/g, '') ? -1 : 1))
const table = ['| function | Linux | here |', '|---|---|---|', ...rows].join('\n')

const path = join(root, 'CONTRIBUTING.md')
const page = readFileSync(path, 'utf8')
const [open, close] = ['<!-- functions -->\n', '\n<!-- /functions -->']
const start = page.indexOf(open) + open.length
const wanted = page.slice(0, start) + table + page.slice(page.indexOf(close))
if (!process.argv.includes('--check')) writeFileSync(path, wanted)
else if (wanted !== page) {
  say('the table of functions in CONTRIBUTING.md is out of step; run: node scripts/functions.mjs')
  process.exit(1)
}
