// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PageError, parsePage } from '../../src/literate/index.ts'

// A page in one line: "|" ends a line. Parsed back as P(text) and C(code) with letters for the words: Cv, Ct, Cvt.
const source = (page: string) => page.replaceAll('|', '\n')
const parsed = (page: string) =>
  parsePage(source(page))
    .parts.map((part) => {
      if (part.kind === 'prose') return `P${part.line}(${part.text})`
      return `C${part.volatile ? 'v' : ''}${part.throws ? 't' : ''}${part.line}(${part.code})`
    })
    .join(' ')
    .replaceAll('\n', '|')

describe('parsePage', () => {
  it.each([
    ['', ''],
    ['text', 'P1(text)'],
    ['text||', 'P1(text||)'],
    ['```ts live|mm|```', 'C2(mm)'],
    ['```ts live|mm|```|', 'C2(mm)'],
    ['a||```ts live|x|y|```||b|', 'P1(a||) C4(x|y) P7(|b|)'],
    ['```ts live|x||```|', 'C2(x|)'],
    ['```ts live volatile|x|```|', 'Cv2(x)'],
    ['```ts live throws|x|```|', 'Ct2(x)'],
    ['```typescript live throws volatile|x|```|', 'Cvt2(x)'],
    ['~~~~ ts   live|```|~~~|~~~~|', 'C2(```|~~~)'],
    ['```ts live|a|```|```ts live|b|```|', 'C2(a) C5(b)'],
    ['```ts|mm|```|', 'P1(```ts|mm|```|)'],
    ['```ts title="a b"|mm|```|', 'P1(```ts title="a b"|mm|```|)'],
    ['```c|live|```|', 'P1(```c|live|```|)'],
    ['- a|  ```c|  x|  ```|', 'P1(- a|  ```c|  x|  ```|)'],
    ['<!--|```ts live|x|```|-->|', 'P1(<!--|```ts live|x|```|-->|)'],
    ['    ```ts live|', 'P1(    ```ts live|)'],
    ['---|title: x|---|text|', 'P4(text|)'],
    ['---|title: x|---|```ts live|x|```|', 'C5(x)'],
    ['a|---|b|', 'P1(a|---|b|)'],
  ])('%s is %s', (page, parts) => expect(parsed(page)).toBe(parts))

  it.each([
    ['a|```ts live fast|x|```|', 'line 2: "ts live fast": unknown word "fast"'],
    ['```ts volatile|x|```|', 'line 1: "ts volatile": "live" is missing'],
    ['```ts live live|x|```|', 'line 1: "ts live live": "live" twice'],
    ['```js live|x|```|', 'line 1: "js live": a cell cannot be js'],
    ['```ts live|x|', 'line 1: the fence is not closed: end it with a line ```'],
    ['a||````ts live|x|```|', 'line 3: the fence is not closed: end it with a line ````'],
    ['```c|```ts live|x|', 'line 1: the fence is not closed'],
    ['```ts live', 'line 1: the fence is not closed'],
    ['- a||  ```ts live|  x|  ```|', 'line 3: a cell stands by itself'],
    ['> ```ts live|> x|> ```|', 'line 1: a cell stands by itself'],
    ['> ```ts live|> x|', 'line 1: the fence is not closed'],
    ['```ts live||```|', 'line 1: an empty cell'],
    ['---|title: x|```ts live|', 'line 1: the front matter is not closed'],
    ['---|title: x|---||```ts liv live|x|```|', 'line 5: "ts liv live": unknown word "liv"'],
  ])('%s: %s', (page, message) => {
    expect(() => parsed(page)).toThrow(PageError)
    expect(() => parsed(page)).toThrow(message)
  })

  it('counts the cells apart from the prose', () => {
    expect(
      parsePage(source('a|```ts live|x|```|b|```ts live|y|```|')).cells.map((c) => c.code),
    ).toEqual(['x', 'y'])
  })

  it('reads a page with CRLF', () => {
    const page = parsePage('a\r\n\r\n```ts live\r\nx\r\ny\r\n```\r\nb\r\n')
    expect(page.parts.map((part) => (part.kind === 'cell' ? part.code : part.text))).toEqual([
      'a\r\n\r\n',
      'x\ny',
      'b\r\n',
    ])
  })

  it('keeps every byte of the prose, whatever it is', () => {
    const line = fc.constantFrom(
      '',
      'word',
      '# head',
      '- item',
      '  more',
      '> quoted',
      '| a | b |',
      '    code',
      '[a](b.md)',
      '\t',
      '***',
      '<b>x</b>',
      'caf\u00e9',
    )
    const code = fc
      .array(fc.constantFrom('mm', '', '  x()', '// ~~', '`t`', '- 1'), {
        minLength: 1,
        maxLength: 4,
      })
      .filter((lines) => lines.some((l) => l.trim() !== ''))
    // A cell after a blank line and at the margin stands by itself, whatever is above it.
    const part = fc.oneof(
      fc.array(line, { maxLength: 4 }).map((lines) => ({ prose: ['', ...lines, ''] })),
      code.map((lines) => ({ code: lines })),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const text = parts
          .map((p) =>
            'prose' in p
              ? `${p.prose.join('\n')}\n`
              : `\`\`\`ts live\n${p.code.join('\n')}\n\`\`\`\n`,
          )
          .join('')
        const page = parsePage(text)
        const again = page.parts
          .map((p) => (p.kind === 'prose' ? p.text : `\`\`\`ts live\n${p.code}\n\`\`\`\n`))
          .join('')
        expect(again).toBe(text)
        expect(page.cells.map((c) => c.code)).toEqual(
          parts.flatMap((p) => ('code' in p ? [p.code.join('\n')] : [])),
        )
        for (const cell of page.cells)
          expect(
            text
              .split('\n')
              .slice(cell.line - 1)
              .join('\n')
              .startsWith(`${cell.code}\n`),
          ).toBe(true)
      }),
    )
  })
})
