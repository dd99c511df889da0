// SPDX-License-Identifier: GPL-2.0-only

/**
 * Lets the service worker at `address` keep the whole book, so that it is read without a server from now on. It begins
 * when the page that was asked for is complete, and not for a reader who saves data.
 */
export function keepBook(address: string): void {
  if (!('serviceWorker' in navigator) || savesData()) return
  // Where it is not allowed, as in a private window, the site needs its server.
  const keep = () => void navigator.serviceWorker.register(address).catch(() => {})
  if (document.readyState === 'complete') keep()
  else addEventListener('load', keep, { once: true })
}

/** Not every browser tells, and TypeScript does not know of it. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } }
  return connection?.saveData === true
}
