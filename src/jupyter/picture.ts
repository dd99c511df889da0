// SPDX-License-Identifier: GPL-2.0-only
// What a process that starts from a picture (see install_picture.ts) has of its former life.
import { statSync } from 'node:fs'
import type { Compiler, Loader, TslabConverter } from './compiler.ts'

/** What is ready in a process that starts from a picture. */
export interface Warm {
  /** Gives what tslab's own `require` would. */
  readonly load: Loader
  readonly compiler: Compiler
  /** It has read the declarations that every session needs, and converted cells that need no others. */
  readonly lean: TslabConverter
  /** What stands for `vmalab`, `vmalab/figures` in a cell. */
  readonly modules: Readonly<Record<string, object>>
}

/** What starts Node from the picture whose path follows: its ES modules are to find what is in it (see scripts/ready.mjs). */
export const PICTURED: readonly string[] = ['--conditions=vmalab-kernel', '--snapshot-blob']

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
