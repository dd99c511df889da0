// SPDX-License-Identifier: GPL-2.0-only
/**
 * The kernel's two threads. Cells run on the main thread, which they may block; the sockets are served by a worker, so
 * that output leaves, heartbeats are answered and interrupts arrive while a cell runs. These are the messages between them.
 */
import { Session as Inspector } from 'node:inspector'
import type { MessagePort } from 'node:worker_threads'
import { complain } from './complain.ts'
import type { SessionOutput } from './outputs.ts'
import type { Completeness, Completion, Session } from './session.ts'
import type { Ask as AskReader } from './tools.ts'

/** What the sockets' thread asks of the cells' thread. */
type Question =
  | { readonly ask: 'execute'; readonly code: string; readonly cell: number }
  | { readonly ask: 'complete' | 'inspect'; readonly code: string; readonly offset: number }
  | { readonly ask: 'isComplete'; readonly code: string }
  | { readonly ask: 'reply'; readonly question: number; readonly typed: string | Refusal }
  | { readonly ask: 'interrupt' | 'exit' }
type Ask = Question & { readonly id: number }

/** Why the reader was not asked. */
interface Refusal {
  readonly why: string
}

/** What comes back: any number of outputs and questions to the reader, then the answer. */
type Tell =
  | { readonly tell: 'output'; readonly id: number; readonly output: SessionOutput }
  | {
      readonly tell: 'question'
      readonly id: number
      readonly question: number
      readonly prompt: string
      readonly password: boolean
    }
  | { readonly tell: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly tell: 'failure'; readonly id: number; readonly message: string }

/** Answers a sockets' thread from a session, on the thread of the cells. */
export function answerWith(session: Session, port: MessagePort, exit: () => void): void {
  const tell = (message: Tell): void => port.postMessage(message)
  const questions = new Map<number, (typed: string | Refusal) => void>()
  let asked = 0
  const asker =
    (id: number): AskReader =>
    (prompt, password) =>
      new Promise((resolve, reject) => {
        const question = ++asked
        questions.set(question, (typed) =>
          typeof typed === 'string' ? resolve(typed) : reject(new Error(typed.why)),
        )
        tell({ tell: 'question', id, question, prompt, password })
      })
  const answer = (ask: Ask): unknown => {
    switch (ask.ask) {
      case 'execute': {
        const { id } = ask
        const onOutput = (output: SessionOutput): void => tell({ tell: 'output', id, output })
        const options = { onOutput, cell: ask.cell, ask: asker(id) }
        return session.execute(ask.code, options).then(({ ok }) => ok)
      }
      case 'reply':
        questions.get(ask.question)?.(ask.typed)
        return void questions.delete(ask.question)
      case 'complete':
        return session.complete(ask.code, ask.offset)
      case 'inspect':
        return session.inspect(ask.code, ask.offset)
      case 'isComplete':
        return session.isComplete(ask.code)
      case 'interrupt':
        return session.interrupt()
      case 'exit':
        return exit()
    }
  }
  port.on('message', async (ask: Ask) => {
    const { id } = ask
    try {
      tell({ tell: 'answer', id, value: await answer(ask) })
    } catch (error) {
      tell({ tell: 'failure', id, message: error instanceof Error ? error.message : String(error) })
    }
  })
}

/** Who follows a cell from the other thread. */
export interface Follower {
  /** Each output is waited for before the next is given; some may come after the end. */
  onOutput(output: SessionOutput): void | Promise<void>
  readonly ask: AskReader
}

/** The session on the other thread. */
export interface RemoteSession {
  /** Resolves to whether the cell went without an error. */
  execute(code: string, cell: number, follower: Follower): Promise<boolean>
  complete(code: string, offset: number): Promise<Completion>
  inspect(code: string, offset: number): Promise<string | undefined>
  isComplete(code: string): Promise<Completeness>
  /** Stops the running cell, if need be by force. */
  interrupt(): Promise<void>
  /** Ends the process, if need be by force. */
  exit(): Promise<void>
}

/** A thread that does not answer for this long is taken for stuck in a cell: milliseconds. */
const patience = 400
/** ... and one that does not end for this long is killed. It may still be starting. */
const lastPatience = 10_000

/** This many cells back, what a cell's timers print still finds its way to it. */
const remembered = 1000

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Talks to the cells' thread through `port`, on the thread of the sockets. While `guard[0]` is not 0 that thread is not
 * broken off.
 */
export function remoteSession(port: MessagePort, guard: Int32Array): RemoteSession {
  const waiting = new Map<number, Waiting>()
  const followers = new Map<number, Follower>()
  let ids = 0
  let order: Promise<void> = Promise.resolve()

  const handle = async (message: Tell): Promise<void> => {
    const follower = followers.get(message.id)
    if (message.tell === 'output') return follower?.onOutput(message.output)
    if (message.tell === 'question') return void passOn(message, follower)
    const request = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.tell === 'answer') request?.resolve(message.value)
    else request?.reject(new Error(message.message))
  }
  port.on('message', (message: Tell) => {
    if (!followers.has(message.id)) return void handle(message)
    // Outputs are drawn on the way, which must not change their order.
    order = order
      .then(() => handle(message))
      .catch((error) => complain('an output was lost', error))
  })

  async function passOn(
    { question, prompt, password }: Extract<Tell, { tell: 'question' }>,
    follower: Follower | undefined,
  ): Promise<void> {
    const refuse = (error: unknown): Refusal => ({
      why: error instanceof Error ? error.message : String(error),
    })
    const typed = await follower?.ask(prompt, password).catch(refuse)
    await ask({ ask: 'reply', question, typed: typed ?? refuse('the cell is long over') })
  }

  function follow(id: number, follower: Follower): void {
    followers.set(id, follower)
    const [oldest] = followers.keys()
    if (followers.size > remembered && oldest !== undefined) followers.delete(oldest)
  }

  function ask<Answer>(question: Question, follower?: Follower): Promise<Answer> {
    const id = ++ids
    return new Promise<Answer>((resolve, reject) => {
      waiting.set(id, { resolve: (value) => resolve(value as Answer), reject })
      if (follower) follow(id, follower)
      port.postMessage({ ...question, id })
    })
  }

  /** Asks for an interrupt; while no answer comes, breaks off whatever the other thread is running and asks again. */
  function interrupt(): Promise<void> {
    return new Promise((resolve) => {
      let answered = false
      let broken: Promise<void> = Promise.resolve()
      const attempt = async (): Promise<void> => {
        await ask<void>({ ask: 'interrupt' })
        answered = true
        clearInterval(timer)
        await broken
        resolve()
      }
      const force = (): void => {
        if (answered || Atomics.load(guard, 0) > 0) return
        broken = terminateMainThread()
        // What was unwound may have been the answer.
        void attempt()
      }
      // The answer may be here already, waiting behind the timer: look after the messages.
      const timer = setInterval(() => setImmediate(force), patience)
      void attempt()
    })
  }

  return {
    execute: (code, cell, follower) => ask({ ask: 'execute', code, cell }, follower),
    complete: (code, offset) => ask({ ask: 'complete', code, offset }),
    inspect: (code, offset) => ask({ ask: 'inspect', code, offset }),
    isComplete: (code) => ask({ ask: 'isComplete', code }),
    interrupt,
    async exit() {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), lastPatience)
      await interrupt()
      await ask({ ask: 'exit' })
    },
  }
}

/**
 * Unwinds what runs on the main thread, be it a loop of microtasks; the process lives on. Resolves when that is done and
 * the inspector has let go, without which the process would not exit.
 */
function terminateMainThread(): Promise<void> {
  const inspector = new Inspector()
  inspector.connectToMainThread()
  return new Promise((resolve) => {
    inspector.post('Runtime.terminateExecution', () => {
      inspector.disconnect()
      resolve()
    })
  })
}
