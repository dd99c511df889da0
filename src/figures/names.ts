// SPDX-License-Identifier: GPL-2.0-only
// Names and permissions in little room.

/** The last part of a path; other names are kept whole. */
export function baseName(name: string): string {
  return name.startsWith('/') ? name.slice(name.lastIndexOf('/') + 1) || name : name
}

/** What the letters of {@link letterOf} mean. */
export const LETTER_NOTE = 'In a block: r read only, w writable, x executable, ! both, – none'

/** Permissions in one letter: the most that a mapping allows. */
export function letterOf(perms: string): string {
  const isWritable = perms[1] === 'w'
  const isExecutable = perms[2] === 'x'
  if (isWritable) return isExecutable ? '!' : 'w'
  if (isExecutable) return 'x'
  return perms[0] === 'r' ? 'r' : '–'
}
