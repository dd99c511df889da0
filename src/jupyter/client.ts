// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dealer, Subscriber } from 'zeromq'
import { parseConnection } from './connection.ts'
import { kernelspec } from './kernelspec.ts'
import { type Message, newHeader, packMessage, parseMessage } from './wire.ts'

type Content = Readonly<Record<string, unknown>>

/** The content of a reply, `status` among it. */
export type Replied = Content

/** A kernel in a process of its own and the connection to it. */
export interface KernelClient {
  /**
   * Runs a cell; `onPublished` hears the type and content of each message that it gives, in order. Resolves to the
   * reply when all of them have come; rejects when the kernel ends before that.
   */
  execute(code: string, onPublished: (type: string, content: Content) => void): Promise<Replied>
  /** Asks the running cell to end. */
  interrupt(): Promise<void>
  /** Ends the kernel and removes what it was started with. */
  close(): Promise<void>
}

interface Waiting {
  reply?: Content
  idle: boolean
  onPublished(type: string, content: Content): void
  resolve(reply: Content): void
  reject(error: Error): void
}

/**
 * Starts `vmalab kernel` in `folder` as its kernelspec says and connects to it: Jupyter's messages without Jupyter.
 * Rejects when the kernel ends before it listens.
 */
export async function startClient(folder: string): Promise<KernelClient> {
  // A native module: loaded only when a kernel is wanted.
  const { Dealer, Subscriber } = await import('zeromq')
  const scratch = mkdtempSync(join(tmpdir(), 'vmalab-'))
  const file = join(scratch, 'kernel.json')
  const text = JSON.stringify(await newConnection(scratch))
  writeFileSync(file, text, { mode: 0o600 })
  const connection = parseConnection(text)
  const child = startKernel(file, folder)
  const sockets = {
    shell: new Dealer({ linger: 0 }),
    control: new Dealer({ linger: 0 }),
    iopub: new Subscriber({ receiveHighWaterMark: 0, linger: 0 }),
  }
  for (const name of ['shell', 'control', 'iopub'] as const)
    sockets[name].connect(connection.addresses[name])
  sockets.iopub.subscribe()

  const session = randomUUID()
  const waiting = new Map<string, Waiting>()
  let closing = false
  let welcome: () => void = () => {}
  const welcomed = new Promise<void>((resolve) => {
    welcome = resolve
  })
  const ended = once(child, 'exit').then(([status, signal]) => {
    const error = new Error(`the kernel ended (${signal ?? `status ${status}`})`)
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
    return error
  })

  async function hear(socket: Dealer | Subscriber, take: (message: Message) => void) {
    try {
      for await (const frames of socket) take(parseMessage(frames, connection.signing))
    } catch (error) {
      // A closed socket ends the loop.
      if (!closing) for (const one of waiting.values()) one.reject(error as Error)
    }
  }
  const takeReply = ({ parent_header, content }: Message): void => {
    const one = waiting.get(parent_header.msg_id ?? '')
    if (one) settle(one, { reply: content })
  }
  const takePublished = ({ header, parent_header, content }: Message): void => {
    if (header.msg_type === 'iopub_welcome') welcome()
    const one = waiting.get(parent_header.msg_id ?? '')
    if (header.msg_type !== 'status') one?.onPublished(header.msg_type, content)
    else if (one && content.execution_state === 'idle') settle(one, { idle: true })
  }
  const settle = (one: Waiting, news: Partial<Waiting>): void => {
    Object.assign(one, news)
    if (one.idle && one.reply) one.resolve(one.reply)
  }
  void hear(sockets.shell, takeReply)
  void hear(sockets.control, takeReply)
  void hear(sockets.iopub, takePublished)

  async function request(
    socket: 'shell' | 'control',
    type: string,
    content: Content,
    onPublished: Waiting['onPublished'] = () => {},
  ): Promise<Content> {
    const header = newHeader(type, session)
    const message = { identities: [], header, parent_header: {}, metadata: {}, content }
    const done = new Promise<Content>((resolve, reject) => {
      waiting.set(header.msg_id, { idle: false, onPublished, resolve, reject })
    })
    try {
      await sockets[socket].send(packMessage(message, connection.signing))
      return await done
    } finally {
      waiting.delete(header.msg_id)
    }
  }

  const client: KernelClient = {
    execute: (code, onPublished) =>
      request(
        'shell',
        'execute_request',
        {
          code,
          silent: false,
          store_history: true,
          user_expressions: {},
          allow_stdin: false,
          stop_on_error: false,
        },
        onPublished,
      ),
    async interrupt() {
      await request('control', 'interrupt_request', {})
    },
    async close() {
      closing = true
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await ended
      for (const socket of Object.values(sockets)) socket.close()
      rmSync(scratch, { recursive: true, force: true })
    },
  }
  // What is published before the subscription has arrived is not heard.
  const failed = await Promise.race([welcomed, ended])
  if (!failed) return client
  await client.close()
  throw failed
}

function startKernel(file: string, folder: string): ChildProcess {
  const { argv } = kernelspec() as { argv: readonly string[] }
  const [node = process.execPath, ...words] = argv.map((word) =>
    word.replace('{connection_file}', file),
  )
  return spawn(node, words, {
    cwd: folder,
    // Should this process be killed, the kernel ends too.
    env: { ...process.env, JPY_PARENT_PID: String(process.pid) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** What a connection file says: sockets in a folder of ours, or ports on Windows, which has none. */
async function newConnection(scratch: string): Promise<object> {
  const names = ['shell_port', 'control_port', 'stdin_port', 'iopub_port', 'hb_port']
  const isWindows = process.platform === 'win32'
  const ports = isWindows ? await freePorts(names.length) : names.map((_, index) => index + 1)
  return {
    ...Object.fromEntries(names.map((name, index) => [name, ports[index]])),
    transport: isWindows ? 'tcp' : 'ipc',
    ip: isWindows ? '127.0.0.1' : join(scratch, 'k'),
    signature_scheme: 'hmac-sha256',
    key: randomUUID(),
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = []
  for (let index = 0; index < count; index++) {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
  }
  return servers.map((server) => {
    const address = server.address()
    server.close()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
}
