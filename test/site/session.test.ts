// SPDX-License-Identifier: GPL-2.0-only
import { inspect } from 'node-inspect-extracted'
import { expect, test } from 'vitest'
import { type CellOutput, FIGURE_MIME } from '../../src/literate/index.ts'
import { defaultLimits } from '../../src/site/live/capture.ts'
import { openSession, type SessionOptions } from '../../src/site/live/session.ts'

// The mini-language: a list of cells and what the last one gives, one word per output:
// a value as its text, a print as `out:text` or `err:text`, an error as `Name: message @ where / where`.

const options: SessionOptions = {
  front: { seven: 7, Box: class Box {} },
  prelude: { mm: { name: 'mm' } },
  display: (value) => ({ 'text/plain': inspect(value) }),
  displayError: (error) =>
    error instanceof Error
      ? { ename: error.name, evalue: error.message, traceback: [] }
      : { ename: typeof error, evalue: inspect(error), traceback: [] },
}

function word(output: CellOutput): string {
  if (output.type === 'stream') return `${output.name.slice(3)}:${output.text}`
  if (output.type === 'error')
    return `${output.ename}: ${output.evalue} @ ${places(output.traceback)}`
  return output.data['text/plain']
}

/** The frames of a traceback without the lines of code below them. */
function places(traceback: readonly string[]): string {
  return traceback.flatMap((line) => /^ {4}at (.*)/.exec(line)?.[1] ?? []).join(' / ')
}

async function last(cells: readonly string[], more: Partial<SessionOptions> = {}) {
  const session = openSession({ ...options, ...more })
  let outputs: readonly CellOutput[] = []
  for (const cell of cells) outputs = await session.run(cell)
  return outputs.map(word)
}

const cases: readonly [name: string, cells: readonly string[], ...outputs: string[]][] = [
  // Values
  ['last expression', ['1\n2'], '2'],
  ['last expression with a semicolon', ['6 * 7;'], '42'],
  ['last expression over lines and comments', ['[1,\n 2] // two\n// end'], '[ 1, 2 ]'],
  ['a comma expression', ['(1, 2)'], '2'],
  ['an object in parentheses', ['({ a: 1 })'], '{ a: 1 }'],
  ['a declaration is no value', ['let a = 1']],
  ['undefined is no value', ['undefined']],
  ['null is a value', ['null'], 'null'],
  ['an assignment is a value', ['let a = 1', 'a = 5'], '5'],
  ['a string', ['"a\\nb"'], "'a\\nb'"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the cell's own template
  ['a template with a type inside', ['`${1 as number}`'], "'1'"],
  ['a promise is not awaited', ['Promise.resolve(1)'], 'Promise { <pending> }'],
  ['a cyclic value', ['const a: any = {}; a.a = a; a'], '<ref *1> { a: [Circular *1] }'],
  ['an empty cell', ['']],
  ['comments alone', ['// nothing\n/* here */']],
  ['a getter that throws', ['({ get a() { throw 1 } })'], '{ a: [Getter] }'],
  // Scope
  ['the front door', ['seven'], '7'],
  ['the prelude', ['mm.name'], "'mm'"],
  ['a redeclared const', ['const a = 1', 'const a = 2', 'a'], '2'],
  ['a const over a name of the front door', ['const seven = 8', 'seven'], '8'],
  ['let, then assigned below', ['let n = 1', 'n++; n += 1', 'n'], '3'],
  ['a closure sees an assignment below', ['let n = 1; const f = () => n', 'n = 4', 'f()'], '4'],
  ['a cell sees an assignment by a closure', ['let n = 1; function f() { n = 9 }', 'f()\nn'], '9'],
  [
    'object destructuring',
    ['const { a, b: { c = 3 }, ...d } = { a: 1, b: {}, e: 5 }', '[a, c, d]'],
    '[ 1, 3, { e: 5 } ]',
  ],
  [
    'array destructuring',
    ['let [a, , b = 2, ...c] = [1, 0, undefined, 4]', '[a, b, c]'],
    '[ 1, 2, [ 4 ] ]',
  ],
  ['a function is hoisted in its cell', ['const a = f()\nfunction f() { return 3 }', 'a'], '3'],
  [
    'a function calls one of a later cell',
    ['function f(): number { return g() }', 'const g = () => 5', 'f()'],
    '5',
  ],
  [
    'a class extends one from above',
    ['class A { x = 1 }', 'class B extends A { y = 2 }', 'new B()'],
    'B { x: 1, y: 2 }',
  ],
  ['parameter properties', ['class A { constructor(readonly x: number) {} }', 'new A(4).x'], '4'],
  ['an enum', ['enum E { A, B = "b" }', '[E.A, E.B]'], "[ 0, 'b' ]"],
  ['an enum is no value', ['enum E { A }']],
  [
    'types leave no trace',
    ['interface A { a: number }\ntype B = A\nconst a: B = { a: 1 }', 'a!.a as number'],
    '1',
  ],
  ['var in a cell', ['var v = 1', 'var v = v === undefined ? 2 : 3; v'], '2'],
  ['names like $ and $$', ['const $ = 1', '$ + 1'], '2'],
  ['a block keeps its own names', ['const a = 1; { const a = 2 }', 'a'], '1'],
  ['strict mode', ['(function (this: unknown) { return this })()']],
  ['console is not lost to a const', ['const console = { log: 1 }', 'console.log(2)'], 'out:2\n'],
  // Modules
  [
    'import by name',
    ["import { seven as s, Box } from 'vmalab'", '[s, typeof Box]'],
    "[ 7, 'function' ]",
  ],
  ['import all', ["import * as v from 'vmalab'", 'v.seven'], '7'],
  ['import of a type', ["import type { X } from 'vmalab'\n3"], '3'],
  ['export is taken off', ['export const a = 2', 'a'], '2'],
  [
    'import of something else',
    ["1\nimport fs from 'node:fs'"],
    `Error: Cannot import "node:fs": on the page a cell can import 'vmalab' only, and its names are in scope without an import @ cell 1, line 2`,
  ],
  // Await
  ['top-level await', ['const a = await Promise.resolve(4)', 'a'], '4'],
  ['await in the value', ['await new Promise((done) => setTimeout(done, 1, 6))'], '6'],
  ['for await', ['let s = 0\nfor await (const n of [1, Promise.resolve(2)]) s += n', 's'], '3'],
  // Console
  [
    'prints in order',
    ['console.log("a", 1)\nconsole.error("b")\nconsole.log({ c: 1 })\n5'],
    'out:a 1\n',
    'err:b\n',
    'out:{ c: 1 }\n',
    '5',
  ],
  [
    'consecutive prints join',
    ['console.log(1); console.info(2); console.debug("%d%%", 3)'],
    'out:1\n2\n3%\n',
  ],
  [
    'groups indent',
    ['console.group("g"); console.log("a\\nb"); console.groupEnd(); console.log("c")'],
    'out:g\n  a\n  b\nc\n',
  ],
  [
    'counts',
    ['console.count(); console.count(); console.countReset(); console.count()'],
    'out:default: 1\ndefault: 2\ndefault: 1\n',
  ],
  ['assert', ['console.assert(true, "a"); console.assert(false, "b")'], 'err:Assertion failed b\n'],
  [
    'a table',
    ['console.table([{ a: 1 }, { a: 2, b: "x" }])'],
    "out:┌─────────┬───┬─────┐\n│ (index) │ a │ b   │\n├─────────┼───┼─────┤\n│ 0       │ 1 │     │\n│ 1       │ 2 │ 'x' │\n└─────────┴───┴─────┘\n",
  ],
  // Errors
  [
    'an error and its line',
    ['const a = 1\n\nthrow new TypeError("no")'],
    'TypeError: no @ cell 1, line 3',
  ],
  [
    'a line below stripped types',
    ['interface A {\n  a: number\n}\nnull!.x'],
    "TypeError: Cannot read properties of null (reading 'x') @ cell 1, line 4",
  ],
  [
    'a line below an import',
    ["import {\n  seven,\n} from 'vmalab'\nnope"],
    'ReferenceError: nope is not defined @ cell 1, line 4',
  ],
  [
    'through a function of another cell',
    ['function f() {\n  throw new Error("x")\n}', '\nf()'],
    'Error: x @ f (cell 1, line 2) / cell 2, line 2',
  ],
  ['after an await', ['await null\nthrow new Error("late")'], 'Error: late @ cell 1, line 2'],
  ['an unknown name', ['nope + 1'], 'ReferenceError: nope is not defined @ cell 1, line 1'],
  [
    'an assignment to an unknown name',
    ['nope = 1'],
    'ReferenceError: nope is not defined @ cell 1, line 1',
  ],
  [
    'an assignment to a const in its cell',
    ['const a = 1\na = 2'],
    'TypeError: Assignment to constant variable. @ cell 1, line 2',
  ],
  [
    'an assignment to a const from above',
    ['const a = 1', '\n\na = 2'],
    'TypeError: Assignment to constant variable. @ cell 2, line 3',
  ],
  [
    'a name used before its declaration',
    ['a\nconst a = 1'],
    "ReferenceError: Cannot access 'a' before initialization @ cell 1, line 1",
  ],
  [
    'prints before an error stay',
    ['console.log(1)\nthrow new Error("e")'],
    'out:1\n',
    'Error: e @ cell 1, line 2',
  ],
  ['the scope survives an error', ['let a = 1\nthrow 0', 'a'], '1'],
  ['a thrown string', ['throw "s"'], "string: 's' @ "],
  [
    'a value whose inspection throws',
    ['({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("i") } })'],
    'Error: i @ cell 1, line 1',
  ],
  [
    'broken syntax of JavaScript',
    ['1\nlet a = (1,'],
    'SyntaxError: Unexpected token @ cell 1, line 2',
  ],
  [
    'a name declared twice in a cell',
    ['const a = 1\nconst a = 2'],
    "SyntaxError: Identifier 'a' has already been declared @ cell 1, line 2",
  ],
  [
    'return outside of a function',
    ['\nreturn 1'],
    "SyntaxError: 'return' outside of function @ cell 1, line 2",
  ],
  [
    'a default export',
    ['1\nexport default 1'],
    'SyntaxError: A cell has nothing to export to: what it declares is in scope in the cells below @ cell 1, line 2',
  ],
]

for (const [name, cells, ...outputs] of cases)
  test(name, async () => expect(await last(cells)).toEqual(outputs))

test('a traceback shows the lines of code', async () => {
  const session = openSession(options)
  await session.run('function f() {\n  throw new Error("x")\n}')
  const [output] = await session.run('f()')
  expect(output).toMatchObject({
    traceback: [
      '    at f (cell 1, line 2)',
      '        throw new Error("x")',
      '    at cell 2, line 1',
      '        f()',
    ],
  })
})

test('an error that no cell caught is told like one that a cell threw', async () => {
  const session = openSession(options)
  await session.run('1')
  expect(session.tell(new RangeError('late'))).toMatchObject({ type: 'error', ename: 'RangeError' })
})

test('output is heard as it happens', async () => {
  const heard: string[] = []
  const code = 'console.log(1)\nawait null\nconsole.log(2)\n3'
  const outputs = await openSession(options).run(code, (output) => heard.push(word(output)))
  expect(heard).toEqual(['out:1\n', 'out:2\n', '3'])
  expect(outputs.map(word)).toEqual(['out:1\n2\n', '3'])
})

const limits = { text: 20, displays: 1, figure: 40 }
const figure = (value: unknown) => ({ 'text/plain': 'picture', [FIGURE_MIME]: value })

test('prints beyond the limit are cut and counted', async () => {
  const outputs = await last(['for (let i = 0; i < 9; i++) console.log("abcd")\n1'], { limits })
  expect(outputs).toEqual([
    'out:abcd\nabcd\nabcd\nabcd\n',
    '1',
    'err:[output stopped after 20 characters; 5 later prints cut]\n',
  ])
})

test('one long text is cut', async () => {
  const outputs = await last(['console.log("x".repeat(50))'], { limits })
  expect(outputs).toEqual([
    `out:${'x'.repeat(20)}`,
    'err:[output stopped after 20 characters; 1 later print cut]\n',
  ])
})

test('10 MB of prints end soon and whole up to the limit', async () => {
  const code = 'for (let i = 0; i < 1e5; i++) console.log("x".repeat(99))'
  const [text, note] = await last([code])
  expect(text?.length).toBe('out:'.length + defaultLimits.text)
  expect(note).toContain('98000 later prints cut')
})

test('a long value is cut', async () => {
  const display = () => ({ 'text/plain': 'y'.repeat(25) })
  expect(await last(['1'], { limits, display })).toEqual([
    `${'y'.repeat(20)}\n[cut: 5 characters more]`,
  ])
})

test('a figure arrives as plain JSON, and a text when it is too large', async () => {
  const run = async (value: unknown) =>
    (await openSession({ ...options, limits, display: () => figure(value) }).run('1'))[0]
  expect(await run({ kind: 'layout', skipped: undefined })).toEqual({
    type: 'result',
    data: figure({ kind: 'layout' }),
  })
  expect(await run({ kind: 'x'.repeat(50) })).toMatchObject({
    data: { 'text/plain': expect.stringContaining('[no picture: the figure is 61 characters') },
  })
})

test('a display that throws is an error of the cell', async () => {
  const display = () => {
    throw new RangeError('cannot show')
  }
  expect(await last(['1'], { display })).toEqual(['RangeError: cannot show @ '])
})

test('an error that cannot be shown is told as such', async () => {
  const displayError = () => {
    throw new Error('again')
  }
  expect(await last(['throw 1'], { displayError })).toEqual([
    'Error: the cell threw a value that cannot be shown @ ',
  ])
})
