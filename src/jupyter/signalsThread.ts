// SPDX-License-Identifier: GPL-2.0-only
/**
 * Entry of the thread that hears SIGINT while the other threads are busy: Node runs a signal's listeners on the main
 * thread, after whatever it is doing, but `vm` breaks off a script on any thread. The wait is nested, so that a signal
 * which comes between two waits finds one still standing, else it would end the process.
 */
import { Script } from 'node:vm'
import { type MessagePort, workerData } from 'node:worker_threads'

const port: MessagePort = workerData
const still = new Int32Array(new SharedArrayBuffer(4))
const wait = new Script('vmalabWait()')
const waitAgain = new Script('vmalabWaitAgain()')

Object.assign(globalThis, {
  vmalabWait: () => Atomics.wait(still, 0, 0),
  vmalabWaitAgain: () => repeat(wait),
})
repeat(waitAgain)

function repeat(script: Script): never {
  for (;;) {
    try {
      script.runInThisContext({ breakOnSigint: true })
    } catch {
      port.postMessage('SIGINT')
    }
  }
}
