// SPDX-License-Identifier: GPL-2.0-only
// The service worker: it keeps the whole book, so that after a first visit the site needs no server.
import { type Book, candidates, keyOf } from './book.ts'

/** What is kept; put in by the build. */
declare const BOOK: Book

/** As much of a service worker's global as is used; TypeScript's own library for it excludes the DOM's. */
interface WorkerScope {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: RequestEvent) => void): void
}

interface LifeEvent {
  waitUntil(done: Promise<unknown>): void
}

interface RequestEvent {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

const scope = self as unknown as WorkerScope
const base = scope.registration.scope
const open = () => caches.open('vmalab')

const urlOf = (key: string) => new URL(key, base).href
const kept = Object.entries(BOOK).map(([path, revision]) => urlOf(keyOf(path, revision)))

/** Only what is new or changed since the last visit is asked for. */
async function fill(): Promise<void> {
  const cache = await open()
  const known = new Set((await cache.keys()).map(({ url }) => url))
  await cache.addAll(kept.filter((url) => !known.has(url)))
}

async function drop(): Promise<void> {
  const cache = await open()
  for (const request of await cache.keys())
    if (!kept.includes(request.url)) await cache.delete(request)
}

async function fromBook(url: string): Promise<Response | undefined> {
  const path = new URL(url).pathname.slice(new URL(base).pathname.length)
  const found = candidates(path).find((name) => Object.hasOwn(BOOK, name))
  if (found === undefined) return undefined
  const response = await (await open()).match(urlOf(keyOf(found, BOOK[found] ?? '')))
  // A host may have led from a.html to a, and a page may not be loaded from an answer that was led on.
  return response && new Response(response.body, { headers: response.headers })
}

/** The server's answer while there is a server, so that nothing old is shown; then what was kept. */
async function answer(request: Request): Promise<Response> {
  const { url } = request
  // The name of such a file tells its content.
  const fixed = url.startsWith(`${base}assets/`) ? await fromBook(url) : undefined
  if (fixed) return fixed
  try {
    return await fetch(request)
  } catch (error) {
    const old = await fromBook(url)
    const instead = old ?? (request.mode === 'navigate' ? await fromBook(`${base}404.html`) : old)
    if (instead) return instead
    throw error
  }
}

scope.addEventListener('install', (event) => {
  event.waitUntil(fill())
  void scope.skipWaiting()
})
scope.addEventListener('activate', (event) =>
  event.waitUntil(drop().then(() => scope.clients.claim())),
)
scope.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  if (method === 'GET' && url.startsWith(base)) event.respondWith(answer(event.request))
})
