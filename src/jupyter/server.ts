// SPDX-License-Identifier: GPL-2.0-only
/** Jupyter's message loop: https://jupyter-client.readthedocs.io/en/stable/messaging.html */
import { randomUUID } from 'node:crypto'
import type { RemoteSession } from './bridge.ts'
import type { Connection } from './connection.ts'
import { newHistory } from './history.ts'
import { answers } from './requests.ts'
import { openSockets } from './sockets.ts'
import { openStdin } from './stdin.ts'
import type { Ask } from './tools.ts'
import { type Message, newHeader } from './wire.ts'

type Content = Readonly<Record<string, unknown>>

/** What a request's handler works with. */
export interface Kernel {
  readonly session: RemoteSession
  readonly history: ReturnType<typeof newHistory>
  /** Number of the last counted cell. */
  count: number
  /** Interrupts the first execution that waits, when none is running. */
  interruptWaiting(): void
  /** Ends the message loop after the reply. */
  shutdown(): void
}

/** One request and what may be said about it while it is handled. */
export interface Request {
  readonly content: Content
  publish(type: string, content: Content): void
  /** Asks the client that sent the request, as long as it is being handled. */
  readonly ask: Ask
  /** An interrupt came before its turn. */
  readonly interrupted: boolean
  /** Answers `aborted` to every execution that has arrived by now. */
  abortQueued(): void
}

interface Queued {
  readonly message: Message
  aborted: boolean
  interrupted: boolean
}

/** Serves a session at a connection; resolves after a shutdown request was answered. */
export async function serve(connection: Connection, session: RemoteSession): Promise<void> {
  const id = randomUUID()
  const queues: Record<'shell' | 'control', Queued[]> = { shell: [], control: [] }
  const working = { shell: false, control: false }
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let executing = false
  const kernel: Kernel = {
    session,
    history: newHistory(),
    count: 0,
    interruptWaiting() {
      const waiting = queues.shell.find(isExecution)
      if (waiting && !executing) waiting.interrupted = true
    },
    shutdown: () => finish(),
  }

  const sockets = await openSockets(connection, {
    onMessage(socket, message) {
      if (socket === 'stdin') return stdin.hear(message)
      queues[socket].push({ message, aborted: false, interrupted: false })
      void work(socket)
    },
    onSubscription: (subscription) => publish('iopub_welcome', { subscription }, {}, subscription),
  })
  const stdin = openStdin(sockets, id)
  publish('status', { execution_state: 'starting' }, {})
  await finished
  await sockets.close()

  function publish(
    msg_type: string,
    content: Content,
    parent_header: Message['parent_header'],
    topic = `kernel.${id}.${msg_type}`,
  ): void {
    const header = newHeader(msg_type, id)
    sockets.publish({
      identities: [Buffer.from(topic)],
      header,
      parent_header,
      metadata: {},
      content,
    })
  }

  /** A socket's requests are handled one after the other, in the order of their arrival. */
  async function work(socket: 'shell' | 'control'): Promise<void> {
    if (working[socket]) return
    working[socket] = true
    for (let next = queues[socket].shift(); next; next = queues[socket].shift())
      await handle(socket, next)
    working[socket] = false
  }

  async function handle(socket: 'shell' | 'control', queued: Queued): Promise<void> {
    const { message, aborted, interrupted } = queued
    if (isExecution(queued)) executing = true
    const { header: parent_header, identities, content } = message
    publish('status', { execution_state: 'busy' }, parent_header)
    const request: Request = {
      content,
      interrupted,
      publish: (type, body) => publish(type, body, parent_header),
      ask: (prompt, password) => stdin.ask(message, prompt, password),
      abortQueued() {
        for (const one of queues[socket].filter(isExecution)) one.aborted = true
      },
    }
    const reply = aborted ? { status: 'aborted' } : await answer(parent_header.msg_type, request)
    stdin.over(message)
    if (isExecution(queued)) executing = false
    if (reply) {
      const header = newHeader(parent_header.msg_type.replace(/_request$/, '_reply'), id)
      sockets.reply(socket, { identities, header, parent_header, metadata: {}, content: reply })
    }
    publish('status', { execution_state: 'idle' }, parent_header)
  }

  async function answer(type: string, request: Request): Promise<Content | undefined> {
    const handler = Object.hasOwn(answers, type) ? answers[type] : undefined
    try {
      if (handler) return await handler(request, kernel)
    } catch (error) {
      const evalue = error instanceof Error ? error.message : String(error)
      return { status: 'error', ename: 'KernelError', evalue, traceback: [evalue] }
    }
    // A request wants a reply, else its sender waits for ever; other messages want none.
    const evalue = `vmalab does not know ${type}`
    return type.endsWith('_request')
      ? { status: 'error', ename: 'NotImplemented', evalue, traceback: [evalue] }
      : undefined
  }
}

function isExecution({ message }: Queued): boolean {
  return message.header.msg_type === 'execute_request'
}
