// SPDX-License-Identifier: GPL-2.0-only
import { Console } from 'node:console'
import { StringDecoder } from 'node:string_decoder'

type StreamName = 'stdout' | 'stderr'

/** This process's standard streams and console, turned to whoever wants them. */
export interface Capture {
  /** From now on everything written goes to `sink`; to where it went before when undefined. */
  redirect(sink: ((name: StreamName, text: string) => void) | undefined): void
  close(): void
}

/** Takes over `process.stdout`, `process.stderr` and the global console, without changing where they lead yet. */
export function captureStreams(): Capture {
  let sink: ((name: StreamName, text: string) => void) | undefined
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name]
    const write = stream.write
    const decoder = new StringDecoder('utf8')
    const captured = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      if (!sink) return Reflect.apply(write, stream, [chunk, ...rest])
      sink(name, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)))
      const done = rest.find((one) => typeof one === 'function')
      if (done) process.nextTick(done)
      return true
    }
    stream.write = captured
    return () => {
      if (stream.write === captured) stream.write = write
    }
  })
  const previous = globalThis.console
  // Colours would depend on the terminal; an error of a sink has to reach the cell.
  const ours = new Console({
    stdout: process.stdout,
    stderr: process.stderr,
    colorMode: false,
    ignoreErrors: false,
  })
  globalThis.console = Object.assign(ours, { Console })
  return {
    redirect(next) {
      sink = next
    },
    close() {
      sink = undefined
      for (const undo of restore) undo()
      globalThis.console = previous
    },
  }
}
