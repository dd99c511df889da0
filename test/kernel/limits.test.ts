// SPDX-License-Identifier: GPL-2.0-only
// Much output, many cells, cells that do not end: nothing is lost, nothing hangs, what was there stays.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel?.close())

describe('much output', () => {
  it('3,000 lines arrive whole and in order', async () => {
    const done = await kernel.execute('for (let i = 0; i < 3000; i++) console.log(i)')
    expect(done.text()).toBe(Array.from({ length: 3000 }, (_, i) => `${i}\n`).join(''))
  })

  it('10 MB in small pieces, in one, and as a value', async () => {
    const done = await kernel.execute(
      'for (let i = 0; i < 50_000; i++) console.log("x".repeat(199)); console.error("e".repeat(10_000_000)); "v".repeat(10_000_000).length',
    )
    expect(done.text('stdout')).toBe(`${'x'.repeat(199)}\n`.repeat(50_000))
    expect(done.text('stderr')).toBe(`${'e'.repeat(10_000_000)}\n`)
    expect(done.reply.status).toBe('ok')
  })

  it('10 MB a second for three seconds, in order, and idle behind it; heartbeats meanwhile', async () => {
    const running = kernel.execute(
      `for (let i = 0; i < 300; i++) {
  console.log(String(i).padEnd(100_000, "."))
  await new Promise((resolve) => setTimeout(resolve, 10))
}`,
    )
    for (let i = 0; i < 5; i++) expect(await kernel.beat(`beat ${i}`)).toBe(`beat ${i}`)
    const lines = (await running).text().split('\n')
    expect(lines.length).toBe(301)
    expect(lines.every((line, i) => i === 300 || line === String(i).padEnd(100_000, '.'))).toBe(
      true,
    )
  })

  it('two streams that alternate keep their order', async () => {
    const done = await kernel.execute(
      'for (let i = 0; i < 500; i++) { console.log(i); console.error(i) }',
    )
    const streams = done.published.filter(({ type }) => type === 'stream')
    expect(streams.map(({ content }) => `${content.name} ${content.text}`)).toEqual(
      Array.from({ length: 1000 }, (_, i) => `${i % 2 ? 'stderr' : 'stdout'} ${i >> 1}\n`),
    )
  })

  it('a cell that prints for ever is stopped, and says why', async () => {
    const done = await kernel.execute('for (;;) console.log("x".repeat(1_000_000))')
    expect(done.reply).toMatchObject({ status: 'error', ename: 'RangeError' })
    expect(done.reply.evalue).toContain('printed more than 64 Mi')
    expect((await kernel.execute('console.log(1)')).text()).toBe('1\n')
  })
})

it('260 cells', async () => {
  const first = (await kernel.execute('let sum = 0')).reply.execution_count
  const runs = Array.from({ length: 260 }, (_, i) =>
    kernel.execute(`sum += ${i}; console.log(sum)`),
  )
  const done = await Promise.all(runs)
  expect(done.find(({ reply }) => reply.status !== 'ok')?.reply).toBe(undefined)
  expect(done.map(({ reply }) => reply.execution_count - first)).toEqual(done.map((_, i) => i + 1))
  expect(done.map((one) => one.text())).toEqual(done.map((_, i) => `${(i * (i + 1)) / 2}\n`))
})

it('1,000 cells take no more than 50 MB, garbage aside', async () => {
  const heap = async (): Promise<number> => {
    const done = await kernel.execute(
      'import { setFlagsFromString } from "node:v8"; import { runInNewContext } from "node:vm"; setFlagsFromString("--expose-gc"); runInNewContext("gc")(); console.log(process.memoryUsage().heapUsed + process.memoryUsage().external)',
    )
    return Number(done.text())
  }
  const cell = (i: number): string =>
    `const made${i % 50} = mm.vmas().map((vma) => ({ vma, text: "cell ${i}".repeat(20) }))
function use${i % 50}(n: number): number { return n + made${i % 50}.length }
console.log(use${i % 50}(${i})); layout(mm)`
  for (let i = 0; i < 60; i++) await kernel.execute(cell(i))
  const before = await heap()
  for (let i = 0; i < 1000; i++)
    expect((await kernel.execute(cell(i))).reply).toMatchObject({ status: 'ok' })
  const grown = (await heap()) - before
  expect(grown / 1e6).toBeLessThan(50)
})

describe('interrupts', () => {
  const loops = [
    'for (;;) {}',
    'for (;;) await null',
    'await null; for (;;) {}',
    'await new Promise(() => {})',
    'setTimeout(() => { for (;;) {} }); await new Promise(() => {})',
    'for (;;) { try { await new Promise((r) => setImmediate(r)) } catch {} }',
    'while (true) { try { throw 1 } catch {} }',
    '({ [Symbol.for("Jupyter.display")]() { for (;;) {} } })',
  ]
  const stop = async (by: string): Promise<void> => {
    if (by === 'SIGINT') kernel.child.kill('SIGINT')
    else await kernel.request('interrupt_request', {}, 'control')
  }
  /** Resolves when a cell has printed the line once more. */
  const told = async (line: string): Promise<void> => {
    const count = (): number => kernel.all.filter(({ content }) => content.text === line).length
    for (const before = count(); count() === before; ) await delay(10)
  }
  let kept = 0
  it.each(
    loops.flatMap((code) =>
      (['interrupt_request', 'SIGINT'] as const).map((by) => [code, by] as const),
    ),
  )('%s by %s', async (code, by) => {
    await kernel.execute(`let kept = ${++kept}`)
    const running = kernel.execute(`console.log("begun"); ${code}`)
    await told('begun\n')
    await stop(by)
    const done = await running
    expect(done.reply).toMatchObject({ status: 'error', ename: 'Interrupted' })
    expect(done.text()).toBe('begun\n')
    expect((await kernel.execute('console.log(kept)')).text()).toBe(`${kept}\n`)
  })

  it('a loop of waits does not go on behind the next cells', async () => {
    await kernel.execute('let ticks = 0')
    const wait = 'await new Promise((r) => setTimeout(r, 10))'
    const running = kernel.execute(`for (;;) { ${wait}; if (ticks++ === 1) console.log("ticks") }`)
    await told('ticks\n')
    await stop('interrupt_request')
    await running
    const done = await kernel.execute(
      `const seen = ticks; ${wait.replace('10', '200')}; console.log(seen > 0, ticks - seen)`,
    )
    expect(done.text()).toBe('true 0\n')
  })

  it('of nothing does nothing', async () => {
    expect((await kernel.request('interrupt_request', {}, 'control')).reply.status).toBe('ok')
    kernel.child.kill('SIGINT')
    kernel.child.kill('SIGINT')
    expect((await kernel.execute('console.log(kept)')).text()).toBe(`${kept}\n`)
  })

  it('reach a cell that waits for something else', async () => {
    const done = await readyKernel()
    try {
      const asked = done.request('complete_request', { code: 'process.', cursor_pos: 8 })
      const running = done.execute('for (;;) {}')
      await delay(50)
      await done.request('interrupt_request', {}, 'control')
      expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' })
      expect((await asked).reply.matches).toContain('argv')
      expect((await done.execute('console.log(1)')).text()).toBe('1\n')
    } finally {
      await done.close()
    }
  })

  it('abort what is queued', async () => {
    const batch = [
      kernel.execute('console.log("runs"); for (;;) {}'),
      kernel.execute('console.log("queued")'),
    ]
    await told('runs\n')
    await stop('interrupt_request')
    expect((await Promise.all(batch)).map(({ reply }) => reply.status)).toEqual([
      'error',
      'aborted',
    ])
  })
})
