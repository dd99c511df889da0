// SPDX-License-Identifier: GPL-2.0-only
/**
 * The kernel's two threads. Cells run on the main thread, which they may block; the sockets are served by a worker, so
 * that output leaves, heartbeats are answered and interrupts arrive while a cell runs. These are the messages between them.
 */
import { Session as Inspector } from 'node:inspector'
import type { MessagePort } from 'node:worker_threads'
import type { CellOutput } from '../literate/index.ts'
import { complain } from './complain.ts'
import type { Completeness, Completion, Session } from './session.ts'

/** What the sockets' thread asks of the cells' thread. */
type Question =
  | { readonly ask: 'execute'; readonly code: string; readonly cell: number }
  | { readonly ask: 'complete' | 'inspect'; readonly code: string; readonly offset: number }
  | { readonly ask: 'isComplete'; readonly code: string }
  | { readonly ask: 'interrupt' | 'exit' }
type Ask = Question & { readonly id: number }

/** What comes back: any number of outputs, then the answer. */
type Tell =
  | { readonly tell: 'output'; readonly id: number; readonly output: CellOutput }
  | { readonly tell: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly tell: 'failure'; readonly id: number; readonly message: string }

/** Answers a sockets' thread from a session, on the thread of the cells. */
export function answerWith(session: Session, port: MessagePort, exit: () => void): void {
  const tell = (message: Tell): void => port.postMessage(message)
  const answer = (ask: Ask): unknown => {
    switch (ask.ask) {
      case 'execute': {
        const { id } = ask
        const onOutput = (output: CellOutput): void => tell({ tell: 'output', id, output })
        return session.execute(ask.code, onOutput, ask.cell).then(({ ok }) => ok)
      }
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

/** The session on the other thread. */
export interface RemoteSession {
  /**
   * Resolves to whether the cell went without an error. Each output is waited for before the next is given;
   * some may come after the end.
   */
  execute(
    code: string,
    cell: number,
    onOutput: (output: CellOutput) => void | Promise<void>,
  ): Promise<boolean>
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

interface Waiting {
  readonly onOutput: ((output: CellOutput) => void | Promise<void>) | undefined
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Talks to the cells' thread through `port`, on the thread of the sockets. While `guard[0]` is not 0 that thread is not
 * broken off.
 */
export function remoteSession(port: MessagePort, guard: Int32Array): RemoteSession {
  const waiting = new Map<number, Waiting>()
  let ids = 0
  let lastRun: Waiting | undefined
  let order: Promise<void> = Promise.resolve()

  const handle = async (message: Tell): Promise<void> => {
    const request = waiting.get(message.id)
    if (message.tell === 'output') return (request ?? lastRun)?.onOutput?.(message.output)
    waiting.delete(message.id)
    if (message.tell === 'answer') request?.resolve(message.value)
    else request?.reject(new Error(message.message))
  }
  port.on('message', (message: Tell) => {
    const request = waiting.get(message.id)
    if (request && !request.onOutput) return void handle(message)
    // Outputs are drawn on the way, which must not change their order.
    order = order
      .then(() => handle(message))
      .catch((error) => complain('an output was lost', error))
  })

  function ask<Answer>(question: Question, onOutput?: Waiting['onOutput']): Promise<Answer> {
    const id = ++ids
    return new Promise<Answer>((resolve, reject) => {
      const request: Waiting = {
        onOutput,
        resolve: (value) => resolve(value as Answer),
        reject,
      }
      waiting.set(id, request)
      if (onOutput) lastRun = request
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
    execute: (code, cell, onOutput) => ask({ ask: 'execute', code, cell }, onOutput),
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
