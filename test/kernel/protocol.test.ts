// SPDX-License-Identifier: GPL-2.0-only
// One kernel, many requests: what Jupyter's messaging protocol promises its clients.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIGURE_MIME } from '../../src/literate/output.ts'
import { type Executed, type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel?.close())

const types = ({ published }: Executed): string[] => published.map(({ type }) => type)
const last = ({ published }: Executed, type: string) =>
  published.filter((one) => one.type === type).at(-1)?.content

describe('execute_request', () => {
  it('publishes the input, the result, and their count', async () => {
    const done = await kernel.execute('6 * 7')
    expect(types(done)).toEqual(['execute_input', 'execute_result'])
    const count = done.reply.execution_count
    expect(last(done, 'execute_input')).toEqual({ code: '6 * 7', execution_count: count })
    expect(last(done, 'execute_result')).toEqual({
      data: { 'text/plain': '42' },
      metadata: {},
      execution_count: count,
    })
    expect(done.reply).toMatchObject({ type: 'execute_reply', status: 'ok', user_expressions: {} })
    expect((await kernel.execute('1')).reply.execution_count).toBe(count + 1)
  })

  it.each([
    // code | stdout | stderr | result
    ['console.log("a"); console.error("b")', 'a\n', 'b\n', undefined],
    ['process.stdout.write("no newline")', 'no newline', '', 'true'],
    ['console.log({ a: [1] }, "%d", 3)', '{ a: [ 1 ] } %d 3\n', '', undefined],
    [
      'setTimeout(() => console.log("late"), 20); await new Promise((r) => setTimeout(r, 60)); 1',
      'late\n',
      '',
      '1',
    ],
    [
      'const cyclic: { name: string; self?: unknown } = { name: "c" }; cyclic.self = cyclic; cyclic',
      '',
      '',
      "<ref *1> { name: 'c', self: [Circular *1] }",
    ],
    ['const now = await Promise.resolve(5); now', '', '', '5'],
    ['undefined', '', '', undefined],
    ['export const exported = 1; exported', '', '', '1'],
    [
      'class Twice { constructor(readonly n: number) {} get twice() { return 2 * this.n } }',
      '',
      '',
      undefined,
    ],
    ['new Twice(4).twice', '', '', '8'],
    ['const again = 1', '', '', undefined],
    ['const again = "two"; again', '', '', "'two'"],
    ['null', '', '', 'null'],
    ['await null', '', '', 'null'],
    ['undefined', '', '', undefined],
    ['Promise.resolve(1)', '', '', 'Promise { 1 }'],
    ['new Promise(() => {})', '', '', 'Promise { <pending> }'],
    ['"half a pair \\ud800"', '', '', "'half a pair \\ud800'"],
    ['console.log("half \\ud800")', 'half \ufffd\n', '', undefined],
    ['import { PAGE_SIZE as size } from "vmalab"; size', '', '', '4096'],
    ['import { toSvg } from "vmalab/figures"; typeof toSvg', '', '', "'function'"],
    ['import { readFileSync } from "node:fs"; typeof readFileSync', '', '', "'function'"],
  ])('%s', async (code, stdout, stderr, result) => {
    const done = await kernel.execute(code)
    expect(done.reply, JSON.stringify(done.published)).toMatchObject({ status: 'ok' })
    expect([done.text('stdout'), done.text('stderr')]).toEqual([stdout, stderr])
    expect(last(done, 'execute_result')?.data['text/plain']).toBe(result)
  })

  it('gives streams and displays in the order in which they came', async () => {
    const done = await kernel.execute(
      'import { display } from "tslab"; console.log(1); display.html("<b>2</b>"); console.error(3); console.log(4); 5',
    )
    expect(types(done)).toEqual([
      'execute_input',
      'stream',
      'display_data',
      'stream',
      'stream',
      'execute_result',
    ])
    expect(last(done, 'display_data')?.data).toMatchObject({ 'text/html': '<b>2</b>' })
  })

  it('leaves no trace of a silent cell, and no count of one that is not to be stored', async () => {
    const before = (await kernel.execute('1')).reply.execution_count
    const silent = await kernel.execute('const whispered = 1; console.log("x"); 2', {
      silent: true,
    })
    expect(types(silent)).toEqual([])
    const unstored = await kernel.execute('whispered', { store_history: false })
    expect(types(unstored)).toEqual(['execute_input', 'execute_result'])
    expect((await kernel.execute('2')).reply.execution_count).toBe(before + 1)
  })

  it('evaluates user_expressions after the cell', async () => {
    const user_expressions = { sum: 'base + 1', wrong: 'base.nonesuch', empty: 'undefined' }
    const { reply } = await kernel.execute('const base = 2', { user_expressions })
    expect(reply.user_expressions).toMatchObject({
      sum: { status: 'ok', data: { 'text/plain': '3' } },
      wrong: { status: 'error', ename: 'TypeScriptError' },
      empty: { status: 'ok' },
    })
  })

  it('shows a figure as a picture that stands alone, with its text and its data', async () => {
    const done = await kernel.execute(
      'mm.mmap({ len: 8192, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS }); layout(mm)',
    )
    const { data } = last(done, 'execute_result') ?? {}
    expect(data['image/svg+xml']).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(data['text/plain']).toContain('r--p')
    expect(data[FIGURE_MIME]).toMatchObject({ kind: 'layout' })
  })

  it('shows what a value brings itself, bytes as base64', async () => {
    const done = await kernel.execute(
      '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<i>x</i>", "image/png": new Uint8Array([1, 2, 3]) }) })',
    )
    expect(last(done, 'execute_result')?.data).toMatchObject({
      'text/html': '<i>x</i>',
      'image/png': 'AQID',
    })
  })
})

describe('errors', () => {
  it.each([
    // code | ename | evalue | a line of the traceback
    ['process.exit(0)', 'Error', /^process\.exit\(\) in a cell/, /at cell \d+, line 1$/],
    [
      'throw new (class extends Error { get message(): string { throw 1 } })()',
      'Thrown',
      /cannot be shown/,
      /^Thrown: /,
    ],
    [
      'throw Object.assign(new Error("odd"), { name: Symbol("s") })',
      'Thrown',
      /cannot be shown/,
      /^Thrown: /,
    ],
    ['throw undefined', 'Thrown', 'undefined', /^Thrown: undefined$/],
    ['throw new RangeError("too far")', 'RangeError', 'too far', /at cell \d+, line 1$/],
    [
      '\n\n// comment\ntype T = 1\n\nconst none: { x: number } = JSON.parse("null"); none.x',
      'TypeError',
      /null/,
      /at cell \d+, line 6$/,
    ],
    [
      'function f(): void {\n  throw new Error("in f")\n}\n\nf()',
      'Error',
      'in f',
      /at f \(cell \d+, line 2\)$/,
    ],
    ['await Promise.resolve()\nthrow new Error("async")', 'Error', 'async', /at cell \d+, line 2$/],
    ['throw "text"', 'Thrown', "'text'", /^Thrown: 'text'$/],
    [
      'const n: number = "x"',
      'TypeScriptError',
      /^line 1: TS2322: Type 'string'/,
      /at cell \d+, line 1, column 7$/,
    ],
    ['1\nnonesuch', 'TypeScriptError', /^line 2: TS2304: /, /at cell \d+, line 2, column 1$/],
    ['const open = (', 'TypeScriptError', /^line 1: TS1109: /, /at cell \d+, line 1, column 15$/],
    ['import "nonesuch"', 'Error', /Cannot find module 'nonesuch'/, /at cell \d+, line 1$/],
    [
      'mm.mmap({ len: 0, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS })',
      'KernelError',
      /EINVAL/,
      /at cell \d+, line 1$/,
    ],
    [
      '({ [Symbol.for("Jupyter.display")]() { throw new Error("no display") } })',
      'Error',
      'no display',
      /at .*cell \d+, line 1\)$/,
    ],
    ['Promise.reject(new Error("nobody")); 1', 'Error', 'nobody', /at cell \d+, line 1$/],
    [
      'setTimeout(() => { throw new Error("stray") }); await new Promise((r) => setTimeout(r, 50))',
      'Error',
      'stray',
      /cell \d+, line 1\)?$/,
    ],
    [
      '({ [Symbol.for("Jupyter.display")]() { const o: any = {}; o.o = o; return { "application/json": o } } })',
      'TypeError',
      /circular/,
      /circular/,
    ],
  ])('%s', async (code, ename, evalue, line) => {
    const done = await kernel.execute(code)
    const expected = {
      ename: typeof ename === 'string' ? ename : expect.stringMatching(ename),
      evalue: typeof evalue === 'string' ? evalue : expect.stringMatching(evalue),
    }
    expect(done.reply).toMatchObject({ status: 'error', ...expected })
    const { traceback } = last(done, 'error') ?? {}
    expect(last(done, 'error')).toMatchObject(expected)
    expect(
      traceback.some((one: string) => line.test(one)),
      traceback.join('\n'),
    ).toBe(true)
    expect(traceback.join('\n')).not.toMatch(/tslab|node:|evalmachine|\.js\b/)
  })

  it('names the cell that a function came from, and shows the lines', async () => {
    const definition = await kernel.execute('const hook = () => {\n  throw new Error("in hook")\n}')
    const call = await kernel.execute('hook()')
    expect(last(call, 'error')?.traceback).toEqual([
      'Error: in hook',
      `    at hook (cell ${definition.reply.execution_count}, line 2)`,
      '        throw new Error("in hook")',
      `    at cell ${call.reply.execution_count}, line 1`,
      '        hook()',
    ])
  })

  it('names the call in a cell that led to a hook in a cell, whatever lies between', async () => {
    await kernel.execute(
      'const buggy = file("/dev/buggy", { mmap_prepare() {\n  throw new Error("in the driver")\n} })',
    )
    const call = await kernel.execute(
      '\nmm.mmap({ len: 4096, prot: PROT_READ, flags: MAP_SHARED, file: buggy })',
    )
    const frames = last(call, 'error')?.traceback.filter((line: string) => line.includes(' at '))
    expect(frames).toEqual([
      expect.stringMatching(/at mmap_prepare \(cell \d+, line 2\)$/),
      expect.stringMatching(/at cell \d+, line 2$/),
    ])
  })

  it('prints an error without the paths of this machine', async () => {
    const done = await kernel.execute('try { hook() } catch (error) { console.log(error) }')
    expect(done.text()).toMatch(
      /^Error: in hook\n {4}at hook \(cell \d+, line 2\)\n {4}at cell \d+, line 1\n$/,
    )
  })

  it('names the lines of a source beside the notebook', async () => {
    writeFileSync(
      join(kernel.folder, 'helper.ts'),
      'import { Mm, linux } from "vmalab"\n\nexport const fresh = (): Mm => new Mm(linux("7.3"))\nexport function fail(n: number): void {\n  throw new Error("helper")\n}\n',
    )
    const done = await kernel.execute(
      'import { fail, fresh } from "./helper"; fresh() instanceof Mm',
    )
    expect(last(done, 'execute_result')?.data['text/plain']).toBe('true')
    expect(last(await kernel.execute('fail(1)'), 'error')?.traceback[1]).toBe(
      '    at fail (helper.ts, line 5)',
    )
    const wrong = await kernel.execute('fail("1")')
    expect(wrong.reply).toMatchObject({ ename: 'TypeScriptError' })
  })

  it('finds a source that was missing when it was first imported', async () => {
    const code = 'import { late } from "./late"; late'
    expect((await kernel.execute(code)).reply.evalue).toContain("Cannot find module './late'")
    writeFileSync(join(kernel.folder, 'late.ts'), 'export const late = 5\n')
    // The compiler looks for it now and then.
    while ((await kernel.execute(code)).reply.status !== 'ok') await delay(100)
    expect(last(await kernel.execute(code), 'execute_result')?.data['text/plain']).toBe('5')
  })

  it('keeps what was there before the error', async () => {
    await kernel.execute('let kept = 1')
    await kernel.execute('kept = 2; throw new Error("x")')
    expect(last(await kernel.execute('kept'), 'execute_result')?.data['text/plain']).toBe('2')
  })

  it('aborts what was queued behind a failing cell, and nothing after', async () => {
    const batch = await Promise.all([
      kernel.execute('await new Promise((r) => setTimeout(r, 1000)); throw new Error("first")'),
      kernel.execute('console.log("second")'),
      kernel.request('kernel_info_request', {}),
      kernel.execute('console.log("third")'),
    ])
    expect(batch.map(({ reply }) => reply.status)).toEqual(['error', 'aborted', 'ok', 'aborted'])
    expect(batch.map((one) => one.text())).toEqual(['', '', '', ''])
    expect((await kernel.execute('console.log("after")')).text()).toBe('after\n')
  })

  it('runs what was queued when the failing cell says so', async () => {
    const batch = await Promise.all([
      kernel.execute('await new Promise((r) => setTimeout(r, 1000)); throw new Error("first")', {
        stop_on_error: false,
      }),
      kernel.execute('console.log("second")'),
    ])
    expect(batch.map(({ reply }) => reply.status)).toEqual(['error', 'ok'])
    expect(batch[1].text()).toBe('second\n')
  })
})

describe('other requests', () => {
  it('kernel_info, on both sockets', async () => {
    for (const socket of ['shell', 'control'] as const)
      expect((await kernel.request('kernel_info_request', {}, socket)).reply).toMatchObject({
        status: 'ok',
        protocol_version: '5.4',
        implementation: 'vmalab',
        language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/typescript' },
      })
  })

  it.each([
    ['const a = 1', 'complete'],
    ['', 'complete'],
    ['function f() {', 'incomplete'],
    ['mm.mmap({', 'incomplete'],
    ['[1,', 'incomplete'],
    ['1 +', 'incomplete'],
    ['`text', 'incomplete'],
    ['/* comment', 'incomplete'],
    ['const = 1', 'invalid'],
    ['a b', 'invalid'],
    ['"text', 'invalid'],
    ['f(]', 'invalid'],
  ])('is_complete: %j is %s', async (code, status) => {
    expect((await kernel.request('is_complete_request', { code })).reply.status).toBe(status)
  })

  it.each([
    // code with | where the cursor is | the text that is replaced | a match
    ['mm.mpro|', 'mpro', 'mprotect'],
    ['vma_desc_set_fl|', 'vma_desc_set_fl', 'vma_desc_set_flags'],
    ['processM|', 'processM', 'processMaps'],
    ['const own = { apple: 1 }; own.ap|; 1', 'ap', 'apple'],
    ['"\u{1f642}"; PROT_RE|', 'PROT_RE', 'PROT_READ'],
  ])('complete: %s', async (text, replaced, match) => {
    const cursor_pos = [...text].indexOf('|')
    const code = text.replace('|', '')
    const { reply } = await kernel.request('complete_request', { code, cursor_pos })
    expect([...code].slice(reply.cursor_start, reply.cursor_end).join('')).toBe(replaced)
    expect(reply).toMatchObject({ status: 'ok', matches: expect.arrayContaining([match]) })
  })

  it('inspect: type and documentation', async () => {
    const { reply } = await kernel.request('inspect_request', {
      code: 'mm.mmap({})',
      cursor_pos: 5,
      detail_level: 0,
    })
    expect(reply).toMatchObject({ status: 'ok', found: true })
    expect(reply.data['text/plain']).toMatch(/^\(method\) Mm\.mmap\(.*\n\n./)
    const linked = await kernel.request('inspect_request', { code: 'mm.maybeMmap', cursor_pos: 5 })
    expect(linked.reply.data['text/plain']).toContain('`Mm.mmap`')
    const nothing = await kernel.request('inspect_request', { code: '  ', cursor_pos: 1 })
    expect(nothing.reply).toMatchObject({ status: 'ok', found: false })
  })

  it('history: range, tail and search', async () => {
    const { reply } = await kernel.execute('"remembered"')
    const line = reply.execution_count
    const ask = async (content: object) =>
      (await kernel.request('history_request', { raw: true, output: false, ...content })).reply
        .history
    expect(await ask({ hist_access_type: 'tail', n: 1 })).toEqual([[1, line, '"remembered"']])
    expect(
      await ask({
        hist_access_type: 'range',
        session: 0,
        start: line,
        stop: line + 1,
        output: true,
      }),
    ).toEqual([[1, line, ['"remembered"', "'remembered'"]]])
    expect(await ask({ hist_access_type: 'search', pattern: '"remem*', n: 5 })).toHaveLength(1)
    for (const pattern of ['?remembere[c-e]?', '"[^R]*"', '*"'])
      expect(await ask({ hist_access_type: 'search', pattern, n: 1 }), pattern).toHaveLength(1)
    for (const pattern of ['never said', 'remembered', '[', '"remembered".'])
      expect(await ask({ hist_access_type: 'search', pattern, n: 5 }), pattern).toEqual([])
  })

  it('comms: none are known, and an opened one is closed', async () => {
    expect((await kernel.request('comm_info_request', {})).reply).toMatchObject({ comms: {} })
    const published = await kernel.tell('comm_open', { comm_id: 'c1', target_name: 't', data: {} })
    expect(published).toEqual([{ type: 'comm_close', content: { comm_id: 'c1', data: {} } }])
  })

  it('answers a request that it does not know, and bad ones', async () => {
    const { reply } = await kernel.request('nonesuch_request', {})
    expect(reply).toMatchObject({ type: 'nonesuch_reply', status: 'error' })
    const bad = await kernel.request('execute_request', { code: 3 })
    expect(bad.reply).toMatchObject({ status: 'error', evalue: '"code" is not a text' })
  })

  it('echoes heartbeats, also while a cell runs', async () => {
    const running = kernel.execute('const end = Date.now() + 600; while (Date.now() < end) {}')
    expect(await kernel.beat('ping')).toBe('ping')
    await running
  })

  it('publishes what a busy cell prints while it runs', async () => {
    const running = kernel.execute(
      'import { existsSync } from "node:fs"; console.log("early"); while (!existsSync("seen")) {}',
    )
    while (!kernel.all.some(({ content }) => content.text === 'early\n')) await delay(10)
    writeFileSync(join(kernel.folder, 'seen'), '')
    expect((await running).reply.status).toBe('ok')
  })
})
