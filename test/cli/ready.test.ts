// SPDX-License-Identifier: GPL-2.0-only
// When a command of the checkout installs packages first.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const ready = join(import.meta.dirname, '../../scripts/ready.mjs')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-ready-'))
  mkdirSync(join(folder, 'scripts'))
  mkdirSync(join(folder, 'node_modules'))
  cpSync(ready, join(folder, 'scripts/ready.mjs'))
  // Stands for npm: it installs what the lock says, but nothing that is optional.
  write(
    'npm.cjs',
    `const fs = require('node:fs')
const { packages } = JSON.parse(fs.readFileSync('package-lock.json'))
const there = Object.entries(packages).filter(([path, { optional }]) => path && !optional)
fs.mkdirSync('node_modules', { recursive: true })
fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: Object.fromEntries(there) }))
fs.writeFileSync('installed', '')`,
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

/** Packages, told as `a1 b2?`: name, version, `?` where it is optional. */
function packages(told: string): string {
  const entries = told.split(' ').flatMap((word) => {
    const [, name, version, optional] = /^(\w)(\d)(\?)?$/.exec(word) ?? []
    const entry = { version, integrity: `sha512-${version}`, ...(optional && { optional: true }) }
    return name ? [[`node_modules/${name}`, entry]] : []
  })
  return JSON.stringify({ packages: Object.fromEntries([['', {}], ...entries]) })
}

/** Does the next command install? */
function installs(): boolean {
  rmSync(join(folder, 'installed'), { force: true })
  const call = "import('./scripts/ready.mjs').then(({ ensureInstalled }) => ensureInstalled())"
  const { status, stderr } = spawnSync(process.execPath, ['-e', call], {
    cwd: folder,
    env: { ...process.env, npm_execpath: join(folder, 'npm.cjs') },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return existsSync(join(folder, 'installed'))
}

it.each<[lock: string, there: string | undefined, stamp: string | undefined, whether: boolean]>([
  ['a1 b1', undefined, undefined, true],
  ['a1 b1', 'a1 b1', undefined, false],
  ['a1 b1', 'a1', undefined, true],
  ['a1 b1', 'a1 b2', undefined, true],
  ['a1 b1?', 'a1', undefined, false],
  ['a1 b1?', 'a1 b2', undefined, true],
  ['a1', 'a1 c1', undefined, false],
  ['a1', 'a1', 'other another system', true],
])('lock %s, installed %s, stamp %s: %s', (lock, there, stamp, whether) => {
  write('package-lock.json', packages(lock))
  if (there !== undefined) write('node_modules/.package-lock.json', packages(there))
  if (stamp !== undefined) write('node_modules/.vmalab-installed', stamp)
  expect(installs()).toBe(whether)
  expect(installs()).toBe(false)
})

it.each<[what: string, lock: string, there: string, whether: boolean]>([
  ['changes', 'a2', 'a1', true],
  ['npm changed itself', 'a1 b1', 'a1 b1', false],
])('a lock that %s: to %s, with %s there: %s', (_what, lock, there, whether) => {
  write('package-lock.json', packages('a1'))
  expect(installs()).toBe(true)
  write('package-lock.json', packages(lock))
  write('node_modules/.package-lock.json', packages(there))
  expect(installs()).toBe(whether)
  expect(installs()).toBe(false)
})
