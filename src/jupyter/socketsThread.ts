// SPDX-License-Identifier: GPL-2.0-only
/** Entry of the thread that serves the kernel's sockets. */
import { workerData } from 'node:worker_threads'
import { remoteSession } from './bridge.ts'
import { complain, say } from './complain.ts'
import type { ThreadData } from './kernel.ts'
import { watchMemory } from './memory.ts'
import { serve } from './server.ts'

const { connection, cells, signals, guard, heapLimit }: ThreadData = workerData
const session = remoteSession(cells, guard)
const interrupt = (): Promise<void> => session.interrupt()
signals.on('message', () => interrupt().catch((error) => complain('cannot interrupt', error)))
watchMemory(heapLimit, say)
exitWithParent(Number(process.env.JPY_PARENT_PID))
// A rejection ends this thread, which the other one hears of.
void serve(connection, session).then(() => session.exit())

/** A client that died cannot say so: nothing would end this process. */
function exitWithParent(client: number): void {
  if (!Number.isSafeInteger(client) || client < 1) return
  // Between the client and this process may be others; the client may be gone already.
  const parent = process.ppid === client || isAlive(client) ? process.ppid : undefined
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }, 1000)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return Reflect.get(Object(error), 'code') === 'EPERM'
  }
}
