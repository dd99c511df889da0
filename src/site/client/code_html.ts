// SPDX-License-Identifier: GPL-2.0-only
import prismIncludeLanguages from '@theme/prism-include-languages'
import { normalizeTokens, Prism } from 'prism-react-renderer'
import { plainHtml } from './plain_html.ts'

/** Code as HTML: a span for each line, with classes of its own, and in it one for each word that the style colours. */
export function codeHtml(
  code: string,
  language: string,
  lineClasses: Readonly<Record<number, readonly string[]>>,
): string {
  const grammar = grammarOf(language)
  const lines = normalizeTokens(grammar ? Prism.tokenize(code, grammar) : [code])
  return lines
    .map((tokens, i) => {
      const words = tokens.map(({ types, content }) =>
        types.includes('plain') || content.trim() === ''
          ? plainHtml(content)
          : `<span class="token ${types.join(' ')}">${plainHtml(content)}</span>`,
      )
      const classes = ['token-line', ...(lineClasses[i] ?? [])].join(' ')
      return `<span class="${classes}">${words.join('').replace(/\n$/, '')}<br></span>`
    })
    .join('')
}

/** The theme would add the site's own languages as soon as any page is loaded: see the plugin. */
function grammarOf(language: string): Parameters<typeof Prism.tokenize>[1] | undefined {
  if (!Prism.languages.diff) prismIncludeLanguages(Prism)
  return Prism.languages[language]
}
