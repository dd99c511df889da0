// SPDX-License-Identifier: GPL-2.0-only
// How fast the kernel starts, and what memory it takes, beside plain tslab: npm run bench:kernel [-- --json]
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { npmCommand, root, run, say } from './ready.mjs'

const help = `npm run bench:kernel [-- --json] [-- --rounds N]

Starts plain tslab and the vmalab kernel in turns, each in an empty folder, and measures from the start of the process:
the reply to kernel_info, the reply to the first cell (1 + 1), and then the memory of the process and its children.
Ratios are of medians over the rounds. Plain tslab is installed into .live/tslab as its manual says, once.
`

/** Installs tslab by itself, as \`npm install -g tslab\` does, and returns its command. */
function plainTslab() {
  const { version } = createRequire(join(root, 'package.json'))('tslab/package.json')
  const folder = join(root, '.live', 'tslab', version)
  const command = join(folder, 'lib', 'node_modules', 'tslab', 'bin', 'tslab')
  if (!existsSync(command)) {
    mkdirSync(folder, { recursive: true })
    const [npm, ...words] = npmCommand()
    words.push('install', '--prefix', folder, '-g', '--no-audit', '--no-fund', `tslab@${version}`)
    run(npm, words, { what: `installing plain tslab ${version}` })
  }
  return [process.execPath, command, 'kernel', '--config-path']
}

/** Installs the kernel as a user does, and returns its command. */
function ourKernel() {
  const prefix = join(root, '.live', 'kernel')
  run(process.execPath, [join(root, 'bin/vmalab.mjs'), 'install', '--prefix', prefix])
  const file = join(prefix, 'share', 'jupyter', 'kernels', 'vmalab', 'kernel.json')
  const { argv } = JSON.parse(readFileSync(file, 'utf8'))
  return argv.filter((word) => word !== '{connection_file}')
}

async function freePorts(count) {
  const servers = []
  for (let i = 0; i < count; i++)
    servers.push(
      await new Promise((resolve) => {
        const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
      }),
    )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Memory of a process and its children in MiB. */
function residentMiB(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children.reduce((sum, child) => sum + residentMiB(child), own)
}

/** One start: milliseconds to the reply to kernel_info and to the first result, and MiB after it. */
async function measure(argv, { Dealer, newHeader, packMessage, parseMessage }) {
  const folder = mkdtempSync(join(tmpdir(), 'vmalab-bench-'))
  const file = join(folder, 'connection.json')
  const names = ['shell', 'control', 'stdin', 'iopub', 'hb']
  const ports = await freePorts(names.length)
  const signing = { scheme: 'hmac-sha256', key: 'bench' }
  const connection = { ip: '127.0.0.1', transport: 'tcp', signature_scheme: signing.scheme }
  const numbers = Object.fromEntries(names.map((name, index) => [`${name}_port`, ports[index]]))
  writeFileSync(file, JSON.stringify({ ...connection, ...numbers, key: signing.key }))

  const shell = new Dealer({ linger: 0, reconnectInterval: 5, reconnectMaxInterval: 10 })
  shell.connect(`tcp://127.0.0.1:${ports[0]}`)
  const ask = async (type, content) => {
    const header = newHeader(type, 'bench')
    const message = { identities: [], header, parent_header: {}, metadata: {}, content }
    await shell.send(packMessage(message, signing))
    for (;;) {
      const reply = parseMessage(await shell.receive(), signing)
      if (reply.parent_header.msg_id === header.msg_id) return reply.content
    }
  }
  const began = performance.now()
  const [command, ...words] = argv
  const child = spawn(command, [...words, file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let timer
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${argv.join(' ')}: no answer`)), patience)
  })
  const answered = async () => {
    await ask('kernel_info_request', {})
    const info = performance.now() - began
    const { status } = await ask('execute_request', {
      code: '1 + 1',
      silent: false,
      stop_on_error: true,
    })
    const first = performance.now() - began
    if (status !== 'ok') throw new Error(`${argv.join(' ')}: the first cell gave ${status}`)
    return { info, first, rss: residentMiB(child.pid) }
  }
  try {
    return await Promise.race([silence, answered()])
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
    await ended
    shell.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A start that takes longer has failed: milliseconds. */
const patience = 30_000

/** Plain tslab falls silent at times when a message comes while it binds its sockets: it gets two more chances. */
async function measured(argv, tools) {
  for (let attempt = 1; ; attempt++)
    try {
      return await measure(argv, tools)
    } catch (error) {
      if (attempt === 3) throw error
      say(`${error.message}; again`)
    }
}

/** Runs the comparison and prints it. */
export async function benchKernel(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  if (!/^[1-9]\d*$/.test(values.rounds))
    throw new Error(`--rounds ${values.rounds}: give a whole number`)
  if (process.platform !== 'linux') throw new Error('bench:kernel reads /proc: run it on Linux')
  const kernels = { tslab: plainTslab(), vmalab: ourKernel() }
  const tools = { ...(await import('zeromq')), ...(await import('../dist/jupyter/wire.js')) }
  const { median } = await import('../dist/cli/bench_loop.js')

  const runs = { tslab: [], vmalab: [] }
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const [name, argv] of Object.entries(kernels)) {
      say(`round ${round} of ${values.rounds}: ${name}`)
      runs[name].push(await measured(argv, tools))
    }
  const medians = (name) =>
    Object.fromEntries(
      ['info', 'first', 'rss'].map((key) => [key, median(runs[name].map((one) => one[key]))]),
    )
  const [plain, own] = [medians('tslab'), medians('vmalab')]
  const results = {
    info_ratio: plain.info / own.info,
    first_ratio: plain.first / own.first,
    rss_ratio: own.rss / plain.rss,
    info_ms: own.info,
    first_ms: own.first,
    rss_mib: own.rss,
    tslab_info_ms: plain.info,
    tslab_first_ms: plain.first,
    tslab_rss_mib: plain.rss,
  }
  const rounded = Object.fromEntries(
    Object.entries(results).map(([key, value]) => [key, Number(value.toPrecision(3))]),
  )
  process.stdout.write(values.json ? `${JSON.stringify(rounded)}\n` : table(rounded))
}

function table(results) {
  const rows = [
    ['kernel_info', 'info_ms', 'tslab_info_ms', 'ms', 'info_ratio', '>= 3'],
    ['first result', 'first_ms', 'tslab_first_ms', 'ms', 'first_ratio', '>= 3'],
    ['memory then', 'rss_mib', 'tslab_rss_mib', 'MiB', 'rss_ratio', '<= 1'],
  ]
  const lines = rows.map(
    ([what, own, plain, unit, ratio, goal]) =>
      `${what.padEnd(14)} vmalab ${results[own]} ${unit}, tslab ${results[plain]} ${unit}: ${results[ratio]} (${goal})`,
  )
  return `${lines.join('\n')}\n`
}
