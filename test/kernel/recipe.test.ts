// SPDX-License-Identifier: GPL-2.0-only
// A recipe in a notebook: the C with its change beside the driver of the model.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel.close())

it.each<[code: string, mime: string, has: string]>([
  ['recipe("io_bar")', 'text/html', 'The same driver in the model'],
  ['recipe("io_bar")', 'text/html', '<ins class="added"'],
  ['recipe("io_bar")', 'text/html', 'export const ioBar'],
  ['recipe("io_bar")', 'text/plain', 'before.c -> after.c'],
  ['recipe("lock_across")', 'text/html', 'never landed, does not compile on any release'],
  ['recipe("reference_counted", "7.1")', 'text/plain', 'after.c -> after-7.1.c'],
  ['recipe()', 'text/plain', 'fault_driven         Pages are given one by one'],
  ['recipe("dev_mem").files?.[1]?.text.slice(0, 7)', 'text/plain', '// SPDX'],
])('%s gives %s with %s', async (code, mime, has) => {
  const { published, reply } = await kernel.execute(code)
  expect([reply.status, reply.evalue]).toEqual(['ok', undefined])
  const data = published.find(({ type }) => type === 'execute_result')?.content.data
  expect(data[mime]).toContain(has)
})

it.each([
  ['recipe("iobar")', 'no recipe "iobar": do you mean io_bar?'],
  ['recipe("io_bar", "6.12")', 'after.c is for 7.2.10 and later'],
])('%s is refused: %s', async (code, sentence) => {
  const { reply } = await kernel.execute(code)
  expect([reply.ename, reply.evalue]).toEqual(['RangeError', expect.stringContaining(sentence)])
})
