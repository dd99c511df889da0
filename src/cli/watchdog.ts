// SPDX-License-Identifier: GPL-2.0-only
import { Worker } from 'node:worker_threads'

/** Ends this process when something takes too long, even when it never lets go of this thread. */
export interface Watchdog {
  /** From now on the limit runs for `what`; it names the thing in the message. */
  expect(what: string): void
  /** What was expected is done. */
  done(): void
  close(): Promise<unknown>
}

/** A busy thread hears neither timers nor messages, so another one waits. */
const thread = `
const { parentPort, workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
let timer
parentPort.on('message', (what) => {
  clearTimeout(timer)
  if (what !== undefined) timer = setTimeout(end, workerData * 1000, what)
})
function end(what) {
  writeSync(2, what + ' has not ended within ' + workerData + ' s: it waits or loops for ever\\n')
  process.kill(process.pid, 'SIGKILL')
}
`

/** Starts the watch: each thing expected may take `seconds`. */
export function startWatchdog(seconds: number): Watchdog {
  const worker = new Worker(thread, { eval: true, execArgv: [], workerData: seconds })
  return {
    expect: (what) => worker.postMessage(what),
    done: () => worker.postMessage(undefined),
    close: () => worker.terminate(),
  }
}
