// SPDX-License-Identifier: GPL-2.0-only
// Elements as plain data. A notebook gets them as HTML; the page gets the data, checks it and makes the elements
// itself.

/** The MIME type of a list of {@link Markup} in a bundle: plain JSON. */
export const MARKUP_MIME = 'application/vnd.vmalab.markup+json'

/** A text, or an element: its name, its attributes and what is in it. */
export type Markup =
  | string
  | readonly [tag: string, attributes: Readonly<Record<string, string>>, ...children: Markup[]]

/** The forms of elements in a bundle: for a notebook, and for whoever makes the elements. */
export function markupForms(markup: readonly Markup[]): Readonly<Record<string, unknown>> {
  return { 'text/html': markup.map(markupHtml).join(''), [MARKUP_MIME]: markup }
}

/** The source text of a markup as HTML. */
function markupHtml(markup: Markup): string {
  if (typeof markup === 'string') return escapeHtml(markup)
  const [tag, attributes, ...children] = markup
  const written = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${escapeHtml(value)}"`,
  )
  return `<${tag}${written.join('')}>${children.map(markupHtml).join('')}</${tag}>`
}

/** A table; a text of several lines is shown as code. */
export function tableMarkup(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const cell = (tag: string, text: string): Markup => [
    tag,
    { style: 'text-align:left' },
    text.includes('\n') ? ['pre', {}, text] : text,
  ]
  const row = (tag: string, texts: readonly string[]): Markup => [
    'tr',
    {},
    ...texts.map((text) => cell(tag, text)),
  ]
  return ['table', {}, row('th', head), ...rows.map((texts) => row('td', texts))]
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Text as it stands in HTML, between tags or in an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => entities[char] ?? char)
}
