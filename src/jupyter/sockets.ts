// SPDX-License-Identifier: GPL-2.0-only
import { Reply, Router, XPublisher, type Socket as ZmqSocket } from 'zeromq'
import { complain } from './complain.ts'
import type { Connection } from './connection.ts'
import { type Message, packMessage, parseMessage, replayGuard } from './wire.ts'

/** The sockets that clients send messages to. */
export type Incoming = 'shell' | 'control' | 'stdin'

/** A kernel's sockets, bound. Everything sent leaves whole and in order. */
export interface Sockets {
  /** Asks a client, after everything published so far has left. */
  ask(message: Message): Promise<void>
  /** Sends a reply. */
  reply(socket: 'shell' | 'control', message: Message): void
  /** Publishes; texts of one stream that come in quick succession leave as one message. */
  publish(message: Message): void
  /** Resolves when all of it has been handed to ZeroMQ, and closes the sockets. */
  close(): Promise<void>
}

/** Who hears what comes in. */
export interface Listeners {
  onMessage(socket: Incoming, message: Message): void
  /** A client has begun to listen to what is published under `topic`. */
  onSubscription(topic: string): void
}

/** Texts of a stream are joined up to about this many characters. */
const joinLimit = 1 << 20

/** ... and for this long: milliseconds. */
const joinTime = 50

/** What is published waits this long, in milliseconds, for a client that has begun to ask and does not listen yet. */
const listenTime = 2000

interface Outbox {
  push(message: Message): void
  /** Resolves when everything has been handed over. */
  empty(): Promise<void>
}

interface Writable {
  send(frames: Uint8Array[]): Promise<void>
}

/** Binds the five sockets of a connection. Rejects, naming the address, when one cannot be bound. */
export async function openSockets(connection: Connection, listeners: Listeners): Promise<Sockets> {
  const { addresses, signing } = connection
  // 0: no limit. What a client has not fetched yet waits; with a limit it would be dropped or block.
  const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000 }
  const sockets = {
    shell: new Router(unlimited),
    control: new Router(unlimited),
    stdin: new Router(unlimited),
    iopub: new XPublisher(unlimited),
    hb: new Reply(),
  }
  for (const [name, socket] of Object.entries<ZmqSocket>(sockets)) {
    const address = addresses[name as keyof typeof sockets]
    try {
      await socket.bind(address)
    } catch (error) {
      throw new Error(`cannot listen at ${address} (${name}): ${String(error)}`)
    }
  }

  let open = true
  // A client connects to each socket by itself: what is published to nobody is lost, and with it the end of its cell.
  let publishNow = (): void => {}
  const listened = new Promise<void>((resolve) => {
    publishNow = resolve
  })
  let patience: NodeJS.Timeout | undefined
  const fail = (error: unknown): void => complain('a socket failed', error)
  const outboxes = {
    shell: outbox(sockets.shell),
    control: outbox(sockets.control),
    stdin: outbox(sockets.stdin),
    iopub: outbox(sockets.iopub, listened),
  }
  const pack = (message: Message) => packMessage(message, signing)
  const isReplay = replayGuard(signing)
  const dropped = new Set<string>()

  function outbox(socket: Writable, ready: Promise<void> = Promise.resolve()): Outbox {
    const queue: Message[] = []
    let stream: Message | undefined
    let timer: NodeJS.Timeout | undefined
    let sending = ready
    const sendAll = async (): Promise<void> => {
      for (let message = queue.shift(); message; message = queue.shift())
        await socket.send(pack(message))
    }
    const flush = (): void => {
      clearTimeout(timer)
      timer = undefined
      if (stream) queue.push(stream)
      stream = undefined
      sending = sending.then(sendAll).catch(fail)
    }
    return {
      push(message) {
        const joined = join(stream, message)
        if (!joined) flush()
        if (joined || message.header.msg_type === 'stream') {
          stream = joined ?? message
          timer ??= setTimeout(flush, joinTime)
        } else {
          // It greets, before anything that waited for a listener.
          if (message.header.msg_type === 'iopub_welcome') queue.unshift(message)
          else queue.push(message)
          flush()
        }
      },
      empty() {
        flush()
        return sending
      },
    }
  }

  async function receive(name: Incoming): Promise<void> {
    for await (const frames of sockets[name]) {
      patience ??= setTimeout(publishNow, listenTime)
      try {
        const message = parseMessage(frames, signing)
        if (isReplay(frames)) throw new Error('a message that was sent before')
        listeners.onMessage(name, message)
      } catch (error) {
        drop(name, error)
      }
    }
  }

  /** A flood of bad messages is one line for each reason. */
  function drop(name: Incoming, error: unknown): void {
    const reason = `dropped a message to ${name}: ${String(error)}`
    if (dropped.has(reason)) return
    dropped.add(reason)
    complain(reason, 'others like it are dropped without a word')
  }

  async function watchSubscriptions(): Promise<void> {
    for await (const [frame] of sockets.iopub) {
      if (frame?.[0] !== 1) continue
      listeners.onSubscription(frame.subarray(1).toString('utf8'))
      publishNow()
    }
  }

  async function beat(): Promise<void> {
    for await (const frames of sockets.hb) await sockets.hb.send(frames)
  }

  const receiving = (['shell', 'control', 'stdin'] as const).map(receive)
  for (const loop of [...receiving, watchSubscriptions(), beat()])
    loop.catch((error) => {
      // A shutdown closes the socket of an answer that is on its way.
      if (open) fail(error)
    })

  return {
    async ask(message) {
      await outboxes.iopub.empty()
      if (open) outboxes.stdin.push(message)
    },
    reply(socket, message) {
      if (open) outboxes[socket].push(message)
    },
    publish(message) {
      if (open) outboxes.iopub.push(message)
    },
    async close() {
      // The cell that a shutdown breaks off has more to say.
      open = false
      clearTimeout(patience)
      publishNow()
      for (const one of Object.values(outboxes)) await one.empty()
      for (const socket of Object.values(sockets)) socket.close()
    },
  }
}

/** Two messages of one stream as one, unless that grows too long. */
function join(before: Message | undefined, message: Message): Message | undefined {
  if (before?.header.msg_type !== 'stream' || message.header.msg_type !== 'stream') return undefined
  if (before.parent_header !== message.parent_header) return undefined
  const { name, text } = before.content
  const more = message.content.text
  if (name !== message.content.name || typeof text !== 'string' || typeof more !== 'string')
    return undefined
  return text.length + more.length > joinLimit
    ? undefined
    : { ...before, content: { name, text: text + more } }
}
