// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest'
import { FIGURE_MIME } from '../../src/literate/index.ts'
import { readMessage } from '../../src/site/live/protocol.ts'
import { joinOutput, type ShownOutput, showOutput } from '../../src/site/live/shown.ts'
import { layout } from '../../src/trace/index.ts'

// Messages come from a frame that runs anybody's code: what is not exactly one is none.

const out = (output: unknown) => ({ type: 'output', cell: 0, output })
const text = { 'text/plain': 'x' }

const good: readonly unknown[] = [
  { type: 'done' },
  { type: 'crash', reason: 'memory' },
  { type: 'start', cell: 3 },
  { type: 'end', cell: 0, failed: true },
  out({ type: 'stream', name: 'stdout', text: 'x' }),
  out({ type: 'error', ename: 'E', evalue: 'v', traceback: ['a', 'b'] }),
  out({ type: 'result', data: text }),
  out({ type: 'display', data: { ...text, [FIGURE_MIME]: { kind: 'layout' } } }),
]
for (const message of good)
  test(`taken: ${JSON.stringify(message)}`, () => expect(readMessage(message)).toEqual(message))

const bad: readonly unknown[] = [
  undefined,
  null,
  'done',
  {},
  { type: 'nope' },
  { type: 'crash', reason: 1 },
  { type: 'start', cell: -1 },
  { type: 'start', cell: 1.5 },
  { type: 'start', cell: '1' },
  { type: 'end', cell: 0 },
  out(undefined),
  out({ type: 'stream', name: 'stdin', text: 'x' }),
  out({ type: 'stream', name: 'stdout', text: ['x'] }),
  out({ type: 'stream', name: 'stdout', text: 'x'.repeat(1_000_001) }),
  out({ type: 'error', ename: 'E', evalue: 'v' }),
  out({ type: 'result', data: { 'text/html': '<b>' } }),
  out({ type: 'result', data: null }),
]
for (const message of bad)
  test(`refused: ${JSON.stringify(message)?.slice(0, 90)}`, () =>
    expect(readMessage(message)).toBeUndefined())

test('what is not known of a message is dropped', () => {
  const data = { ...text, 'text/html': '<script>' }
  expect(readMessage(out({ type: 'result', data, more: 1 }))).toEqual(
    out({ type: 'result', data: text }),
  )
  const traceback = ['a', 1, 'b']
  expect(readMessage(out({ type: 'error', ename: 'E', evalue: 'v', traceback }))).toEqual(
    out({ type: 'error', ename: 'E', evalue: 'v', traceback: ['a', 'b'] }),
  )
})

const draw = async (_figure: unknown, width: number) => ({ svg: `<svg width="${width}">` })
const figure = layout([{ id: 'A', start: 0x1000, end: 0x2000, perms: 'rw-p', pgoff: 0 }])

test('a figure is drawn at both widths', async () => {
  const data = { 'text/plain': 'A', [FIGURE_MIME]: figure }
  expect(await showOutput({ type: 'result', data }, draw)).toEqual({
    type: 'figure',
    text: 'A',
    drawing: { wide: '<svg width="760">', narrow: '<svg width="343">' },
  })
})

test('what is no figure is told, not drawn', async () => {
  const data = { 'text/plain': 'A', [FIGURE_MIME]: { ...figure, kind: '<svg>' } }
  const shown = await showOutput({ type: 'result', data }, draw)
  expect(shown).toEqual({ type: 'text', text: expect.stringMatching(/^A\n\[no picture: kind: /) })
})

test('an error is its traceback, without colours of a terminal', async () => {
  const traceback = ['\u001b[31mE: v\u001b[0m', '    at cell 1, line 2']
  const error = { type: 'error', ename: 'E', evalue: 'v' } as const
  expect(await showOutput({ ...error, traceback }, draw)).toEqual({
    type: 'error',
    text: 'E: v\n    at cell 1, line 2',
  })
  expect(await showOutput({ ...error, traceback: [] }, draw)).toEqual({
    type: 'error',
    text: 'E: v',
  })
})

test('text of one stream joins, other outputs do not', () => {
  const stream = (name: 'stdout' | 'stderr', text: string): ShownOutput => ({
    type: 'stream',
    name,
    text,
  })
  const outputs = [
    stream('stdout', 'a'),
    stream('stdout', 'b'),
    stream('stderr', 'c'),
    stream('stdout', 'd'),
  ]
  let shown: readonly ShownOutput[] = []
  for (const output of outputs) shown = joinOutput(shown, output)
  expect(shown).toEqual([stream('stdout', 'ab'), stream('stderr', 'c'), stream('stdout', 'd')])
})
