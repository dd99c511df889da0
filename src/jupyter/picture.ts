// SPDX-License-Identifier: GPL-2.0-only
// What a process that starts from a picture (see install_picture.ts) has of its former life.
import { statSync } from 'node:fs'
import type { Sources } from './compiler.ts'

/** A TypeScript that has read the declarations which every session needs. */
export interface Warm {
  /** It and what tslab needs beside it: what they export, by path. */
  readonly modules: ReadonlyMap<string, unknown>
  readonly sources: Sources
}

/** What a process that starts from a good picture says to the argument `check`. */
export const READY = 'ready'

/** A file as it was; a change shows in one of them. */
export interface Stamp {
  readonly path: string
  readonly size: number
  readonly changed: number
}

/** What a file is now. Throws when it cannot be read. */
export function stampOf(path: string): Stamp {
  const { size, mtimeMs } = statSync(path)
  return { path, size, changed: mtimeMs }
}

/** Are all files what they were? */
export function areUnchanged(stamps: readonly Stamp[]): boolean {
  try {
    return stamps.every(({ path, size, changed }) => {
      const now = stampOf(path)
      return now.size === size && now.changed === changed
    })
  } catch {
    return false
  }
}
