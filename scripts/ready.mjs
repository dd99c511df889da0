// SPDX-License-Identifier: GPL-2.0-only
// What every command needs first: the packages installed and src/ compiled to dist/.
// Node built-ins only, since it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout: the folder that holds package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const stamp = join(root, 'node_modules', '.vmalab-installed')
const built = join(root, 'dist', '.built')

/** Prints a line of progress; on stderr, so that a command's own output stays clean. */
export function say(line) {
  process.stderr.write(`vmalab: ${line}\n`)
}

/** Runs `command` in the checkout with its output shown on stderr, and ends this process when it fails. */
export function run(command, args, { env = {}, what } = {}) {
  const began = Date.now()
  if (what) say(`${what} ...`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  })
  if (error || status !== 0) {
    say(`${what ?? command} failed${error ? `: ${error.message}` : ''}`)
    process.exit(status || 1)
  }
  if (what) say(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

/** Runs a package's command-line file with this Node. */
export function runTool(file, args, options) {
  run(process.execPath, [join(root, 'node_modules', file), ...args], options)
}

/** What runs npm, also where it is not on PATH: a command and its first words. */
export function npmCommand() {
  const beside = join(
    dirname(process.execPath),
    '..',
    'lib',
    'node_modules',
    'npm',
    'bin',
    'npm-cli.js',
  )
  for (const file of [process.env.npm_execpath, beside]) {
    if (file && /\.c?js$/.test(file) && existsSync(file)) return [process.execPath, file]
  }
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

/** Installs the packages of package-lock.json, unless just these are installed already, for this Node and this machine. */
export function ensureInstalled() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const place = `${process.platform} ${process.arch} ${process.versions.modules}`
  const want = `${createHash('sha256').update(lock).digest('hex')} ${place}`
  const stamped = () => (existsSync(stamp) ? readFileSync(stamp, 'utf8') : '')
  if (stamped() === want) return
  oneAtATime(() => {
    const before = stamped()
    if (before === want) return
    const isOfHere = before === '' || before.endsWith(` ${place}`)
    if (!isOfHere || !hasInstalled(JSON.parse(lock))) {
      const [command, ...args] = npmCommand()
      run(command, [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
        what: 'installing packages (about a minute)',
      })
    }
    writeFileSync(stamp, want)
  })
}

/** Has npm installed just what the lock asks for, whoever called it? It notes what it has installed. */
function hasInstalled({ packages }) {
  const note = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(note)) return false
  const there = JSON.parse(readFileSync(note, 'utf8')).packages
  return Object.entries(packages).every(([path, { integrity, optional }]) => {
    const isThis = path === ''
    return isThis || (path in there ? there[path].integrity === integrity : optional)
  })
}

/** Calls `work` while no other process of this checkout does: two at once would undo each other's. */
function oneAtATime(work) {
  const lock = join(root, '.installing')
  const still = new Int32Array(new SharedArrayBuffer(4))
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = holderOf(lock)
    // It ended without a word, killed perhaps.
    if (holder !== undefined && !isRunning(holder)) {
      rmSync(lock, { force: true })
      continue
    }
    if (!told) say(`waiting for process ${holder ?? '?'}, which installs packages ...`)
    Atomics.wait(still, 0, 0, 200)
  }
  const unlock = () => rmSync(lock, { force: true })
  // run() ends this process when it fails.
  process.once('exit', unlock)
  work()
  process.off('exit', unlock)
  unlock()
}

/** The process that made a lock: 0 for one that did not come to say so, undefined while it may yet. */
function holderOf(lock) {
  try {
    const text = readFileSync(lock, 'utf8')
    if (text !== '') return Number(text)
    return Date.now() - statSync(lock).mtimeMs > 5000 ? 0 : undefined
  } catch {
    // It was let go of just now.
    return undefined
  }
}

function isRunning(pid) {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

/** tsc leaves the output of a deleted source behind: remove what has none. */
function removeStale(dist) {
  for (const path of existsSync(dist) ? filesBelow(dist) : []) {
    const source = path.slice(dist.length).replace(/\.(d\.ts|js)(\.map)?$/, '')
    if (!/\.(d\.ts|js)(\.map)?$/.test(path)) continue
    if (!['.ts', '.tsx'].some((ending) => existsSync(join(root, 'src', source + ending))))
      rmSync(path)
  }
}

/** Compiles src/ to dist/; with `tests`, checks their types, too. */
export function build({ tests = false } = {}) {
  removeStale(join(root, 'dist'))
  const projects = tests ? [] : ['src/tsconfig.node.json']
  // TypeScript 6 is there for its programming interface: that of 7 is not stable yet.
  runTool('typescript-7/bin/tsc', ['-b', ...projects], { what: 'compiling' })
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist', 'package.json'), '{"type":"module","sideEffects":false}\n')
  share('index.js', 'vmalab', 'index')
  share('figures/index.js', 'vmalab/figures', 'figures')
  writeFileSync(built, '')
}

/**
 * Writes what an ES module gets that imports this package in a kernel which starts from a picture, where the model is in
 * memory already (src/jupyter/pictured.ts): that one, by the names of the file in dist/. The condition `vmalab-kernel` of
 * package.json leads there.
 */
function share(file, module, name) {
  const folder = join(root, 'dist', 'jupyter', 'shared')
  const names = Object.keys(createRequire(import.meta.url)(join(root, 'dist', file))).join(', ')
  const text = `import * as own from '../../${file}'
const { ${names} } = globalThis[Symbol.for('vmalab.modules')]?.['${module}'] ?? own
export { ${names} }
`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.mjs`), text)
}

/** Installs and compiles when something is missing or a source is newer than the last build. */
export function ensureBuilt() {
  ensureInstalled()
  const since = existsSync(built) ? statSync(built).mtimeMs : 0
  for (const path of filesBelow(join(root, 'src'))) {
    if (statSync(path).mtimeMs > since) return build()
  }
}
