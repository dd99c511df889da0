// SPDX-License-Identifier: GPL-2.0-only
import { writeSync } from 'node:fs'

/** Says something on the process's own standard error, past the cells' streams and from any thread. */
export function complain(what: string, error: unknown): void {
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
  try {
    writeSync(2, `vmalab: ${what}: ${why}\n`)
  } catch {
    // Nobody listens.
  }
}
