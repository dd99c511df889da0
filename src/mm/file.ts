// SPDX-License-Identifier: GPL-2.0-only
// Files made by hand, for mappings to map.

import {
  FMODE_READ,
  FMODE_WRITE,
  type file_operations,
  file as file_struct,
  inode as inode_struct,
} from './mm_types.ts'

/** What {@link file} may be told beside name and hooks. */
export interface FileOptions {
  /** Bytes; default 0, which only regular files mind. */
  readonly size?: number
  /** How it is open; default `rw`. */
  readonly mode?: 'r' | 'w' | 'rw'
  /** Another open of the same file: the file or its inode. */
  readonly inode?: inode_struct | file_struct
  /** The driver's own. */
  readonly private_data?: unknown
  /** It lies on a file system mounted noexec. */
  readonly noexec?: boolean
  /** Sealed against writing: no shared mapping may be written. */
  readonly sealed?: boolean
  /** Its offsets go up to 2^64, as those of memory devices do. */
  readonly unsignedOffset?: boolean
  /** Its pages are huge: with the hooks of hugetlbfs. */
  readonly hugepages?: boolean
}

const modes = { r: FMODE_READ, w: FMODE_WRITE, rw: FMODE_READ | FMODE_WRITE }

/**
 * An open file with these hooks: what open() of a driver's or filesystem's node gives. TypeError for a mode or inode
 * that is none, or a hook that is no function; RangeError for a size that is no whole number of bytes.
 */
export function file(name: string, f_op: file_operations, options: FileOptions = {}): file_struct {
  const { size = 0, mode = 'rw', private_data = null } = options
  if (!Object.hasOwn(modes, mode))
    throw new TypeError(`mode ${mode}: a file is open for r, w or rw`)
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError(`size ${size}: a file has a whole number of bytes`)
  for (const [hook, value] of Object.entries(f_op)) {
    if (typeof value !== 'function') throw new TypeError(`${hook} of ${name} is no function`)
  }
  return new file_struct(
    name,
    f_op,
    modes[mode],
    inode_of(options.inode, size),
    private_data,
    options,
  )
}

function inode_of(given: inode_struct | file_struct | undefined, size: number): inode_struct {
  if (given === undefined) return new inode_struct(0, size)
  if (given instanceof file_struct) return given.f_inode
  if (given instanceof inode_struct) return given
  throw new TypeError('inode: give another file, or its f_inode, to open the same file twice')
}
