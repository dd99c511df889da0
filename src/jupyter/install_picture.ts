// SPDX-License-Identifier: GPL-2.0-only
// A picture (V8 calls it a startup snapshot) holds the memory of a process whose compiler has read its declarations. A
// kernel that starts from it need not read them again, which takes most of its start.
import { spawn } from 'node:child_process'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TYPESCRIPT } from './compiler.ts'
import { packageRoot, places, tslabLoader } from './package.ts'
import { PICTURED, READY } from './picture.ts'
import type { Settings } from './pictured.ts'
import { preludeDeclarations } from './prelude.ts'

/** The words that start Node through what {@link installPicture} left in a folder; Node's own are to follow. */
export function picturedStart(folder: string): string[] {
  return ['/bin/sh', join(folder, 'start.sh')]
}

/**
 * Makes a picture in `folder` and beside it a script that starts Node from it, or without it where Node would refuse it.
 * Resolves to why there is none, when so; the kernel then starts as always.
 */
export async function installPicture(folder: string): Promise<string | undefined> {
  const picture = join(folder, 'start.blob')
  const script = join(folder, 'start.cjs')
  // Until it is known to be good it has another name.
  const unproved = `${picture}.${process.pid}`
  rmSync(picture, { force: true })
  if (process.platform === 'win32') return 'it needs /bin/sh'
  try {
    writeFileSync(script, await bundle(), 'latin1')
    await node(['--snapshot-blob', unproved, '--build-snapshot', script])
    const said = await node(['--snapshot-blob', unproved, 'check'])
    if (said.trim() !== READY) throw new Error(`a kernel that starts from it says ${said}`)
    writeFileSync(join(folder, 'start.sh'), await starter(), { mode: 0o755 })
    renameSync(unproved, picture)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    for (const path of [script, unproved]) rmSync(path, { force: true })
  }
}

/** What Node prints. Rejects with what it complains about when it fails. */
function node(words: readonly string[]): Promise<string> {
  const { NODE_OPTIONS, ...env } = process.env
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const told = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (text) => {
      told[name] += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => {
      if (status === 0) resolve(told.stdout)
      else reject(new Error(`node ended with status ${status}: ${told.stderr.trim().slice(-500)}`))
    })
  })
}

const processor = "grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null"

/** A picture is good for the Node, the options and the processor that it was made with, else Node does not start. */
async function starter(): Promise<string> {
  const same = `[ -z "$NODE_OPTIONS" ] && [ "$("$1" --version)" = '${process.version}' ]`
  return `#!/bin/sh
# Starts a kernel, from the picture beside this file if Node takes it. Written by \`vmalab install\`.
picture="\${0%/*}/start.blob"
if [ -r "$picture" ] && ${same} &&
  [ "$(${processor})" = '${processorHere()}' ]
then
  node=$1
  shift
  exec "$node" ${PICTURED.join(' ')} "$picture" "$@"
fi
exec "$@"
`
}

function processorHere(): string {
  try {
    return /^flags.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? ''
  } catch {
    return ''
  }
}

/** The code that the picture is taken of: this package's as one module, tslab's modules by path. */
async function bundle(): Promise<string> {
  const { transform } = await import('esbuild')
  const own = await ownCode()
  const { modules, routes } = await tslabCode()
  const settings: Settings = {
    root: packageRoot,
    places: places(),
    declarations: preludeDeclarations(),
    files: [...own.files, ...modules.keys()],
  }
  const table = [...modules].map(
    ([path, code]) =>
      `${JSON.stringify(path)}(exports, require, module, __filename, __dirname) {${code}\n}`,
  )
  const whole = `const modules = {${table.join(',\n')}}
const routes = ${JSON.stringify(routes)}
const cache = {}
const loader = (from) => {
  const resolve = (id) => routes[from]?.[id] ?? id
  const load = (id) => {
    const path = resolve(id)
    if (!Object.hasOwn(modules, path)) return process.getBuiltinModule(path)
    if (cache[path]) return cache[path].exports
    const module = (cache[path] = { exports: {} })
    const folder = path.slice(0, path.lastIndexOf('/'))
    modules[path].call(module.exports, module.exports, loader(path), module, path, folder)
    return module.exports
  }
  return Object.assign(load, { resolve, cache })
}
const { createRequire, isBuiltin } = process.getBuiltinModule('module')
// Most of Node's modules cannot be in a picture: they are looked up when they are used.
const builtin = (id) => new Proxy({}, { get: (_, name) => process.getBuiltinModule(id)[name] })
const outside = (id) =>
  isBuiltin(id) ? builtin(id) : createRequire(${JSON.stringify(join(packageRoot, 'package.json'))})(id)
const own = { exports: {} }
;((require, module) => {${own.code}
})(outside, own)
own.exports.takeSeat(loader('tslab'), ${JSON.stringify(settings)})`
  // Each thread holds the text of what was compiled: it is made small.
  return inAscii((await transform(whole, { minify: true, format: 'iife', target: 'node20' })).code)
}

/** The same program in ASCII, of which V8 keeps a byte a character. esbuild leaves regular expressions as they are. */
function inAscii(code: string): string {
  return code.replace(/[\u0080-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** This package's code from pictured.ts on, and the files that it is of. What loads as it is needed is left where it is. */
async function ownCode(): Promise<{ readonly code: string; readonly files: readonly string[] }> {
  const { build } = await import('esbuild')
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('./pictured.js', import.meta.url))],
    absWorkingDir: packageRoot,
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['linkedom', '@observablehq/plot'],
    // It stands for Node's own where there is none, and wants an Atomics, which a picture has not.
    alias: { 'node-inspect-extracted': 'node:util' },
    supported: { 'dynamic-import': false },
    plugins: [
      {
        name: 'own address',
        setup: ({ onLoad }) =>
          onLoad({ filter: /[\\/]dist[\\/](jupyter|recipes)[\\/]/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replaceAll(
              'import.meta.url',
              JSON.stringify(pathToFileURL(path).href),
            ),
          })),
      },
    ],
  })
  return {
    code: outputFiles[0]?.text ?? '',
    files: Object.keys(metafile.inputs).map((path) => join(packageRoot, path)),
  }
}

/** tslab's modules that the kernel works with, by path, and by path where what they require is. */
async function tslabCode(): Promise<{
  readonly modules: ReadonlyMap<string, string>
  readonly routes: Readonly<Record<string, Record<string, string>>>
}> {
  const { transform } = await import('esbuild')
  const tslab = tslabLoader()
  const modules = new Map<string, string>()
  const routes: Record<string, Record<string, string>> = {}
  const add = async (path: string): Promise<string> => {
    if (modules.has(path)) return path
    const loader = path.endsWith('.json') ? 'json' : 'js'
    const { code } = await transform(readFileSync(path, 'utf8'), { loader, format: 'cjs' })
    modules.set(path, code)
    // TypeScript requires built-ins only, and names much else.
    if (path === typescript) return path
    const route: Record<string, string> = {}
    routes[path] = route
    const { resolve } = createRequire(path)
    for (const [, id = ''] of code.matchAll(/\brequire\("([^"]+)"\)/g))
      if (!isBuiltin(id) && id !== 'zeromq') route[id] = await add(resolve(id))
    return path
  }
  const typescript = tslab.resolve(TYPESCRIPT)
  const wanted: Record<string, string> = {}
  for (const id of [TYPESCRIPT, './converter.js', './executor.js', './jupyter.js'])
    wanted[id] = await add(tslab.resolve(id))
  routes.tslab = wanted
  return { modules, routes }
}
