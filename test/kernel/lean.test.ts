// SPDX-License-Identifier: GPL-2.0-only
// A cell gives the same whether Node's declarations have been read or not.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kernel, readyKernel } from './client.ts'

let lean: Kernel
let full: Kernel
let asked: Kernel
beforeAll(async () => {
  ;[lean, full, asked] = await Promise.all([readyKernel(), readyKernel(), readyKernel()])
  await full.execute('import "node:fs"', { store_history: false })
})
afterAll(async () => {
  await lean?.close()
  await full?.close()
  await asked?.close()
})

/** What a client is told, without counts. */
const told = async (kernel: Kernel, code: string): Promise<unknown> => {
  const { reply, published } = await kernel.execute(code, { store_history: false })
  return [reply.status, published.slice(1).map(({ type, content }) => [type, content])]
}

// In this order: the lean kernel reads Node's declarations at the first cell that needs them.
const cells = [
  '1 + 1',
  'const numbers = [3, 1, 2]; numbers.toSorted()',
  'console.log(1, "two"); console.error([3]); console.table([{ a: 1 }])',
  'let text: string | undefined; text?.length',
  'const locks = mm.locks; const told = findings',
  'const { log } = console; const given: Parameters<typeof log> = [1]; given[0].toFixed(1)',
  'const quiet = { ...console, log: () => {} }; quiet.log(); quiet.warn.name',
  'mm.mmap({ len: 8192, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS }); layout(mm)',
  'class Own<T> { constructor(readonly value: T) {} map<U>(f: (value: T) => U): Own<U> { return new Own(f(this.value)) } }',
  'new Own(1).map(String)',
  'const kept = new Map(numbers.map((n) => [n, new Own(n)])); kept.get(3)',
  'import { Mm as Space } from "vmalab"; new Space(linux("6.12")).total_vm',
  'function fails(): never { throw new RangeError("far") }',
  'fails()',
  'const process = 3; process + 1',
  'const wrong: number = "x"',
  'setTimeout(() => {}, 1).unref() instanceof Object',
  'Buffer.from("a").toString("hex")',
  'numbers.nonesuch',
  'const first: Parameters<typeof console.log>[0] = 1; first.toFixed()',
  'console.dir({ a: 1 }, { depth: 0 })',
  'console.dir({ a: 1 }, { depth: "x" })',
  'const own: Console = { log() {} }',
  'Error.captureStackTrace({}) === undefined',
  'typeof globalThis.structuredClone',
  'kept.size + numbers.length',
  'locks.nonesuch',
]

// In this order too.
it.each([
  ['complete_request', 'mm.'],
  ['complete_request', 'mm.mun'],
  ['complete_request', '"text".'],
  ['inspect_request', 'mm'],
  ['inspect_request', 'PROT_READ'],
  ['inspect_request', 'JSON'],
  ['complete_request', 'proc'],
  ['complete_request', 'Buffer.'],
  ['inspect_request', 'process'],
])('%s: %s', async (type, code) => {
  const content = { code, cursor_pos: code.length, detail_level: 0 }
  const [one, two] = [await asked.request(type, content), await full.request(type, content)]
  expect(one.reply).toEqual(two.reply)
})

// Each to a kernel that has not read Node's declarations.
it.each([
  ['complete_request', 'console.'],
  ['complete_request', 'console.gr'],
  ['complete_request', 'process.'],
  ['inspect_request', 'console'],
  ['inspect_request', 'console.log'],
])('%s: %s', async (type, code) => {
  const fresh = await readyKernel()
  try {
    const content = { code, cursor_pos: code.length, detail_level: 0 }
    expect((await fresh.request(type, content)).reply).toEqual(
      (await full.request(type, content)).reply,
    )
  } finally {
    await fresh.close()
  }
})

it.each(cells)('%s', async (code) => {
  expect(await told(lean, code)).toEqual(await told(full, code))
})
