// SPDX-License-Identifier: GPL-2.0-only
// The Worker in which a page's cells run: one Worker for one run, ended by the page.
import * as front from '../../index.ts'
import type { CellOutput } from '../../literate/index.ts'
import { displayError } from '../../trace/index.ts'
import type { FrameMessage, RunRequest } from '../live/protocol.ts'
import { plotProgram } from '../live/protocol.ts'
import { openSession } from '../live/session.ts'
import { makeStacksReadable } from '../live/stacks.ts'

const send: (message: FrameMessage) => void = self.postMessage.bind(self)

async function runCells({ cells, plot }: RunRequest): Promise<void> {
  let current = 0
  let failed = false
  const say = (output: CellOutput) => {
    failed ||= output.type === 'error'
    send({ type: 'output', cell: current, output })
  }
  const session = openSession({
    front,
    prelude: {
      mm: new front.Mm(front.linux('7.3')),
      processMaps: () => processMaps(cells[current]?.maps ?? ''),
      ...(plot !== undefined && (await plotScope(plot))),
    },
    display: front.display,
    displayError,
  })
  hearStrayErrors((error) => say(session.tell(error)))
  makeStacksReadable()
  for (const [cell, { code, throws }] of cells.entries()) {
    current = cell
    failed = false
    send({ type: 'start', cell })
    await session.run(code, say)
    // A rejection that nobody handles is told in a task of its own, which may be queued behind the first of these.
    for (let task = 0; task < 2; task++) await new Promise((resolve) => setTimeout(resolve))
    send({ type: 'end', cell, failed })
    if (failed && !throws) break
  }
  send({ type: 'done' })
}

/** Plot comes as text: this frame can load nothing. */
async function plotScope(program: string): Promise<object> {
  // biome-ignore lint/security/noGlobalEval: the page's own program, where cells run in any case
  // biome-ignore lint/complexity/noCommaOperator: an indirect eval sees no local of this function
  return await (0, eval)(`${program}\n${plotProgram}.openPlot()`)
}

function processMaps(pasted: string): string {
  if (pasted.trim() !== '') return pasted
  throw new Error(
    'nothing to read: a page cannot see your processes. Paste the output of `cat /proc/self/maps` into the box above this cell, then press Run',
  )
}

/** Errors that no cell catches belong to the cell then running, as in Jupyter. */
function hearStrayErrors(hear: (error: unknown) => void): void {
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    hear(event.reason)
  })
  self.addEventListener('error', (event) => {
    event.preventDefault()
    hear(event.error)
  })
}

self.addEventListener('message', ({ data }) => void runCells(data), { once: true })
// A cell prints through its console; it has no way of its own to the page.
for (const name of ['postMessage', 'close']) Object.defineProperty(self, name, { value: undefined })
