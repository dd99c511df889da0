// SPDX-License-Identifier: GPL-2.0-only
// What a reader has written on a page, kept in this tab while it is open: a link followed and the way back lose nothing.

/** The changed cells of one page. */
export interface Drafts {
  /** What was written in place of `published`; undefined when nothing was, or when the page has changed since. */
  get(n: number, published: string): string | undefined
  /** Keeps `code`, or forgets what was kept when it is as published. */
  set(n: number, published: string, code: string): void
}

/** Drafts in a tab's storage under `page`. Where storage is closed nothing is kept. */
export function storedDrafts(storage: () => Storage, page: string): Drafts {
  const key = (n: number): string => `vmalab ${page} ${n}`
  return {
    get(n, published) {
      try {
        const draft: unknown = JSON.parse(storage().getItem(key(n)) ?? 'null')
        const [of, code] = Array.isArray(draft) ? draft : []
        return of === published && typeof code === 'string' ? code : undefined
      } catch {
        return undefined
      }
    },
    set(n, published, code) {
      try {
        if (code === published) storage().removeItem(key(n))
        else storage().setItem(key(n), JSON.stringify([published, code]))
      } catch {
        // Full, or closed to this page.
      }
    },
  }
}
