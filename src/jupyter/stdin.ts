// SPDX-License-Identifier: GPL-2.0-only
import type { Sockets } from './sockets.ts'
import { type Message, newHeader } from './wire.ts'

/** Questions to the reader; there is one at a time. */
export interface Stdin {
  /** Resolves to what is typed. Rejects when the client does not answer questions, or the request is over. */
  ask(request: Message, prompt: string, password: boolean): Promise<string>
  /** Takes a message from the client. */
  hear(message: Message): void
  /** Nothing more is asked on account of a request. */
  over(request: Message): void
}

interface Pending {
  readonly request: Message
  resolve(typed: string): void
  reject(error: Error): void
}

/** Asks through `sockets`, in the name of a kernel's `session`. */
export function openStdin(sockets: Pick<Sockets, 'ask'>, session: string): Stdin {
  const ended = new WeakSet<Message>()
  const queue: (Pending & { send(): void })[] = []

  function next(): void {
    queue.shift()
    queue[0]?.send()
  }

  return {
    ask: (request, prompt, password) =>
      new Promise((resolve, reject) => {
        if (request.content.allow_stdin !== true) return reject(new Error(unasked))
        if (ended.has(request)) return reject(new Error(late))
        const { identities, header: parent_header } = request
        const header = newHeader('input_request', session)
        const content = { prompt, password }
        const send = (): void =>
          void sockets.ask({ identities, header, parent_header, metadata: {}, content })
        queue.push({ request, resolve, reject, send })
        if (queue.length === 1) send()
      }),
    hear({ header, content }) {
      const [pending] = queue
      // What comes unasked is the answer to a question that an interrupt took back.
      if (header.msg_type !== 'input_reply' || !pending) return
      next()
      if (typeof content.value === 'string') pending.resolve(content.value)
      else pending.reject(new Error('input(): the client answered without a text'))
    },
    over(request) {
      ended.add(request)
      const [asking] = queue
      for (const pending of queue.filter((one) => one.request === request)) {
        queue.splice(queue.indexOf(pending), 1)
        pending.reject(new Error(late))
      }
      if (queue[0] !== asking) queue[0]?.send()
    },
  }
}

const unasked =
  'input(): this client does not answer questions (allow_stdin is false); run the cell in JupyterLab, Notebook or the console'
const late = 'input(): the cell that asks is over'
