// SPDX-License-Identifier: GPL-2.0-only
/**
 * What is in a picture, and what a process does that starts from it. It is run by `node --build-snapshot`, as one
 * CommonJS script and without Node's loader: of Node's modules it sees what install_picture.ts gives it. All that runs
 * on the thread of the cells is in here, so that cells, `vmalab/figures` and the session share one model.
 */
import { createRequire } from 'node:module'
import { startupSnapshot } from 'node:v8'
import * as figures from '../figures/index.ts'
import * as vmalab from '../index.ts'
import { type Loader, loadCompiler, type Places } from './compiler.ts'
import { readConnection } from './connection.ts'
import { runKernel } from './kernel.ts'
import { areUnchanged, PICTURED, READY, stampOf, type Warm } from './picture.ts'

/** What the script is given when it is made. */
export interface Settings {
  readonly root: string
  readonly places: Places
  /** What stands in scope when a session begins. */
  readonly declarations: string
  /** The code in the picture. */
  readonly files: readonly string[]
}

/** Takes the picture's subject into memory. `load` stands for tslab's own `require`. */
export function takeSeat(load: Loader, settings: Settings): void {
  const { root, places, declarations, files } = settings
  const sources = new Map<string, object>()
  const compiler = loadCompiler(load, { places, sources })
  const lean = compiler.createConverter('lean')
  // What a first cell does, so that it finds the compiler's own code compiled. No completion: it sorts by a collator,
  // which is not in this memory.
  lean.convert(
    declarations,
    'const page = 4096\nmm\nexport const pages = [1 + 1].map((one) => one * page)',
  )
  lean.inspect(declarations, 'mm', 1)
  lean.convert(declarations, '')
  const modules = { vmalab, 'vmalab/figures': figures }
  const stamps = [...files, ...sources.keys()].map(stampOf)
  // Node takes it away from a process that starts from a picture.
  const { Console } = console
  startupSnapshot.setDeserializeMainFunction(() => {
    Object.assign(console, { Console })
    if (process.argv[1] === 'check') return void process.stdout.write(READY)
    // A process that a cell forks is not to become a kernel.
    const at = process.execArgv.indexOf(PICTURED[0] ?? '')
    if (at >= 0) process.execArgv.splice(at, PICTURED.length + 1)
    start(root, () => (areUnchanged(stamps) ? { load, compiler, lean, modules } : undefined))
  })
}

/** What bin/vmalab.mjs does for `kernel FILE`, by what is in memory unless it is out of date. */
function start(root: string, warm: () => Warm | undefined): void {
  const require = createRequire(`${root}/package.json`)
  const ready = `${root}/scripts/ready.mjs`
  if (require('node:fs').existsSync(ready)) require(ready).ensureBuilt()
  const done = serve(warm) ?? require(`${root}/dist/cli/main.js`).main(process.argv.slice(2))
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

/** Nothing when it is not a kernel that is to start, or not this one. */
function serve(open: () => Warm | undefined): Promise<never> | undefined {
  const [command, file, ...more] = process.argv.slice(2)
  if (command !== 'kernel' || !file || file.startsWith('-') || more.length > 0) return undefined
  const warm = open()
  return warm && readConnection(file).then((connection) => runKernel(connection, warm))
}
