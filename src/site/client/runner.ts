// SPDX-License-Identifier: GPL-2.0-only
import { mentionsPlot } from '../../trace/index.ts'
import { type FrameMessage, type RunRequest, readMessage } from '../live/protocol.ts'

/** How a run ended: by itself, by Stop, by the time limit, or because the cell broke its Worker. */
export type RunEnd =
  | { readonly type: 'done' | 'stopped' | 'timeout' }
  | { readonly type: 'crash'; readonly reason: string }

/** Runs cells somewhere isolated; resolves once nothing of them is left. */
export type Runner = (
  request: RunRequest,
  onMessage: (message: FrameMessage) => void,
  signal: AbortSignal,
) => Promise<RunEnd>

/**
 * How long one cell may run, in milliseconds: two seconds on a desk are twenty on an old phone. A cell that takes all
 * memory ends the process of its frame, of which a page hears nothing: it is this limit that tells.
 */
export const cellTimeLimit = 30_000

/**
 * A runner that gives each run a frame of its own and takes the frame away at the end, and the Worker with it: so
 * nothing that a cell does outlasts Stop. `load` gives the frame's document, and the program of Plot.
 */
export function frameRunner(load: (what: 'frame' | 'plot') => Promise<string>): Runner {
  return async (request, onMessage, signal) => {
    const frame = document.createElement('iframe')
    frame.setAttribute('sandbox', 'allow-scripts')
    frame.title = 'Where the cells of this page run'
    frame.hidden = true
    const draws = request.cells.some(({ code }) => mentionsPlot(code))
    const [srcdoc, plot] = await Promise.all([load('frame'), draws ? load('plot') : undefined])
    frame.srcdoc = srcdoc
    const whole = plot === undefined ? request : { ...request, plot }
    if (signal.aborted) return { type: 'stopped' }
    return await new Promise<RunEnd>((resolve) => {
      const listening = new AbortController()
      const end = (how: RunEnd) => {
        clearTimeout(timer)
        listening.abort()
        frame.remove()
        resolve(how)
      }
      const limit = () => setTimeout(end, cellTimeLimit, { type: 'timeout' })
      let timer = limit()
      const listen = { signal: listening.signal }
      window.addEventListener(
        'message',
        ({ source, data }) => {
          if (source !== frame.contentWindow) return
          const message = readMessage(data)
          if (message === undefined) return
          if (message.type === 'done') return end({ type: 'done' })
          if (message.type === 'crash') return end(message)
          if (message.type === 'start') {
            clearTimeout(timer)
            timer = limit()
          }
          onMessage(message)
        },
        listen,
      )
      signal.addEventListener('abort', () => end({ type: 'stopped' }), listen)
      frame.addEventListener('load', () => frame.contentWindow?.postMessage(whole, '*'), {
        once: true,
      })
      document.body.append(frame)
    })
  }
}
