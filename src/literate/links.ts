// SPDX-License-Identifier: GPL-2.0-only
import createParser from 'markdown-it'

/**
 * Prose with its links to pages turned into links to their notebooks: `[a](../your-process.md#top)` becomes
 * `[a](../your-process.ipynb#top)`. Only relative links that Markdown sees as links change; code does not.
 */
export function notebookLinks(markdown: string): string {
  const tokens = createParser('commonmark').parse(markdown, {})
  const targets = new Set<string>()
  for (const token of tokens)
    for (const child of token.children ?? []) {
      const href = child.type === 'link_open' ? child.attrGet('href') : null
      if (typeof href === 'string' && isPage(href)) targets.add(href)
    }
  let text = markdown
  for (const href of targets) text = retarget(text, href)
  return text
}

const isPage = (href: string): boolean =>
  /^(?![a-z][a-z0-9+.-]*:|\/)[^#?]*\.md(?:[#?]|$)/i.test(href)

/** Inline (`](href)`, with a title or not) and by reference (`[name]: href`). */
function retarget(text: string, href: string): string {
  const notebook = href.replace(/\.md(?=[#?]|$)/, '.ipynb')
  return text
    .replaceAll(`](${href})`, `](${notebook})`)
    .replaceAll(`](${href} `, `](${notebook} `)
    .replaceAll(`]: ${href}`, `]: ${notebook}`)
}
