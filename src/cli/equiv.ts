// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  type Driver,
  type Equivalence,
  equivalent,
  linux,
  type Matrix,
  type Release,
} from '../index.ts'
import type { CellOutput } from '../literate/index.ts'
import { programText } from '../trace/index.ts'
import { type Command, UsageError } from './command.ts'
import type { CellRunner } from './live.ts'
import { openSession } from './pages.ts'
import { startWatchdog } from './watchdog.ts'

const help = `usage: vmalab equiv FILE.ts [--release R] [--before-release R] [--limit SECONDS] [--json]

Runs two sets of file_operations over every way to map their file, with every failure on the way,
and tells each difference with the smallest program that shows it. FILE.ts is TypeScript:

  import { type file_operations, remap_pfn_range, mmap_action_remap_full } from 'vmalab'
  export const before: file_operations = { mmap: (file, vma) => ... }
  export const after: file_operations = { mmap_prepare: (desc) => ... }

Each of the two may also be a function that makes them: then each program gets a driver without a
past. FILE.ts may export matrix, the axes of equivalent(), and release, such as '7.3'.

  --release R         the Linux release that both run on (default 7.3)
  --before-release R  the release that before runs on, if another
  --limit SECONDS     a program that takes longer is called endless and ends the command (default 60)
  --json              print the result as JSON

Exit status 0: no difference but what the protocol brings; 1: a difference, or FILE.ts cannot run.
FILE.ts is run as a cell of a notebook is, with all your rights: read a file that you did not write.
`

/** `vmalab equiv`: does a converted driver do what it did? */
export const command: Command = {
  summary: 'compare two drivers over every way to map their file',
  help,
  run: (args) => equiv(args),
}

/** What FILE.ts may export, by name. */
const EXPORTS = ['before', 'after', 'matrix', 'release'] as const

interface Asked {
  readonly before: Driver
  readonly after: Driver
  readonly matrix?: Partial<Matrix>
  readonly release?: Release | string
}

interface Options {
  readonly release: string | undefined
  readonly beforeRelease: string | undefined
  readonly limit: number
  readonly json: boolean
}

/** The command with the session's maker as a value. Resolves to the exit status. */
export async function equiv(
  args: readonly string[],
  open: () => Promise<CellRunner> = openSession,
): Promise<number> {
  const { path, options } = parse(args)
  const source = await readSource(path)
  const session = await open()
  try {
    return await compare(path, source, options, session)
  } finally {
    session.close()
  }
}

function parse(args: readonly string[]): { path: string; options: Options } {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      release: { type: 'string' },
      'before-release': { type: 'string' },
      limit: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0)
    throw new UsageError('name one file that exports before and after')
  const limit = Number(values.limit)
  if (!(limit > 0 && limit < 100_000))
    throw new UsageError(`--limit ${values.limit}: give a number of seconds above 0`)
  const { release, json } = values
  for (const name of [release, values['before-release']]) if (name !== undefined) linux(name)
  return { path, options: { release, beforeRelease: values['before-release'], limit, json } }
}

async function readSource(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = String(Reflect.get(Object(error), 'code'))
    const why =
      { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'you may not read it' }[
        code
      ] ?? String(error)
    throw new Error(`${path}: ${why}; name a TypeScript file that exports before and after`)
  }
}

/** How the cells hand over what FILE.ts exports: they run in this process. */
const HANDOVER = Symbol.for('vmalab.equiv')

async function compare(
  path: string,
  source: string,
  options: Options,
  session: CellRunner,
): Promise<number> {
  const exported = exportedNames(path, source)
  const watchdog = startWatchdog(options.limit)
  try {
    watchdog.expect(path)
    requireRun(path, await session.execute(source))
    const taken: { asked?: Asked } = {}
    Reflect.set(globalThis, HANDOVER, (asked: Asked) => {
      taken.asked = asked
    })
    requireRun(`${path}, what it exports`, await session.execute(handover(exported)))
    if (!taken.asked) throw new Error(`${path}: its exports did not arrive`)
    return tell(run(path, taken.asked, options, watchdog.expect), options)
  } finally {
    Reflect.deleteProperty(globalThis, HANDOVER)
    await watchdog.close()
  }
}

function exportedNames(path: string, source: string): string[] {
  const declared = /^[ \t]*export\s+(?:const|let|var|(?:async\s+)?function)\s+(\w+)/gm
  const found = [...source.matchAll(declared)].map(([, name]) => name)
  for (const name of ['before', 'after'])
    if (!found.includes(name))
      throw new Error(
        `${path} exports no ${name}: write  export const ${name}: file_operations = { ... }`,
      )
  return EXPORTS.filter((name) => found.includes(name))
}

/** The cell that hands over; it type-checks what is handed. */
function handover(names: readonly string[]): string {
  return `const asked: {
  before: Driver, after: Driver, matrix?: Partial<Matrix>, release?: Release | string
} = { ${names.map((name) => `${name}: ${name}`).join(', ')} }
Reflect.get(globalThis, Symbol.for('vmalab.equiv'))(asked)`
}

function requireRun(what: string, { outputs }: { readonly outputs: readonly CellOutput[] }): void {
  for (const output of outputs) {
    if (output.type === 'stream') process.stderr.write(output.text)
    if (output.type === 'error')
      throw new Error(
        [`${what}: ${output.ename}: ${output.evalue}`, ...output.traceback]
          .join('\n')
          .replaceAll('at cell 1,', `at ${what},`),
      )
  }
}

interface Timed {
  readonly result: Equivalence
  readonly seconds: number
}

function run(path: string, asked: Asked, options: Options, expect: (what: string) => void): Timed {
  const began = performance.now()
  let told = began
  const given = options.release ?? asked.release
  const release = typeof given === 'string' ? linux(given) : given
  const { beforeRelease } = options
  const result = equivalent(asked.before, asked.after, {
    ...asked.matrix,
    ...(release && { release }),
    ...(beforeRelease !== undefined && { beforeRelease: linux(beforeRelease) }),
    onProgress: (done, total) => {
      expect(`${path}: after mapping ${done} of ${total}, a hook`)
      asked.matrix?.onProgress?.(done, total)
      if (performance.now() - told < 1000) return
      told = performance.now()
      process.stderr.write(`${done} of ${total} mappings\n`)
    },
  })
  return { result, seconds: (performance.now() - began) / 1000 }
}

function tell({ result, seconds }: Timed, { json }: Options): number {
  const rate = Math.round(result.cases / seconds)
  if (json)
    process.stdout.write(`${JSON.stringify({ ...plain(result), seconds, rate }, null, 2)}\n`)
  else {
    process.stdout.write(`${result}\n`)
    process.stderr.write(`${result.cases} programs in ${seconds.toFixed(1)} s, ${rate} a second\n`)
  }
  return result.equal ? 0 : 1
}

function plain(result: Equivalence): object {
  const { equal, cases, mapped, problems } = result
  return {
    equal,
    cases,
    mapped,
    differences: result.differences.map((found) => ({
      aspect: found.aspect,
      before: found.before,
      after: found.after,
      also: found.also,
      cases: found.cases,
      program: programText(found),
    })),
    expected: result.expected.map((found) => ({
      name: found.name,
      rule: found.rule,
      cite: found.cite,
      before: found.before,
      after: found.after,
      cases: found.cases,
      program: programText(found),
    })),
    problems,
  }
}
