// SPDX-License-Identifier: GPL-2.0-only

/** The timers of this process, cells' and all: what keeps a loop of waits going after its cell was interrupted. */
export interface Timers {
  /** Those set so far do not call any more. */
  silence(): void
  close(): void
}

const names = ['setTimeout', 'setInterval', 'setImmediate'] as const

/**
 * Takes over the global functions that set timers. `remember` is called when one is set, and what it returns before
 * the timer calls.
 */
export function trackTimers(remember: () => () => void): Timers {
  let generation = 0
  const restore = names.map((name) => {
    const original = globalThis[name]
    const tracked = (callback: unknown, ...rest: unknown[]): unknown => {
      const born = generation
      const recall = remember()
      const call = (...values: unknown[]): unknown => {
        if (born === generation) {
          recall()
          return Reflect.apply(callback as () => void, timer, values)
        }
        if (name === 'setInterval') clearInterval(timer)
        return undefined
      }
      // What is no function is left for the original to complain about.
      const timer = Reflect.apply(original, globalThis, [
        typeof callback === 'function' ? call : callback,
        ...rest,
      ])
      return timer
    }
    // For its other properties: what `util.promisify` looks at.
    Object.setPrototypeOf(tracked, original)
    Reflect.set(globalThis, name, tracked)
    return () => {
      if (Reflect.get(globalThis, name) === tracked) Reflect.set(globalThis, name, original)
    }
  })
  return {
    silence() {
      generation++
    },
    close() {
      for (const undo of restore) undo()
    },
  }
}
