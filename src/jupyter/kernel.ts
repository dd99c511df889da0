// SPDX-License-Identifier: GPL-2.0-only
import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { answerWith } from './bridge.ts'
import type { Connection } from './connection.ts'
import type { Warm } from './picture.ts'

/** What the sockets' thread is started with. */
export interface ThreadData {
  readonly connection: Connection
  /** To the thread of the cells. */
  readonly cells: MessagePort
  /** From the thread that waits for SIGINT. */
  readonly signals: MessagePort
  /** See {@link SessionOptions.guard}. */
  readonly guard: Int32Array
}

/**
 * Serves a session at a connection until it is told to shut down, then ends the process. Rejects when the sockets
 * cannot be bound or the engine does not start. Works compiled only: threads are files, and Node loads JavaScript.
 */
export async function runKernel(connection: Connection, warm?: Warm): Promise<never> {
  // Cells are refused it.
  const exit = process.exit.bind(process)
  const cells = new MessageChannel()
  const signals = new MessageChannel()
  const guard = new Int32Array(new SharedArrayBuffer(4))
  // Nor is the start to be broken off.
  Atomics.add(guard, 0, 1)
  const data: ThreadData = { connection, cells: cells.port2, signals: signals.port2, guard }
  const threads = [
    new Worker(new URL('./socketsThread.js', import.meta.url), {
      workerData: data,
      transferList: [data.cells, data.signals],
    }),
    new Worker(new URL('./signalsThread.js', import.meta.url), {
      workerData: signals.port1,
      transferList: [signals.port1],
    }),
  ]
  const failure = Promise.race(threads.map((thread) => once(thread, 'error'))).then(([error]) => {
    throw error
  })
  try {
    // The model and the engine take a while to load; the sockets' thread answers meanwhile.
    const { openSession } = await import('./session.ts')
    const opening = openSession({ ownsProcess: true, guard, ...(warm && { warm }) })
    const session = await Promise.race([opening, failure])
    Atomics.sub(guard, 0, 1)
    answerWith(session, cells.port1, () => exit(0))
    return await failure
  } finally {
    // Either would keep the process.
    for (const thread of threads) void thread.terminate()
  }
}
