// SPDX-License-Identifier: GPL-2.0-only
import { getHeapStatistics } from 'node:v8'
import { MessageChannel, type MessagePort, type Transferable, Worker } from 'node:worker_threads'
import { answerWith } from './bridge.ts'
import type { Connection } from './connection.ts'
import type { Warm } from './picture.ts'
import type { Session } from './session.ts'

/** What the sockets' thread is started with. */
export interface ThreadData {
  readonly connection: Connection
  /** To the thread of the cells. */
  readonly cells: MessagePort
  /** From the thread that waits for SIGINT. */
  readonly signals: MessagePort
  /** See {@link SessionOptions.guard}. */
  readonly guard: Int32Array
  /** V8 ends the process when the values of the cells' thread take more: bytes. */
  readonly heapLimit: number
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
  Atomics.add(guard, 0, 1)
  const { heap_size_limit: heapLimit } = getHeapStatistics()
  const ports = { cells: cells.port2, signals: signals.port2 }
  const data: ThreadData = { connection, ...ports, guard, heapLimit }
  let fail: (error: unknown) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  const startThread = (file: string, workerData: unknown, transferList: Transferable[]): void => {
    const thread = new Worker(new URL(file, import.meta.url), { workerData, transferList })
    thread.on('error', fail)
  }
  try {
    startThread('./socketsThread.js', data, [data.cells, data.signals])
    // The model and the engine take a while to load; the sockets' thread answers meanwhile.
    process.on('SIGINT', ignore)
    const open = async (): Promise<Session> => {
      const { openSession } = await import('./session.ts')
      return openSession({ ownsProcess: true, guard, ...(warm && { warm }) })
    }
    const session = await Promise.race([open(), failure])
    process.off('SIGINT', ignore)
    startThread('./signalsThread.js', signals.port1, [signals.port1])
    Atomics.sub(guard, 0, 1)
    answerWith(session, cells.port1, () => exit(0))
    return await failure
  } finally {
    // What is left, a thread or a watcher of the compiler's, would keep the process.
    setTimeout(() => exit(1), lastWords).unref()
  }
}

/** So long a kernel that cannot go on may take to say why: milliseconds. */
const lastWords = 500

/** A start is not to be broken off. */
function ignore(): void {}
