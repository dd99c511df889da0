// SPDX-License-Identifier: GPL-2.0-only
// Cells in an address: code travels in the fragment, which no server sees. What comes out of one is
// shown, never run.

/** A cell of a link: its number, from 1 on, and its code. */
export type SharedCell = readonly [n: number, code: string]

/** What a link may carry, in characters of its fragment: longer addresses are cut by some programs. */
export const linkLimit = 8_000

const prefix = '#cells='

/** What an address's fragment says; undefined when it is none of ours. */
export type SharedLink = { readonly cells: readonly SharedCell[] } | { readonly fault: string }

/** The fragment that carries `cells`; undefined when it would be longer than {@link linkLimit}. */
export function shareFragment(cells: readonly SharedCell[]): string | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(cells))
  const text = btoa(String.fromCharCode(...bytes.subarray(0, linkLimit)))
  const fragment = prefix + text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
  return bytes.length < linkLimit && fragment.length <= linkLimit ? fragment : undefined
}

/** Reads a fragment of {@link shareFragment}; what is none is told in a sentence. */
export function readFragment(fragment: string): SharedLink | undefined {
  if (!fragment.startsWith(prefix)) return undefined
  if (fragment.length > linkLimit)
    return broken(`it is ${fragment.length} characters long, and ${linkLimit} is the most`)
  const value = decode(fragment.slice(prefix.length))
  if (value === undefined) return broken('it was cut or changed on its way')
  if (!Array.isArray(value) || value.length === 0 || !value.every(isSharedCell))
    return broken('it holds no cells')
  return { cells: value.map(([n, code]): SharedCell => [n, code]) }
}

/** Takes such a fragment out of the address: what it carried is not what the page shows any more. */
export function dropLink(): void {
  if (location.hash.startsWith(prefix))
    history.replaceState(history.state, '', location.pathname + location.search)
}

function broken(why: string): SharedLink {
  return { fault: `The code in this link cannot be read: ${why}. Ask for the link again.` }
}

function decode(text: string): unknown {
  try {
    const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function isSharedCell(value: unknown): value is SharedCell {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [n, code] = value
  return Number.isSafeInteger(n) && Number(n) > 0 && typeof code === 'string'
}
