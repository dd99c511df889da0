// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is in a picture, and what a process does that starts from it. It is run by `node --build-snapshot`, as one
 * CommonJS script and without Node's loader, so it may import built-ins and what install_picture.ts puts beside it.
 */
import { startupSnapshot } from 'node:v8'
import { type Loader, loadCompiler, type Places } from './compiler.ts'
import { areUnchanged, READY, stampOf, type Warm } from './picture.ts'

/** What the script is given when it is made. */
export interface Settings {
  readonly root: string
  readonly places: Places
  /** What stands in scope when a session begins. */
  readonly declarations: string
  /** The code in the picture. */
  readonly files: readonly string[]
}

/** Takes the picture's subject into memory. `load` stands for tslab's own `require`, `builtin` gives Node's modules. */
export function takeSeat(load: Loader, builtin: NodeJS.Require, settings: Settings): void {
  const { root, places, declarations, files } = settings
  const sources = new Map<string, object>()
  const { typescript, createConverter } = loadCompiler(load, {
    places,
    isShared: () => false,
    sources,
  })
  const { sys } = typescript
  const { watchFile, watchDirectory } = sys
  // A picture holds no watchers.
  const noWatcher = () => ({ close() {} })
  Object.assign(sys, { watchFile: noWatcher, watchDirectory: noWatcher })
  // What a first cell does, so that it finds the compiler's own code compiled. No completion: it sorts by a collator,
  // which is not in this memory.
  const converter = createConverter('lean')
  converter.convert(
    declarations,
    'const page = 4096\nmm\nexport const pages = [1 + 1].map((one) => one * page)',
  )
  converter.inspect(declarations, 'mm', 1)
  converter.close()
  Object.assign(sys, { watchFile, watchDirectory })
  // tslab's converter keeps hold of the TypeScript that it was loaded with, which is not the session's.
  const modules = new Map(
    Object.entries(load.cache).flatMap(([path, module]) =>
      !path.startsWith(`${root}/dist/`) && path !== load.resolve('./converter.js') && module
        ? [[path, module.exports] as const]
        : [],
    ),
  )
  const stamps = [...files, ...sources.keys()].map(stampOf)
  // Node takes it away from a process that starts from a picture.
  const { Console } = console
  startupSnapshot.setDeserializeMainFunction(() => {
    Object.assign(console, { Console })
    if (process.argv[1] === 'check') return void process.stdout.write(READY)
    // A process that a cell forks is not to become a kernel.
    const at = process.execArgv.indexOf('--snapshot-blob')
    if (at >= 0) process.execArgv.splice(at, 2)
    const require = (builtin('node:module') as typeof import('node:module')).createRequire(
      `${root}/package.json`,
    )
    const warm: Warm | undefined = areUnchanged(stamps) ? { modules, sources } : undefined
    start(require, root, warm)
  })
}

/** What bin/vmalab.mjs does for `kernel FILE`, with a compiler that is warm. */
function start(require: NodeJS.Require, root: string, warm: Warm | undefined): void {
  const ready = `${root}/scripts/ready.mjs`
  if (require('node:fs').existsSync(ready)) require(ready).ensureBuilt()
  const [command, file, ...more] = process.argv.slice(2)
  const done =
    command === 'kernel' && file !== undefined && !file.startsWith('-') && more.length === 0
      ? serve(require, root, file, warm)
      : require(`${root}/dist/cli/main.js`).main(process.argv.slice(2))
  done.then(
    (status: number) => {
      process.exitCode = status
    },
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      process.stderr.write(`vmalab kernel: ${message}\n`)
      process.exitCode = 1
    },
  )
}

async function serve(
  require: NodeJS.Require,
  root: string,
  file: string,
  warm: Warm | undefined,
): Promise<number> {
  const { readConnection } = require(`${root}/dist/jupyter/connection.js`)
  const { runKernel } = require(`${root}/dist/jupyter/kernel.js`)
  return runKernel(await readConnection(file), warm)
}
