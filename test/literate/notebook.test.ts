// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CellOutput,
  differences,
  type Notebook,
  notebookText,
  parsePage,
  toNotebook,
} from '../../src/literate/index.ts'

const source = (page: string) => page.replaceAll('|', '\n')

/** The notebook of a page in one line ("|" ends a line) whose cells gave `outputs`, in order. */
function notebook(text: string, ...outputs: CellOutput[][]): Notebook {
  const page = parsePage(source(text))
  const cells = page.cells.map(({ code, volatile }, index) => ({
    code,
    volatile,
    outputs: outputs[index] ?? [],
  }))
  return toNotebook(page, { page: 'hooks/demo page', cells })
}

/** A notebook in one line: M(text) and C3(code) with the count, and the outputs as [type ...]. */
const brief = (book: Notebook) =>
  book.cells
    .map((cell) => {
      const text = cell.source.join('').replaceAll('\n', '|')
      if (cell.cell_type === 'markdown') return `M(${text})`
      const tags = cell.metadata.tags ? `{${cell.metadata.tags}}` : ''
      return `C${cell.execution_count}${tags}(${text})${cell.outputs.map((o) => `[${o.output_type}]`).join('')}`
    })
    .join(' ')

const text = (plain: string): CellOutput => ({ type: 'stream', name: 'stdout', text: plain })

describe('toNotebook', () => {
  it.each([
    ['', ''],
    ['|| a|b||', 'M( a|b)'],
    ['a||```ts live|x|```||b|```ts live|y|```|', 'M(a) C1(x) M(b) C2(y)'],
    ['```ts live|x|```|  ||```ts live|y|```|', 'C1(x) C2(y)'],
    ['```ts live volatile|x|```|', 'C1{volatile}(x)'],
    ['```ts live throws|x|```|', 'C1{raises-exception}(x)'],
    ['---|title: t|---||a|', 'M(a)'],
    [
      '[a](b.md) [c](../d/e.md#f "t") [g](https://h/i.md)',
      'M([a](b.ipynb) [c](../d/e.ipynb#f "t") [g](https://h/i.md))',
    ],
    ['`[a](b.md)`', 'M(`[a](b.md)`)'],
    ['[a](/b.md) [c](#d) [e](f.txt)', 'M([a](/b.md) [c](#d) [e](f.txt))'],
    ['[a][x]||[x]: b.md|', 'M([a][x]||[x]: b.ipynb)'],
  ])('%s gives %s', (page, cells) => expect(brief(notebook(page))).toBe(cells))

  const cell = '```ts live|x|```|'
  it.each<[string, CellOutput, unknown]>([
    ['a stream', text('a\nb'), { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] }],
    [
      'a display',
      { type: 'display', data: { 'text/plain': 'a', 'image/svg+xml': '<svg>\n</svg>\n' } },
      {
        output_type: 'display_data',
        metadata: {},
        data: { 'text/plain': ['a'], 'image/svg+xml': ['<svg>\n', '</svg>\n'] },
      },
    ],
    [
      'a result',
      { type: 'result', data: { 'text/plain': '' } },
      {
        output_type: 'execute_result',
        execution_count: 1,
        metadata: {},
        data: { 'text/plain': [] },
      },
    ],
    [
      'JSON',
      {
        type: 'result',
        data: { 'text/plain': 'x', 'application/json': 'a\nb', 'application/vnd.x+json': { a: 1 } },
      },
      {
        output_type: 'execute_result',
        execution_count: 1,
        metadata: {},
        data: {
          'text/plain': ['x'],
          'application/json': 'a\nb',
          'application/vnd.x+json': { a: 1 },
        },
      },
    ],
    [
      'an error',
      { type: 'error', ename: 'E', evalue: 'v', traceback: ['t', 'u'] },
      { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t', 'u'] },
    ],
  ])('stores %s', (_name, output, stored) => {
    const [first] = notebook(cell, [output]).cells
    expect(first?.cell_type === 'code' && first.outputs).toEqual([stored])
  })

  it('stores no output of a volatile cell', () =>
    expect(brief(notebook('```ts live volatile|x|```|', [text('now')]))).toBe('C1{volatile}(x)'))

  it('gives every cell an id of its own that nbformat allows', () => {
    const ids = notebook(`a|${cell}b|${cell}`).cells.map((c) => c.id)
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/)
  })

  it.each([
    [['y'], 'cell 1 is not'],
    [[], 'cell 1 is not'],
    [['x', 'y'], 'cell 2 is not'],
  ])('refuses a run of %j', (codes, message) => {
    const cells = codes.map((code) => ({ code, volatile: false, outputs: [] }))
    expect(() => toNotebook(parsePage(source(cell)), { page: 'p', cells })).toThrow(message)
  })

  it('loses neither prose nor code', () => {
    const words = fc
      .array(
        fc.constantFrom('word', '', '# head', '- item', '  more', 'caf\u00e9\u2028x', '\u001b'),
        { minLength: 1, maxLength: 5 },
      )
      .map((lines) => lines.join('\n').trim())
      .filter((s) => s !== '')
    fc.assert(
      fc.property(fc.array(fc.tuple(words, words), { maxLength: 5 }), (pairs) => {
        const page = parsePage(
          pairs.map(([prose, code]) => `${prose}\n\n\`\`\`ts live\n${code}\n\`\`\`\n\n`).join(''),
        )
        const cells = page.cells.map(({ code, volatile }) => ({ code, volatile, outputs: [] }))
        const stored: Notebook = JSON.parse(notebookText(toNotebook(page, { page: 'p', cells })))
        expect(stored.cells.map((c) => c.source.join(''))).toEqual(pairs.flat())
      }),
    )
  })
})

describe('notebookText', () => {
  it('is what Jupyter writes: sorted keys, indent 1, a line end at the end', () => {
    const lines = notebookText(notebook('a|```ts live|x|```|', [text('b\n')])).split('\n')
    expect(lines.slice(0, 9)).toEqual([
      '{',
      ' "cells": [',
      '  {',
      '   "cell_type": "markdown",',
      '   "id": "hooks-demo-page-1",',
      '   "metadata": {},',
      '   "source": [',
      '    "a"',
      '   ]',
    ])
    expect(lines.slice(-4)).toEqual([' "nbformat": 4,', ' "nbformat_minor": 5', '}', ''])
  })
})

describe('differences', () => {
  const book = notebook('a|```ts live|x|y|```|b|', [text('1\n2\n')])
  const stored = notebookText(book)
  it.each<[string, string, string[]]>([
    ['nothing', stored, []],
    [
      'the code',
      stored.replace('"y"', '"z"'),
      ['cell 1, source: line 2\n  - page:     y\n  + notebook: z'],
    ],
    [
      'an output',
      stored.replace('"2\\n"', '"3\\n"'),
      ['cell 1, outputs: line 7\n  - page:        "2\\n"\n  + notebook:    "3\\n"'],
    ],
    [
      'a longer output',
      stored.replace('"2\\n"', '"2\\n", "3\\n"'),
      ['cell 1, outputs: line 7\n  - page:        "2\\n"\n  + notebook:    "2\\n",'],
    ],
    [
      'the prose',
      stored.replace('"b"', '"c"'),
      ['the prose after cell 1, source: line 1\n  - page:     b\n  + notebook: c'],
    ],
    [
      'a missing cell',
      notebookText(notebook('a|')),
      ['cell 1 is missing', 'the prose after cell 1 is missing'],
    ],
    [
      'a new cell',
      notebookText(notebook('a|```ts live|x|y|```|b|```ts live|z|```|', [text('1\n2\n')])),
      ['1 more cell than the page has'],
    ],
    [
      'the layout of the file',
      JSON.stringify(book),
      ['the same cells, but other metadata or layout of the file'],
    ],
    ['no JSON', stored.slice(0, 40), [expect.stringContaining('no JSON: ')]],
    ['no notebook', '[]', ['no notebook: it has no list "cells"']],
    [
      'a damaged cell',
      stored.replace(/\{\n {3}"cell_type": "markdown"[^}]*\}[^}]*\}/, 'null'),
      ['the prose after cell 0: the notebook has something else in its place'],
    ],
  ])('sees %s', (_what, actual, found) => expect(differences(book, actual)).toEqual(found))
})
