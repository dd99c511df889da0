// SPDX-License-Identifier: GPL-2.0-only
// A Jupyter client: starts `vmalab kernel` as its kernelspec says and talks the messaging protocol to it.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inject } from 'vitest'
import { Dealer, Request, Subscriber, XSubscriber } from 'zeromq'
import { type Message, newHeader, packMessage, parseMessage } from '../../src/jupyter/wire.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is on the wire is checked by the tests
type Content = Record<string, any>

export interface Published {
  type: string
  content: Content
}

export interface Executed {
  reply: Content
  /** What was published for the request, without the status messages. */
  published: Published[]
  /** All text of one stream. */
  text(name?: 'stdout' | 'stderr'): string
}

export interface Kernel {
  child: ChildProcess
  /** The kernel's current folder unless another was asked for. */
  folder: string
  /** Sends a request; resolves when both its reply and `idle` are here. */
  request(type: string, content: Content, socket?: 'shell' | 'control'): Promise<Executed>
  execute(code: string, more?: Content): Promise<Executed>
  /** Sends a message that has no reply; resolves at `idle`. */
  tell(type: string, content: Content): Promise<Published[]>
  /** Everything published since the start, with the status messages. */
  all: { type: string; content: Content; parent: string }[]
  /** Answers questions with these, one after the other; what was asked is in `asked`. */
  answers: string[]
  asked: Content[]
  /** Sends raw frames to a socket. */
  sendRaw(socket: 'shell' | 'control' | 'stdin' | 'iopub', frames: Uint8Array[]): Promise<void>
  /** What the kernel's process wrote on its standard error. */
  log(): string
  beat(text: string): Promise<string>
  /** Resolves to the exit status, or the name of the signal. */
  exited: Promise<number | string | null>
  close(): Promise<void>
}

const signing = { scheme: 'hmac-sha256', key: 'a key' }

/** The argv of the installed kernelspec for a connection file. */
export function kernelArgv(file: string): string[] {
  const { argv } = JSON.parse(readFileSync(join(inject('kernelspec'), 'kernel.json'), 'utf8'))
  return (argv as string[]).map((word) => word.replace('{connection_file}', file))
}

export async function startKernel(
  options: {
    cwd?: string
    env?: NodeJS.ProcessEnv
    key?: string
    argv?: (file: string) => string[]
    /** Hears what is published only from its first reply on. */
    listensLate?: boolean
  } = {},
): Promise<Kernel> {
  const folder = mkdtempSync(join(tmpdir(), 'vmalab-'))
  const file = join(folder, 'connection.json')
  const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 }
  const connection = { transport: 'ipc', ip: join(folder, 'k'), signature_scheme: 'hmac-sha256' }
  writeFileSync(file, JSON.stringify({ ...connection, ...ports, key: signing.key }))
  const [node = '', ...args] = (options.argv ?? kernelArgv)(file)
  const child = spawn(node, args, {
    cwd: options.cwd ?? folder,
    env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...options.env },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let log = ''
  child.stderr?.on('data', (text) => {
    log += text
  })
  const exited = new Promise<number | string | null>((resolve) =>
    child.once('exit', (status, signal) => resolve(status ?? signal)),
  )

  const address = (port: number) => `ipc://${connection.ip}-${port}`
  const routingId = randomUUID()
  const dealer = {
    shell: new Dealer({ linger: 0, routingId }),
    control: new Dealer({ linger: 0, routingId }),
    stdin: new Dealer({ linger: 0, routingId }),
  }
  const iopub = new Subscriber({ receiveHighWaterMark: 0, linger: 0 })
  const hb = new Request({ linger: 0 })
  const rawIopub = new XSubscriber({ linger: 0 })
  dealer.shell.connect(address(1))
  dealer.control.connect(address(2))
  dealer.stdin.connect(address(3))
  hb.connect(address(5))
  rawIopub.connect(address(4))
  let listen = (): void => {
    iopub.connect(address(4))
    iopub.subscribe()
    listen = () => {}
  }

  const all: Kernel['all'] = []
  const asked: Content[] = []
  const answers: string[] = []
  const replies = new Map<string, Content>()
  const idle = new Set<string>()
  let wake: () => void = () => {}
  const hear = async (socket: Dealer | Subscriber, onMessage: (message: Message) => void) => {
    for await (const frames of socket) {
      onMessage(parseMessage(frames, signing))
      wake()
    }
  }
  const onReply = ({ header, parent_header, content }: Message) => {
    const parent = (parent_header as { msg_id: string }).msg_id
    replies.set(parent, { type: header.msg_type, ...content })
  }
  for (const socket of [dealer.shell, dealer.control]) void hear(socket, onReply)
  void hear(dealer.stdin, async ({ header, content }) => {
    asked.push(content)
    const value = answers.shift()
    if (value === undefined) return
    const reply = { ...newHeader('input_reply', 'test'), msg_id: randomUUID() }
    const message = { identities: [], header: reply, parent_header: header, metadata: {} }
    await dealer.stdin.send(packMessage({ ...message, content: { value } }, signing))
  })
  void hear(iopub, ({ header, parent_header, content }) => {
    const parent = (parent_header as { msg_id?: string }).msg_id ?? ''
    all.push({ type: header.msg_type, content, parent })
    if (header.msg_type === 'status' && content.execution_state === 'idle') idle.add(parent)
  })

  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('the kernel ended')
      await Promise.race([
        new Promise<void>((resolve) => {
          wake = resolve
        }),
        delay(100),
      ])
    }
  }
  const send = async (type: string, content: Content, socket: 'shell' | 'control') => {
    const header = newHeader(type, 'test')
    const message = { identities: [], header, parent_header: {}, metadata: {}, content }
    await dealer[socket].send(packMessage(message, { ...signing, key: options.key ?? signing.key }))
    return header.msg_id
  }
  const publishedFor = (id: string): Published[] =>
    all
      .filter(({ type, parent }) => parent === id && type !== 'status')
      .map(({ type, content }) => ({ type, content }))

  const kernel: Kernel = {
    child,
    folder,
    all,
    asked,
    answers,
    log: () => log,
    exited,
    async request(type, content, socket = 'shell') {
      const id = await send(type, content, socket)
      await until(() => replies.has(id))
      listen()
      await until(() => idle.has(id))
      const published = publishedFor(id)
      return {
        reply: replies.get(id) ?? {},
        published,
        text: (name = 'stdout') =>
          published
            .filter(({ type, content }) => type === 'stream' && content.name === name)
            .map(({ content }) => content.text)
            .join(''),
      }
    },
    execute: (code, more = {}) =>
      kernel.request('execute_request', {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
        ...more,
      }),
    async tell(type, content) {
      const id = await send(type, content, 'shell')
      await until(() => idle.has(id))
      return publishedFor(id)
    },
    async sendRaw(socket, frames) {
      if (socket !== 'iopub') return dealer[socket].send(frames)
      await rawIopub.send(frames)
    },
    async beat(text) {
      await hb.send(text)
      const [frame] = await hb.receive()
      return String(frame)
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      for (const socket of [...Object.values(dealer), iopub, rawIopub, hb]) socket.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  if (options.listensLate) return kernel
  listen()
  // A test may not depend on how long what is published is held.
  await until(() => all.some(({ type }) => type === 'iopub_welcome')).catch(async (error) => {
    await kernel.close()
    throw error
  })
  return kernel
}

/** A kernel that has answered and whose publications are heard. */
export async function readyKernel(options?: Parameters<typeof startKernel>[0]): Promise<Kernel> {
  const kernel = await startKernel(options)
  await kernel.request('kernel_info_request', {})
  return kernel
}
