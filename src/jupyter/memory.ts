// SPDX-License-Identifier: GPL-2.0-only
import { memoryUsage } from 'node:process'

/** Milliseconds between two looks at the memory. */
const pause = 250

/**
 * Calls `say` once, when the process has come near what V8 lets the values of a thread take, in bytes: beyond that it ends
 * the process, which then says nothing that helps.
 */
export function watchMemory(limit: number, say: (warning: string) => void): void {
  const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20)
  const timer = setInterval(() => {
    const taken = memoryUsage.rss()
    if (taken < 0.8 * limit) return
    clearInterval(timer)
    say(
      `the kernel takes ${mebibytes(taken)} MiB; Node ends it when a cell's values take ${mebibytes(limit)} MiB. ` +
        `Keep less at a time, or start Jupyter with NODE_OPTIONS=--max-old-space-size=${2 * mebibytes(limit)} in its environment`,
    )
  }, pause)
}
