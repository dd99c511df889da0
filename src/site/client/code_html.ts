// SPDX-License-Identifier: GPL-2.0-only
import { normalizeTokens, Prism } from 'prism-react-renderer'

/** Code as HTML: a span for each line, with classes of its own, and in it one for each word that the style colours. */
export function codeHtml(
  code: string,
  language: string,
  lineClasses: Readonly<Record<number, readonly string[]>>,
): string {
  const grammar = Prism.languages[language]
  const lines = normalizeTokens(grammar ? Prism.tokenize(code, grammar) : [code])
  return lines
    .map((tokens, i) => {
      const words = tokens.map(({ types, content }) =>
        types.includes('plain') || content.trim() === ''
          ? escaped(content)
          : `<span class="token ${types.join(' ')}">${escaped(content)}</span>`,
      )
      const classes = ['token-line', ...(lineClasses[i] ?? [])].join(' ')
      return `<span class="${classes}">${words.join('').replace(/\n$/, '')}<br></span>`
    })
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
