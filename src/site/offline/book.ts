// SPDX-License-Identifier: GPL-2.0-only

/** The files that are kept for reading offline, by their paths below the site's address, each with a digest. */
export type Book = Readonly<Record<string, string>>

/** The files that a static host may answer an address with, as paths below the site's address. */
export function candidates(path: string): string[] {
  const name = decodeURIComponent(path).replace(/\/$/, '')
  return [name, `${name}.html`, name === '' ? 'index.html' : `${name}/index.html`]
}

/** Under what a file is kept: another content is another file. */
export function keyOf(path: string, revision: string): string {
  return `${path.split('/').map(encodeURIComponent).join('/')}?revision=${revision}`
}
