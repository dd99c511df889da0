// SPDX-License-Identifier: GPL-2.0-only

/** What is told of a name, as one reads it: how it is declared, and its comment. */
export function toldElement({
  text,
  doc,
}: {
  readonly text: string
  readonly doc?: string
}): HTMLElement {
  const place = document.createElement('div')
  place.className = 'vl-told'
  place.setAttribute('role', 'note')
  place.append(codeElement(text))
  if (doc) {
    const comment = document.createElement('p')
    // Between backticks stands code.
    for (const [i, part] of doc.split('`').entries())
      comment.append(i % 2 === 0 ? part : codeElement(part))
    place.append(comment)
  }
  return place
}

function codeElement(text: string): HTMLElement {
  const code = document.createElement('code')
  code.textContent = text
  return code
}
