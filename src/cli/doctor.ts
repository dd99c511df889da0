// SPDX-License-Identifier: GPL-2.0-only
import { isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'
import { dataFolders, KERNEL_NAME } from '../jupyter/index.ts'
import type { Command } from './command.ts'
import { type Machine, thisMachine } from './machine.ts'

const help = `usage: vmalab doctor [--json]

Says what vmalab needs and finds on this machine, and the command that mends what is missing:
  ok        it is there
  missing   vmalab or its Jupyter kernel does not work without it
  optional  it is not there, and only what is named needs it

  --json    print a list of {name, state, found, mend}

Ends with status 1 when something is missing.
`

/** One thing that was looked for. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'optional'
  /** What is there, or what is wrong. */
  readonly found: string
  /** What to do about it; absent when the state is ok. */
  readonly mend?: string
}

/** `vmalab doctor`: what is installed, what is missing and how to mend it. */
export const command: Command = {
  summary: 'say what is installed, what is missing and how to mend it',
  help,
  run: (args) => doctor(args, thisMachine()),
}

/** The command with the machine as a value. Resolves to the exit status. */
export async function doctor(args: readonly string[], machine: Machine): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } })
  const findings = await examine(machine)
  process.stdout.write(values.json ? `${JSON.stringify(findings, null, 2)}\n` : told(findings))
  return findings.some(({ state }) => state === 'missing') ? 1 : 0
}

/** Looks for everything, in the order in which it is to be mended. */
export async function examine(machine: Machine): Promise<Finding[]> {
  const inCheckout = machine.exists(join(machine.root, 'scripts', 'ready.mjs'))
  const prefix = machine.output(python(machine), ['-c', 'import sys; print(sys.prefix)'])
  return [
    node(machine),
    ...(inCheckout ? [compiled(machine)] : []),
    await messages(machine),
    kernelspec(machine, prefix, inCheckout),
    pythonFound(machine),
    jupyter(machine, inCheckout),
    ...(inCheckout ? tools.map((tool) => toolFound(machine, tool)) : []),
  ]
}

function told(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = findings.flatMap(({ name, state, found, mend }) => [
    `${state.padEnd(8)}  ${name.padEnd(width)}  ${found}`,
    ...(mend === undefined ? [] : [`${' '.repeat(width + 12)}-> ${mend}`]),
  ])
  const missing = findings.filter(({ state }) => state === 'missing').length
  const sum = missing === 0 ? 'nothing that vmalab needs is missing' : `${missing} missing`
  return `${[...lines, '', sum].join('\n')}\n`
}

const ok = (name: string, found: string): Finding => ({ name, state: 'ok', found })
const missing = (name: string, found: string, mend: string): Finding => ({
  name,
  state: 'missing',
  found,
  mend,
})
const optional = (name: string, found: string, mend: string): Finding => ({
  name,
  state: 'optional',
  found,
  mend,
})

function node({ node, root, text }: Machine): Finding {
  const wanted = /"node": ">=([\d.]+)"/.exec(text(join(root, 'package.json')) ?? '')?.[1] ?? '0'
  return isAtLeast(node, wanted)
    ? ok('Node', node)
    : missing('Node', `${node}, older than ${wanted}`, `install Node ${wanted} or newer`)
}

function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number))
  for (const [index, number] of (want ?? []).entries()) {
    const other = have?.[index] ?? 0
    if (other !== number) return other > number
  }
  return true
}

function compiled({ root, newest }: Machine): Finding {
  const built = newest(join(root, 'dist', '.built'))
  if (built === undefined) return missing('compiled', 'src/ was never compiled', 'npm run check')
  return (newest(join(root, 'src')) ?? 0) > built
    ? missing('compiled', 'src/ was changed since it was compiled', 'npm run check')
    : ok('compiled', 'dist/ is as new as src/')
}

async function messages({ refusal }: Machine): Promise<Finding> {
  const why = await refusal('zeromq')
  return why === undefined
    ? ok('zeromq', 'loads')
    : missing('zeromq', why, 'npm rebuild zeromq --foreground-scripts')
}

/** The first kernelspec wins, as in Jupyter. */
function kernelspec(machine: Machine, prefix: string | undefined, inCheckout: boolean): Finding {
  const folders = dataFolders(machine, prefix)
  // Where `npm run jupyter` installs its own.
  if (inCheckout) folders.push(join(machine.root, '.jupyter', 'share', 'jupyter'))
  const name = 'kernelspec'
  const install = inCheckout ? 'node bin/vmalab.mjs install' : 'npx vmalab install'
  for (const folder of folders) {
    const path = join(folder, 'kernels', KERNEL_NAME)
    const text = machine.text(join(path, 'kernel.json'))
    if (text === undefined) continue
    const files = startedBy(text)
    const file = files.find((one) => one.endsWith('.mjs'))
    if (file === undefined) return missing(name, `${path} names no vmalab to start`, install)
    const gone = files.find((one) => !machine.exists(one))
    return gone === undefined
      ? ok(name, `${path} starts ${file}`)
      : missing(name, `${path} starts ${gone}, which is not there`, install)
  }
  return missing(name, `Jupyter finds none of the name ${KERNEL_NAME}`, install)
}

/** The files that a kernelspec names: programs, and what they are given. */
function startedBy(text: string): string[] {
  try {
    const argv: unknown = JSON.parse(text).argv
    if (!Array.isArray(argv)) return []
    return argv.filter((word) => typeof word === 'string' && isAbsolute(word))
  } catch {
    return []
  }
}

const python = ({ platform }: Machine): string => (platform === 'win32' ? 'python' : 'python3')

function pythonFound(machine: Machine): Finding {
  const version = machine.output(python(machine), ['--version'])?.replace(/^Python /, '')
  const install = 'install Python 3.9 or newer (Debian, Ubuntu: apt-get install python3-venv)'
  if (version === undefined)
    return optional('Python', 'not found; only Jupyter needs it, `vmalab run` does not', install)
  return isAtLeast(version, '3.9')
    ? ok('Python', version)
    : optional('Python', `${version}, older than 3.9`, install)
}

/** The programs of Jupyter that can show a notebook or run one. */
const clients = ['jupyterlab', 'notebook', 'jupyter_console', 'nbconvert', 'nbclient']

function jupyter(machine: Machine, inCheckout: boolean): Finding {
  const own = join(machine.root, '.venv', machine.platform === 'win32' ? 'Scripts' : 'bin')
  const programs = ['jupyter', ...(inCheckout ? [join(own, 'jupyter')] : [])]
  for (const program of programs) {
    const listed = machine.output(program, ['--version'])
    const found = (listed ?? '').split('\n').flatMap((line) => {
      const [, name = '', version = ''] = /^(\w+)\s*: (\d\S*)/.exec(line.trim()) ?? []
      return clients.includes(name) ? [`${name} ${version}`] : []
    })
    const where = program === 'jupyter' ? '' : ` (${program})`
    if (found.length > 0) return ok('Jupyter', found.join(', ') + where)
  }
  const mend = inCheckout ? 'npm run jupyter' : 'python3 -m pip install jupyterlab'
  return optional('Jupyter', 'no client found; `vmalab run` needs none', mend)
}

/** What parts of a checkout need of the system. */
interface Tool {
  readonly name: string
  readonly need: string
  /** Its package in Debian and Ubuntu. */
  readonly debian: string
  program(machine: Machine): string
}

const tools: readonly Tool[] = [
  {
    name: 'Chromium',
    need: 'npm run test:browser',
    debian: 'chromium',
    program: ({ env }) => env.CHROMIUM ?? '/usr/bin/chromium',
  },
  { name: 'C compiler', need: 'npm run bench', debian: 'gcc libc6-dev', program: () => 'cc' },
  {
    name: 'QEMU',
    need: 'booting the C recipes',
    debian: 'qemu-system-x86',
    program: () => 'qemu-system-x86_64',
  },
]

function toolFound(machine: Machine, { name, need, debian, program }: Tool): Finding {
  const command = program(machine)
  const version = machine.output(command, ['--version'])
  return version === undefined
    ? optional(name, `${command} does not run; ${need} needs it`, `apt-get install ${debian}`)
    : ok(name, version.split('\n')[0] ?? '')
}
