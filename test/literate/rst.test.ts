// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { type ExecutedPage, parsePage, toRst } from '../../src/literate/index.ts'

const pages = new Set(['mmap', 'compat'])
const rst = (markdown: string, outputs: ExecutedPage['cells'][number]['outputs'] = []) =>
  toRst(
    parsePage(markdown),
    { page: 'p', cells: [{ code: '', volatile: false, outputs }] },
    { pages, fragment: true },
  ).trimEnd()

const long = 'word '.repeat(20).trim()

it.each([
  // Markdown | reStructuredText
  ['# A title', '=======\nA title\n======='],
  ['## A section', 'A section\n========='],
  ['### A subsection', 'A subsection\n------------'],
  ['one `two three` four', 'one ``two three`` four'],
  ['`desc`s and x`desc`', '``desc``\\ s and x\\ ``desc``'],
  ['**bold**, *slanted*', '**bold**, *slanted*'],
  ['**a `literal` within**', '**a literal within**'],
  ['a \\*star, a | bar, a name_', 'a \\*star, a \\| bar, a name\\_'],
  ['a_name stays', 'a_name stays'],
  ['[the hook](mmap.md)', ':doc:`the hook <mmap>`'],
  ['[`mmap`](mmap.md#errors)', ':doc:`mmap <mmap>`'],
  ['[elsewhere](../other.md)', 'elsewhere'],
  ['[a page](https://example.org/)', '`a page <https://example.org/>`_'],
  [long, `${'word '.repeat(16).trim()}\n${'word '.repeat(4).trim()}`],
  [`* ${long}`, `* ${'word '.repeat(15).trim()}\n  ${'word '.repeat(5).trim()}`],
  ['* a\n* b', '* a\n* b'],
  ['1. a\n2. b', '1. a\n2. b'],
  ['```c\nint x;\n```', '.. code-block:: C\n\n    int x;'],
  [
    '| a | `b` |\n|---|---|\n| 1 |  |',
    '.. list-table::\n   :header-rows: 1\n\n   * - a\n     - ``b``\n   * - 1\n     -',
  ],
  ['---\n\nrule', '---\n\nrule'],
])('%s', (markdown, expected) => {
  // A rule on the first line would be front matter.
  expect(rst(`x\n\n${markdown}`)).toBe(`x\n\n${expected}`)
})

it('a cell, then what it gave', () => {
  const outputs = [
    { type: 'stream', name: 'stdout', text: 'told\n' } as const,
    { type: 'result', data: { 'text/plain': '1' } } as const,
  ]
  expect(rst('```ts live\nf()\n```', outputs)).toBe(
    '.. code-block:: typescript\n\n    f()\n\n.. code-block:: none\n\n    told\n    1',
  )
})

it('folds a long line of an output, not of code', () => {
  const text = `${'x'.repeat(70)} yyyy zzzz`
  const told = rst(`\`\`\`ts live\n${text}\n\`\`\``, [{ type: 'stream', name: 'stdout', text }])
  expect(told).toContain(`    ${text}\n`)
  expect(told).toContain(`none\n\n    ${'x'.repeat(70)} yyyy\n        zzzz`)
})

it('a file begins with its licence', () => {
  const whole = toRst(parsePage('# T'), { page: 'p', cells: [] }, { pages })
  expect(whole).toBe('.. SPDX-License-Identifier: GPL-2.0-only\n\n=\nT\n=\n')
})

it.each([['![a](b.png)'], ['<b>raw</b>'], ['> quoted']])('%s has no form', (markdown) => {
  expect(() => rst(markdown)).toThrow(/has no form/)
})
