// SPDX-License-Identifier: GPL-2.0-only
// The Worker in which a page's cells run: one Worker for one run, ended by the page.
import * as front from '../../index.ts'
import type { CellOutput } from '../../literate/index.ts'
import { displayError } from '../../trace/index.ts'
import type { FrameMessage, RunRequest } from '../live/protocol.ts'
import { openSession } from '../live/session.ts'
import { makeStacksReadable } from '../live/stacks.ts'

const send: (message: FrameMessage) => void = self.postMessage.bind(self)

async function runCells({ cells }: RunRequest): Promise<void> {
  let current = 0
  const say = (output: CellOutput) => send({ type: 'output', cell: current, output })
  const session = openSession({
    front,
    prelude: {
      mm: new front.Mm(front.linux('7.3')),
      processMaps: () => processMaps(cells[current]?.maps ?? ''),
    },
    display: front.display,
    displayError,
  })
  hearStrayErrors(say)
  makeStacksReadable()
  for (const [cell, { code, throws }] of cells.entries()) {
    current = cell
    send({ type: 'start', cell })
    const outputs = await session.run(code, say)
    // A rejection that nobody handles is told in a task of its own.
    await new Promise((resolve) => setTimeout(resolve))
    const failed = outputs.some(({ type }) => type === 'error')
    send({ type: 'end', cell, failed })
    if (failed && !throws) break
  }
  send({ type: 'done' })
}

function processMaps(pasted: string): string {
  if (pasted.trim() !== '') return pasted
  throw new Error(
    'nothing to read: a page cannot see your processes. Paste the output of `cat /proc/self/maps` into the box above this cell, then press Run',
  )
}

/** Errors that no cell catches (a timer's, a promise's) appear as text in the output of the cell then running. */
function hearStrayErrors(say: (output: CellOutput) => void): void {
  const tell = (error: unknown) => {
    const { ename, evalue } = displayError(error)
    say({ type: 'stream', name: 'stderr', text: `Uncaught ${ename}: ${evalue}\n` })
  }
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    tell(event.reason)
  })
  self.addEventListener('error', (event) => {
    event.preventDefault()
    tell(event.error)
  })
}

self.addEventListener('message', ({ data }) => void runCells(data), { once: true })
// A cell prints through its console; it has no way of its own to the page.
for (const name of ['postMessage', 'close']) Object.defineProperty(self, name, { value: undefined })
