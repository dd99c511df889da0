// SPDX-License-Identifier: GPL-2.0-only
// What a cell does besides computing: it asks, it changes what it showed, it goes on after its end.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Executed, type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel?.close())

const last = ({ published }: Executed, type: string) =>
  published.filter((one) => one.type === type).at(-1)?.content
const asks = (code: string) => kernel.execute(code, { allow_stdin: true })

describe('input()', () => {
  it('asks the client that sent the cell, one question after the other', async () => {
    kernel.answers.push('Ada', 'secret')
    const done = await asks(
      'console.log("first"); const both = await Promise.all([input("name? "), input("word? ", { password: true })]); both',
    )
    expect(last(done, 'execute_result')?.data['text/plain']).toBe("[ 'Ada', 'secret' ]")
    expect(kernel.asked.splice(0)).toEqual([
      { prompt: 'name? ', password: false },
      { prompt: 'word? ', password: true },
    ])
  })

  it('is refused, at its line, where nobody can answer', async () => {
    const done = await kernel.execute('1\nawait input("name? ")')
    expect(done.reply.evalue).toMatch(/allow_stdin is false\); run the cell in/)
    expect(last(done, 'error')?.traceback).toContainEqual(expect.stringMatching(/cell \d+, line 2/))
    expect(kernel.asked).toEqual([])
  })

  it('is taken back by an interrupt; a late answer goes nowhere', async () => {
    const running = asks('await input("nobody answers ")')
    while (kernel.asked.length === 0) await delay(10)
    await kernel.request('interrupt_request', {}, 'control')
    expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' })
    kernel.answers.push('two')
    const done = await asks('await input("again? ")')
    expect(last(done, 'execute_result')?.data['text/plain']).toBe("'two'")
  })
})

describe('displays', () => {
  it.each([
    ['const shown = show("one"); shown.update("two")', "'one'", "'two'", 'text/plain'],
    [
      'import { newDisplay } from "tslab"; const d = newDisplay(); d.html("<b>1</b>"); d.html("<b>2</b>")',
      '<b>1</b>',
      '<b>2</b>',
      'text/html',
    ],
  ])('%s', async (code, first, second, mime) => {
    const done = await kernel.execute(code)
    const [shown, updated] = done.published.filter(({ type }) => type.endsWith('display_data'))
    expect([shown?.type, updated?.type]).toEqual(['display_data', 'update_display_data'])
    expect([shown?.content.data[mime], updated?.content.data[mime]]).toEqual([first, second])
    expect(shown?.content.transient.display_id).toBe(updated?.content.transient.display_id)
  })

  it('an earlier cell’s display is changed by a later one', async () => {
    const first = await kernel.execute('const board = show(1)')
    const then = await kernel.execute('board.update(2)')
    expect(last(then, 'update_display_data')?.transient).toEqual(
      last(first, 'display_data')?.transient,
    )
  })

  it.each([
    ['clearOutput()', false],
    ['clearOutput({ wait: true })', true],
  ])('%s', async (code, wait) => {
    const done = await kernel.execute(`console.log("before"); ${code}; console.log("after")`)
    expect(done.published.slice(1)).toEqual([
      { type: 'stream', content: { name: 'stdout', text: 'before\n' } },
      { type: 'clear_output', content: { wait } },
      { type: 'stream', content: { name: 'stdout', text: 'after\n' } },
    ])
  })

  it('pager() fills the pager', async () => {
    const { reply } = await kernel.execute('pager("long")')
    expect(reply.payload).toEqual([{ source: 'page', data: { 'text/plain': "'long'" }, start: 0 }])
  })
})

describe('what comes after the end of a cell is shown with the cell', () => {
  it.each([
    ['setTimeout(() => console.log("late"), 200)', 'stream', 'late'],
    ['setTimeout(() => { throw new RangeError("late") }, 200)', 'error', 'RangeError'],
    ['setTimeout(() => Promise.reject(new RangeError("late")), 200)', 'error', 'RangeError'],
    [
      'void (async () => { await new Promise((r) => setTimeout(r, 200)); throw new RangeError("late") })()',
      'error',
      'RangeError',
    ],
    ['setTimeout(() => show("late"), 200)', 'display_data', 'late'],
  ])('%s', async (code, type, shown) => {
    const { reply } = await kernel.execute(code)
    expect(reply.status).toBe('ok')
    const other = await kernel.execute('await new Promise((r) => setTimeout(r, 500)); "other"')
    expect(other.published.map((one) => one.type)).toEqual(['execute_input', 'execute_result'])
    const input = kernel.all.find(
      (one) =>
        one.type === 'execute_input' && one.content.execution_count === reply.execution_count,
    )
    const late = kernel.all.find((one) => one.parent === input?.parent && one.type === type)
    expect(JSON.stringify(late?.content)).toContain(shown)
    if (type === 'error')
      expect(late?.content.traceback).toContainEqual(
        expect.stringMatching(new RegExp(`cell ${reply.execution_count}, line 1`)),
      )
  })
})
