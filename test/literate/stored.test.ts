// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { CellOutputs, outputDifference, parseNotebook } from '../../src/literate/index.ts'

const cell = (more: object) => ({ cell_type: 'code', source: '1', outputs: [], ...more })
const notebook = (more: object) => JSON.stringify({ nbformat: 4, cells: [], ...more })
const withCell = (more: object) => notebook({ cells: [cell({}), cell(more)] })

describe('a notebook that breaks the rule', () => {
  it.each([
    ['{', /^a notebook is JSON: /],
    ['[]', /^a notebook is a JSON object$/],
    [notebook({ nbformat: 3 }), /^"nbformat" is 3, not 4: open the notebook in Jupyter/],
    [notebook({ cells: {} }), /^"cells" is \{\}, not a list$/],
    [notebook({ cells: [1] }), /^cells\[0\] is 1, not an object$/],
    [withCell({ cell_type: 'sql' }), /^cells\[1\]: "cell_type" is "sql", not "code"/],
    [withCell({ source: 7 }), /^cells\[1\]: "source" is 7, not text or a list of texts$/],
    [withCell({ source: ['a', 1] }), /"source" is \["a",1\]/],
    [withCell({ outputs: undefined }), /^cells\[1\]: "outputs" is missing, not a list/],
    [withCell({ outputs: [null] }), /"outputs" is \[null\]/],
    [withCell({ metadata: [] }), /"metadata" is \[\], not an object/],
    [notebook({ metadata: { kernelspec: { language: 'python' } } }), /^its kernel speaks python/],
  ])('%s', (text, message) => expect(() => parseNotebook(text)).toThrow(message))

  it('names the value in short', () =>
    expect(() => parseNotebook(withCell({ source: { a: 'x'.repeat(99) } }))).toThrow(
      /x\.\.\., not/,
    ))
})

/** Messages in short: `out TEXT`, `err TEXT`, `show ID TEXT`, `update ID TEXT`, `value TEXT`, `clear`, `clear later`. */
function given(messages: readonly string[]): string[] {
  const outputs = new CellOutputs()
  for (const message of messages) {
    const [word = '', ...rest] = message.split(' ')
    const [first = '', second] = rest
    const bundle = (id: string | undefined, text: string | undefined) => ({
      data: { 'text/plain': text },
      transient: { display_id: id },
    })
    if (word === 'out') outputs.take('stream', { name: 'stdout', text: `${rest.join(' ')}\n` })
    if (word === 'err') outputs.take('stream', { name: 'stderr', text: `${rest.join(' ')}\n` })
    if (word === 'show') outputs.take('display_data', bundle(first, second))
    if (word === 'update') outputs.take('update_display_data', bundle(first, second))
    if (word === 'value') outputs.take('execute_result', bundle(undefined, first))
    if (word === 'clear') outputs.take('clear_output', { wait: first === 'later' })
    if (word === 'input') outputs.take('execute_input', { code: first })
  }
  return outputs.outputs.map((output) =>
    'data' in output
      ? `${output.output_type} ${JSON.stringify(output.data['text/plain'])}`
      : output.output_type === 'stream'
        ? `${output.name} ${JSON.stringify(output.text)}`
        : output.output_type,
  )
}

it.each([
  [['input 1', 'out a', 'out b'], ['stdout ["a\\n","b\\n"]']],
  [
    ['out a', 'err b', 'out c'],
    ['stdout ["a\\n"]', 'stderr ["b\\n"]', 'stdout ["c\\n"]'],
  ],
  [
    ['show i 1', 'show j 2', 'update i 3'],
    ['display_data ["3"]', 'display_data ["2"]'],
  ],
  [['update i 3'], []],
  [['out a', 'clear', 'value 1'], ['execute_result ["1"]']],
  [['out a', 'clear later'], ['stdout ["a\\n"]']],
  [['out a', 'clear later', 'out b', 'out c'], ['stdout ["b\\n","c\\n"]']],
])('%j gives %j', (messages, outputs) => expect(given(messages)).toEqual(outputs))

const stream = (text: string | string[], name = 'stdout') => ({ output_type: 'stream', name, text })
const result = (data: object, more: object = {}) => ({
  output_type: 'execute_result',
  data,
  ...more,
})
const figure = 'application/vnd.vmalab.figure+json'

describe('outputs', () => {
  it.each<[what: string, stored: object[], now: object[]]>([
    ['text cut otherwise', [stream('a\nb\n')], [stream(['a\n', 'b\n'])]],
    ['a stream in pieces', [stream('a\n'), stream('b\n')], [stream('a\nb\n')]],
    ['other counts', [result({}, { execution_count: 1 })], [result({}, { execution_count: 2 })]],
    [
      'the value of a figure',
      [result({ 'image/svg+xml': 'x' })],
      [result({ 'image/svg+xml': 'x', [figure]: {} })],
    ],
  ])('are the same with %s', (_what, stored, now) =>
    expect(outputDifference(stored, now)).toBe(undefined),
  )

  it.each<[stored: object[], now: object[], line: string]>([
    [[stream('a\nb\n')], [stream('a\nc\n')], 'line 3\n  - stored: b\n  + now:    c'],
    [
      [stream('a\n')],
      [stream('a\n', 'stderr')],
      'line 1\n  - stored: [stdout]\n  + now:    [stderr]',
    ],
    [[], [stream('a\n')], 'line 1\n  - stored: (nothing)\n  + now:    [stdout]'],
    [
      [result({ 'text/plain': '1' })],
      [],
      'line 1\n  - stored: [execute_result text/plain]\n  + now:    (nothing)',
    ],
    [
      [{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: v', '  at 1'] }],
      [{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: v', '  at 2'] }],
      'line 3\n  - stored:   at 1\n  + now:      at 2',
    ],
  ])('%j and %j differ', (stored, now, line) => expect(outputDifference(stored, now)).toBe(line))
})
