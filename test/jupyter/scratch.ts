// SPDX-License-Identifier: GPL-2.0-only
// A Jupyter of our own: Python packages in .venv, the kernelspec and all else below a scratch folder.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Output {
  output_type: string
  name?: string
  text?: string
  data?: Record<string, unknown>
  ename?: string
  traceback?: string[]
}

export interface Cell {
  source: string
  execution_count: number | null
  metadata: { tags?: string[] }
  outputs: Output[]
}

export interface Executed {
  cells: Cell[]
  error: string | null
}

export interface Scratch {
  folder: string
  env: NodeJS.ProcessEnv
  /** Writes a notebook of these cells, each with these tags, and returns its path. */
  write(name: string, cells: string[], tags?: string[]): string
  /** Executes notebooks from an empty folder. */
  execute(paths: string[], options?: { timeout?: number; interrupt?: boolean }): Promise<Executed[]>
  /** Runs one of the environment's programs, or its Python on a script of test/jupyter, in the empty folder. */
  run(program: string, args: string[], input?: string): Ran
  /** The path of one of the environment's programs. */
  program(name: string): string
  remove(): void
}

/** A port of this machine that is free. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

const packages = [
  'jupyterlab',
  'notebook',
  'jupyter_console',
  'nbclient',
  'nbconvert',
  'papermill',
  'jupyter_kernel_test',
]

/** Makes .venv with the Python packages when it lacks them, and a scratch prefix with the kernelspec. */
export function openScratch(): Scratch {
  const python = execFileSync(
    process.execPath,
    [join(root, 'scripts', 'python.mjs'), ...packages],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  ).trim()
  const folder = mkdtempSync(join(tmpdir(), 'vmalab-jupyter-'))
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  execFileSync(process.execPath, [join(root, 'bin', 'vmalab.mjs'), 'install', '--prefix', folder])
  const env = {
    ...process.env,
    HOME: folder,
    JUPYTER_PATH: join(folder, 'share', 'jupyter'),
    JUPYTER_CONFIG_DIR: join(folder, 'config'),
    JUPYTER_DATA_DIR: join(folder, 'data'),
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    IPYTHONDIR: join(folder, 'ipython'),
  }
  const inEnvironment = (name: string): string => join(dirname(python), name)
  return {
    folder,
    env,
    write(name, cells, tags = []) {
      const path = join(folder, `${name}.ipynb`)
      const notebook = {
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {
          kernelspec: { name: 'vmalab', display_name: 'vmalab', language: 'typescript' },
        },
        cells: cells.map((source, index) => ({
          cell_type: 'code',
          id: `cell-${index}`,
          metadata: { tags },
          execution_count: null,
          outputs: [],
          source,
        })),
      }
      writeFileSync(path, JSON.stringify(notebook))
      return path
    },
    async execute(paths, { timeout = 120, interrupt = false } = {}) {
      const script = join(root, 'test', 'jupyter', 'execute.py')
      const options = [script, empty, String(timeout), ...(interrupt ? ['--interrupt'] : [])]
      const { stdout } = await promisify(execFile)(python, [...options, ...paths], {
        encoding: 'utf8',
        env,
        maxBuffer: 1 << 28,
      })
      return JSON.parse(stdout)
    },
    run(program, args, input = '') {
      const script = join(root, 'test', 'jupyter', program)
      const [command, words] = program.endsWith('.py')
        ? [python, [script, ...args]]
        : [inEnvironment(program), args]
      return spawnSync(command, words, {
        cwd: empty,
        encoding: 'utf8',
        env,
        input,
        maxBuffer: 1 << 28,
        timeout: 240_000,
      })
    },
    program: inEnvironment,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
