// SPDX-License-Identifier: GPL-2.0-only

/**
 * Lets the service worker at `address` keep the whole book, so that it is read without a server from now on. It begins
 * when the page that was asked for is complete, and not for a reader who saves data.
 */
export function keepBook(address: string): void {
  if (!('serviceWorker' in navigator) || savesData()) return
  // Where it is not allowed, as in a private window, the site needs its server.
  const keep = () => void navigator.serviceWorker.register(address).catch(() => {})
  const later = () => setTimeout(keep, patience)
  if (document.readyState === 'complete') later()
  else addEventListener('load', later, { once: true })
}

/** How long a page that has loaded is left alone before the rest of the book is fetched, in milliseconds. */
const patience = 3000

/**
 * Fetches no page because a link to it is seen, as Docusaurus would: a sidebar has dozens, and the whole book comes
 * soon. What the reader points at is still fetched at once.
 */
export function fetchOnlyWhatIsPointedAt(): void {
  window.docusaurus = { ...window.docusaurus, prefetch: () => false }
}

/** Not every browser tells, and TypeScript does not know of it. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } }
  return connection?.saveData === true
}
