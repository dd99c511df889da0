// SPDX-License-Identifier: GPL-2.0-only
import createParser, { type Token } from 'markdown-it'

/**
 * A docs page: prose and live cells in reading order. The parts' lines together are the file below its front matter.
 */
export interface Page {
  readonly parts: readonly (Prose | LiveCell)[]
  /** The live cells alone; the page calls the first one cell 1. */
  readonly cells: readonly LiveCell[]
}

/** Markdown between two live cells, byte for byte. */
export interface Prose {
  readonly kind: 'prose'
  readonly text: string
  /** The line of the file on which it begins, from 1. */
  readonly line: number
}

/** A fence whose info string is `ts live`: a program that shares its scope with the page's other cells. */
export interface LiveCell {
  readonly kind: 'cell'
  /** Without the line end before the closing fence. */
  readonly code: string
  /** Its output depends on the machine: run, but neither stored nor compared. */
  readonly volatile: boolean
  /** It is meant to end in an error. */
  readonly throws: boolean
  /** The line of the file on which the code begins, from 1. */
  readonly line: number
}

/** A page breaks a rule: the message begins with the line and says what to write instead. */
export class PageError extends Error {
  override name = 'PageError'
  /** From 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.line = line
  }
}

const languages = ['ts', 'typescript']
const cellWords = ['live', 'volatile', 'throws']

/** Reads a page's Markdown. Throws {@link PageError} for a fence that is unclosed, nested or has an unknown word. */
export function parsePage(markdown: string): Page {
  const lines = markdown.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []
  const first = frontMatterEnd(lines)
  const parts: (Prose | LiveCell)[] = []
  const addProse = (from: number, to: number) => {
    if (from < to)
      parts.push({ kind: 'prose', text: lines.slice(from, to).join(''), line: from + 1 })
  }
  let next = first
  for (const token of fences(lines.slice(first).join(''))) {
    const [from, to] = token.map.map((line) => line + first) as [number, number]
    requireClosed(token, lines, from, to)
    const words = cellWordsOf(token.info, from + 1)
    if (!words) continue
    addProse(next, from)
    parts.push(liveCell(token, words, from + 1))
    next = to
  }
  addProse(next, lines.length)
  return { parts, cells: parts.filter((part) => part.kind === 'cell') }
}

/** The index of the first line below the front matter; 0 without one. */
function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---')
  if (end < 0) throw new PageError(1, 'the front matter is not closed: end it with a line ---')
  return end + 1
}

type Fence = Token & { readonly map: [number, number] }

function fences(text: string): Fence[] {
  const tokens = createParser('commonmark').parse(text, {})
  return tokens.filter((token): token is Fence => token.type === 'fence' && token.map !== null)
}

/** Markdown lets the end of the file close a fence; a page that relies on it has lost a line. */
function requireClosed(token: Token, lines: readonly string[], from: number, to: number): void {
  const last = lines[to - 1]?.trim() ?? ''
  const closes = [...last].every((c) => c === token.markup[0]) && last.length >= token.markup.length
  // In a list or a quotation the last line carries the container's marks too.
  const closed = token.level > 0 ? last.endsWith(token.markup) : closes
  if (to - from < 2 || !closed)
    throw new PageError(from + 1, `the fence is not closed: end it with a line ${token.markup}`)
}

/** The words of a live fence after its language; undefined for any other fence. */
function cellWordsOf(info: string, line: number): readonly string[] | undefined {
  const [language = '', ...words] = info.trim().split(/\s+/)
  if (!words.some((word) => cellWords.includes(word))) return undefined
  const rule = `a cell's fence is "ts live", then volatile or throws where they apply`
  if (!languages.includes(language))
    throw new PageError(
      line,
      `"${info}": a cell cannot be ${language || 'without language'}; ${rule}`,
    )
  for (const [index, word] of words.entries()) {
    if (!cellWords.includes(word))
      throw new PageError(line, `"${info}": unknown word "${word}"; ${rule}`)
    if (words.indexOf(word) < index)
      throw new PageError(line, `"${info}": "${word}" twice; ${rule}`)
  }
  if (!words.includes('live')) throw new PageError(line, `"${info}": "live" is missing; ${rule}`)
  return words
}

function liveCell(token: Token, words: readonly string[], line: number): LiveCell {
  if (token.level > 0)
    throw new PageError(line, 'a cell stands by itself: move it out of the list or quotation')
  const code = token.content.replace(/\n$/, '')
  if (code.trim() === '') throw new PageError(line, 'an empty cell: write a program or delete it')
  return {
    kind: 'cell',
    code,
    volatile: words.includes('volatile'),
    throws: words.includes('throws'),
    line: line + 1,
  }
}
