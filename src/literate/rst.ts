// SPDX-License-Identifier: GPL-2.0-only
// A page as reStructuredText, in the form of the kernel's Documentation/: 80 columns, `.. code-block:: C`.

import createParser, { type Token } from 'markdown-it'
import type { ExecutedPage } from './output.ts'
import type { Page } from './page.ts'

/** What a page is made into besides its own text. */
export interface RstOptions {
  /** The pages that lie beside it, by file name without ending: links to these become `:doc:`. */
  readonly pages: ReadonlySet<string>
  /** The head of the file is left out: for an entry of a longer file. */
  readonly fragment?: boolean
}

const COLUMNS = 80
/** Stands for a space inside a literal or a link, where no line may break. */
const HARD = '\u0001'

/**
 * The page in reStructuredText. Cells become code blocks, each followed by what it gave as text. Throws an Error for
 * Markdown that it cannot express: an image, raw HTML, a list within a table.
 */
export function toRst(page: Page, executed: ExecutedPage, options: RstOptions): string {
  const head = options.fragment ? [] : ['.. SPDX-License-Identifier: GPL-2.0-only']
  let next = 0
  const blocks = page.parts.flatMap((part) => {
    if (part.kind === 'prose') return new Writer(options).blocks(part.text)
    const outputs = executed.cells[next++]?.outputs ?? []
    const shown = outputs.map((output) =>
      output.type === 'stream'
        ? output.text
        : output.type === 'error'
          ? `${output.evalue}\n`
          : `${output.data['text/plain']}\n`,
    )
    const text = shown.join('').trim()
    return [
      codeBlock('typescript', part.code),
      ...(text === '' ? [] : [codeBlock('none', folded(text))]),
    ]
  })
  return `${[...head, ...blocks].join('\n\n')}\n`
}

function codeBlock(language: string, code: string): string {
  return `.. code-block:: ${language}\n\n${indent(code.trimEnd(), 4)}`
}

/** What a cell gave, with long lines broken at spaces: what follows is indented. */
function folded(text: string): string {
  const room = COLUMNS - 4
  const fold = (line: string, lead: string): string => {
    if (lead.length + line.length <= room) return lead + line
    const at = line.lastIndexOf(' ', room - lead.length)
    if (at <= 0 || line.slice(0, at).trim() === '') return lead + line
    return `${lead}${line.slice(0, at).trimEnd()}\n${fold(line.slice(at + 1), '    ')}`
  }
  return text.replace(/^.+$/gm, (line) => fold(line, ''))
}

function indent(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by))
}

/** Breaks text at spaces; the first line has `first` columns less, the others `rest`. */
function wrap(text: string, first: number, rest = first): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const room = COLUMNS - (lines.length === 0 ? first : rest)
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((one, index) => (index === 0 ? one : ' '.repeat(rest) + one)).join('\n')
}

const LANGUAGES: Readonly<Record<string, string>> = { c: 'C', ts: 'typescript', sh: 'sh' }

/** Walks markdown-it's tokens, which come in the order of the text. */
class Writer {
  private readonly options: RstOptions
  private tokens: Token[] = []
  private at = 0

  constructor(options: RstOptions) {
    this.options = options
  }

  blocks(markdown: string): string[] {
    this.tokens = createParser('commonmark').enable('table').parse(markdown, {})
    this.at = 0
    return this.until('')
  }

  /** The blocks up to the token that closes them. */
  private until(closing: string, indented = 0): string[] {
    const blocks: string[] = []
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at] as Token
      if (token.type === closing) return blocks
      blocks.push(this.block(token, indented))
    }
    return blocks
  }

  private block(token: Token, indented: number): string {
    switch (token.type) {
      case 'heading_open': {
        const text = this.inline(this.enter('heading_close')).replaceAll(HARD, ' ')
        if (token.tag === 'h1')
          return `${'='.repeat(text.length)}\n${text}\n${'='.repeat(text.length)}`
        return `${text}\n${(token.tag === 'h2' ? '=' : '-').repeat(text.length)}`
      }
      case 'paragraph_open':
        return wrap(this.inline(this.enter('paragraph_close')), indented).replaceAll(HARD, ' ')
      case 'bullet_list_open':
        return this.list('bullet_list_close', () => '*', indented)
      case 'ordered_list_open':
        return this.list('ordered_list_close', (n) => `${n}.`, indented)
      case 'fence':
        return indent(
          codeBlock(LANGUAGES[token.info] ?? 'none', token.content),
          indented,
        ).trimStart()
      case 'table_open':
        return this.table()
      case 'hr':
        // porting.rst parts its entries by three hyphens, which is no transition of reStructuredText.
        return this.options.fragment ? '---' : '----'
      default:
        throw new Error(`${token.type}: reStructuredText has no form for it; write it another way`)
    }
  }

  /** The inline token of the block that begins here; stands at its end afterwards. */
  private enter(closing: string): Token {
    const inline = this.tokens[this.at + 1] as Token
    while (this.tokens[this.at]?.type !== closing) this.at++
    return inline
  }

  private list(closing: string, mark: (n: number) => string, indented: number): string {
    const items: string[] = []
    for (this.at++; this.tokens[this.at]?.type !== closing; this.at++) {
      this.at++
      const lead = `${mark(items.length + 1)} `
      const inner = this.until('list_item_close', indented + lead.length)
      const margin = ' '.repeat(indented + lead.length)
      items.push(lead + inner.join(`\n\n${margin}`))
    }
    return items.join(`\n${' '.repeat(indented)}`)
  }

  private table(): string {
    const rows: string[][] = []
    for (; this.tokens[this.at]?.type !== 'table_close'; this.at++) {
      const { type } = this.tokens[this.at] as Token
      if (type === 'tr_open') rows.push([])
      if (type === 'th_open' || type === 'td_open') {
        const text = this.inline(this.tokens[this.at + 1] as Token)
        rows.at(-1)?.push(wrap(text, 7).replaceAll(HARD, ' '))
      }
    }
    const lines = rows.map((row) =>
      row.map((cell, index) => `   ${index === 0 ? '*' : ' '} - ${cell}`.trimEnd()).join('\n'),
    )
    return `.. list-table::\n   :header-rows: 1\n\n${lines.join('\n')}`
  }

  private inline(token: Token): string {
    let text = ''
    let marks = ''
    const children = token.children ?? []
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as Token
      if (child.type === 'text') text = joined(text, escaped(child.content), false)
      else if (child.type === 'softbreak' || child.type === 'hardbreak') text += ' '
      else if (child.type === 'code_inline' && marks === '')
        text = joined(text, `\`\`${child.content}\`\``.replaceAll(' ', HARD), true)
      // Markup cannot be nested: within bold text a literal is as bold as the rest.
      else if (child.type === 'code_inline') text += escaped(child.content)
      else if (child.type === 'strong_open') text += marks = '**'
      else if (child.type === 'em_open') text += marks = '*'
      else if (child.type === 'strong_close' || child.type === 'em_close') {
        text += marks
        marks = ''
      } else if (child.type === 'link_open') {
        const end = children.findIndex((one, index) => index > i && one.type === 'link_close')
        const label = children
          .slice(i + 1, end)
          .map((one) => one.content)
          .join('')
        const link = this.link(String(child.attrGet('href')), label)
        text = marks === '' ? joined(text, link, true) : text + escaped(label)
        i = end
      } else
        throw new Error(`${child.type}: reStructuredText has no form for it; write it another way`)
    }
    return text
  }

  private link(href: string, label: string): string {
    if (/^https?:/.test(href)) return `\`${label} <${href}>\`_`.replaceAll(' ', HARD)
    const page = /^(?:\.\/)?([\w-]+)\.md(?:#.*)?$/.exec(href)?.[1]
    // A page that is not beside this one, or this page itself: the kernel's documentation does not have it.
    if (!page || !this.options.pages.has(page)) return escaped(label)
    return `:doc:\`${label.replaceAll('`', '')} <${page}>\``.replaceAll(' ', HARD)
  }
}

/** Markup ends only before a space or punctuation: an escaped space, which is not shown, stands in for one. */
function joined(before: string, after: string, markup: boolean): string {
  const ends = /(?:``|[^\\]`_?)$/.test(before)
  if (ends && /^[^\s'")\]}>\-/\\:.,;!?]/.test(after)) return `${before}\\ ${after}`
  if (markup && before !== '' && /[^\s'"([{<\-/:*]$/.test(before)) return `${before}\\ ${after}`
  return before + after
}

function escaped(text: string): string {
  return text.replace(/[\\*`|]/g, '\\$&').replace(/_(?![A-Za-z0-9_])/g, '\\_')
}
