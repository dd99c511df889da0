// SPDX-License-Identifier: GPL-2.0-only
// Files that a script makes from the sources.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root, say } from './ready.mjs'

/**
 * Writes the files, [path in the checkout, text]; with --check says which are out of step instead, and ends this
 * process with 1 if any is. `folder` holds nothing else: what no script makes any more is removed.
 */
export function writeDerived(files, folder) {
  const made = new Map(files)
  const there = folder === undefined ? [] : filesIn(folder)
  const stale = [...new Set([...made.keys(), ...there])].filter(
    (path) => made.get(path) !== textOf(path),
  )
  if (!process.argv.includes('--check')) {
    for (const path of stale) write(path, made.get(path))
    return
  }
  for (const path of stale)
    say(`${path} is out of step; run: node scripts/${basename(process.argv[1])}`)
  if (stale.length > 0) process.exit(1)
}

function filesIn(folder) {
  const path = join(root, folder)
  return existsSync(path) ? readdirSync(path).map((name) => `${folder}/${name}`) : []
}

function textOf(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
}

function write(path, text) {
  if (text === undefined) return rmSync(join(root, path))
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
