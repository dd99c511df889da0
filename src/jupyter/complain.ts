// SPDX-License-Identifier: GPL-2.0-only
import { writeSync } from 'node:fs'

/** Says what failed, and why, as {@link say} does. */
export function complain(what: string, error: unknown): void {
  say(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
}

/** Says something on the process's own standard error, past the cells' streams and from any thread. */
export function say(what: string): void {
  try {
    writeSync(2, `vmalab: ${what}\n`)
  } catch {
    // Nobody listens.
  }
}
