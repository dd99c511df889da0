// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Surroundings, surroundings } from '../jupyter/index.ts'
import { root } from './live.ts'

/** What `vmalab doctor` asks of the machine it runs on; a test has its own. */
export interface Machine extends Surroundings {
  /** The version of the Node that runs this, without the `v`. */
  readonly node: string
  /** The package's folder. */
  readonly root: string
  /** The text of a file; undefined when it cannot be read. */
  text(path: string): string | undefined
  exists(path: string): boolean
  /** When the newest file at or below `path` was changed, in milliseconds; undefined when there is none. */
  newest(path: string): number | undefined
  /** What a program prints; undefined when it is not there or fails. */
  output(program: string, args: readonly string[]): string | undefined
  /** Loads a package; resolves to why it does not load, or to undefined when it does. */
  refusal(name: string): Promise<string | undefined>
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    ...surroundings(),
    node: process.versions.node,
    root,
    text: (path) => attempt(() => readFileSync(path, 'utf8')),
    exists: existsSync,
    newest,
    output(program, args) {
      const { status, stdout } = spawnSync(program, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 60_000,
      })
      return status === 0 ? stdout.trim() : undefined
    },
    async refusal(name) {
      try {
        await import(name)
        return undefined
      } catch (error) {
        return String(error).split('\n')[0]
      }
    },
  }
}

function newest(path: string): number | undefined {
  const status = attempt(() => statSync(path))
  if (!status?.isDirectory()) return status?.mtimeMs
  const below = readdirSync(path).flatMap((name) => newest(join(path, name)) ?? [])
  return below.length > 0 ? Math.max(...below) : undefined
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
