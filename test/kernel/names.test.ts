// SPDX-License-Identifier: GPL-2.0-only
// The names that cells share.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readyKernel } from './client.ts'

let kernel: Awaited<ReturnType<typeof readyKernel>>
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel.close())

it.each([
  // name | cells | what the last one gives
  ['an assignment below', ['let n = 1', 'n++; n += 1', 'n'], '3'],
  ['a closure sees an assignment below', ['let n = 1; const f = () => n', 'n = 4', 'f()'], '4'],
  ['and a closure its own', ['let n = 1; const g = () => { n++ }', 'n = 10; g(); n'], '11'],
  ['a cell sees an assignment by a closure', ['let n = 1; function h() { n = 9 }', 'h(); n'], '9'],
  [
    'from a pattern',
    ['let [p, { q }] = [1, { q: 2 }]; const sum = () => p + q', 'q = 5; sum()'],
    '6',
  ],
  [
    'declared again',
    ['let r = 1; const old = () => r', 'let r = 2', 'r = 3; [r, old()]'],
    '[ 3, 1 ]',
  ],
  ['declared again as another type', ['let s = 1', 'let s = "a"', 's = "b"; s'], "'b'"],
  ['two underscores', ['let __a = 1; const ___b = 2', '__a = 3', '[__a, ___b]'], '[ 3, 2 ]'],
  ['a shorthand property', ['const w = 1; let x = 2', 'x = 3', '({ w, x })'], '{ w: 1, x: 3 }'],
  ['one of an inner name', ['const y = 1', '((y: number) => ({ y }))(2)'], '{ y: 2 }'],
  ['assigned by a pattern', ['let z = 1', '({ z } = { z: 4 }); z'], '4'],
  ['after an await', ['let t = await Promise.resolve(1); const u = () => t', 't = 7; u()'], '7'],
  [
    'by a loop that awaits',
    [
      'const seen: number[] = []; for await (const n of [1, Promise.resolve(2)]) seen.push(n)',
      'seen',
    ],
    '[ 1, 2 ]',
  ],
  ['to null', ['let v: number | null = 1', 'v = null', 'String(v)'], "'null'"],
  ...[
    'close',
    'event',
    'history',
    'length',
    'location',
    'name',
    'open',
    'origin',
    'parent',
    'print',
  ]
    .concat([
      'process',
      'screen',
      'self',
      'status',
      'stop',
      'top',
      'fetch',
      'performance',
      'global',
      'URL',
    ])
    .flatMap((name): [string, string[], string][] => [
      [`{ ${name} } of a const`, [`const ${name} = 1`, `({ ${name} })`], `{ ${name}: 1 }`],
      [
        `{ ${name} } of a let`,
        [`let ${name} = 1`, `${name} = 2`, `({ ${name} })`],
        `{ ${name}: 2 }`,
      ],
      [
        `{ ${name} } of a function`,
        [`function ${name}() { return 3 }`, `[{ ${name} }][0].${name}()`],
        '3',
      ],
    ]),
  ['of the prelude', ['const before = mm; mm = new Mm(linux("6.12")); mm === before'], 'false'],
])('%s', async (_name, cells, expected) => {
  const last = (await Promise.all(cells.map((code) => kernel.execute(code)))).at(-1)
  const result = last?.published.find(({ type }) => type === 'execute_result')
  expect(result?.content.data['text/plain'], JSON.stringify(last?.published)).toBe(expected)
})
