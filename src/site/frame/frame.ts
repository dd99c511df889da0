// SPDX-License-Identifier: GPL-2.0-only
// The script of the isolated frame: it owns the Worker and passes messages on. No cell runs in it.
import { type FrameMessage, messageLimit } from '../live/protocol.ts'

/** The Worker's program; put in by the build. */
declare const WORKER_PROGRAM: string

const send = (message: FrameMessage) => parent.postMessage(message, '*')

function startWorker(request: unknown): void {
  const blob = new Blob([WORKER_PROGRAM], { type: 'text/javascript' })
  const worker = new Worker(URL.createObjectURL(blob))
  let passed = 0
  worker.addEventListener('message', ({ data }) => {
    if (++passed <= messageLimit) return parent.postMessage(data, '*')
    worker.terminate()
    if (passed === messageLimit + 1)
      send({ type: 'crash', reason: 'the cell sent too many messages' })
  })
  worker.addEventListener('error', ({ message }) =>
    send({ type: 'crash', reason: message || 'the cell ran out of memory' }),
  )
  worker.postMessage(request)
}

addEventListener('message', ({ source, data }) => {
  if (source === parent) startWorker(data)
})
