// SPDX-License-Identifier: GPL-2.0-only
// Whatever reaches the sockets: nothing unsigned runs, nothing ends the process, and it is said once.
import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Message, newHeader, packMessage } from '../../src/jupyter/wire.ts'
import { type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
  await kernel.execute('let struck = 0')
})
afterAll(() => kernel?.close())

const signing = { scheme: 'hmac-sha256', key: 'a key' }
const strike = 'struck++; console.log("struck")'
const request = (type: string, content: object): Message => ({
  identities: [],
  header: newHeader(type, 'test'),
  parent_header: {},
  metadata: {},
  content: { ...content },
})
const execution = (): Message => request('execute_request', { code: strike, silent: false })

/** The kernel still answers, and nothing has run. */
async function expectUnharmed(): Promise<void> {
  const done = await kernel.execute('struck')
  const result = done.published.find(({ type }) => type === 'execute_result')
  expect(result?.content.data['text/plain']).toBe('0')
  expect(kernel.child.exitCode).toBe(null)
}

/** Frames with a right signature over whatever they hold. */
function signed(parts: Uint8Array[]): Uint8Array[] {
  const hmac = createHmac('sha256', signing.key)
  for (const part of parts) hmac.update(part)
  return [Buffer.from('<IDS|MSG>'), Buffer.from(hmac.digest('hex')), ...parts]
}

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))
const notUtf8 = fc.constant(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))
const json = fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)))
const types = fc.constantFrom(
  'constructor',
  '__proto__',
  'toString',
  'nonesuch',
  'comm_msg',
  'comm_close',
  'input_reply',
  'execute_reply',
  'debug_request',
)
const attack: fc.Arbitrary<Uint8Array[]> = fc.oneof(
  // anything at all
  fc.array(bytes, { minLength: 1, maxLength: 8 }),
  // a cell signed with another key, or not at all
  fc.string().map((key) => packMessage(execution(), { ...signing, key: `not ${key}` })),
  fc.constant(null).map(() => packMessage(execution(), { ...signing, key: '' })),
  // a cell whose code was changed on the way
  fc.constant(null).map(() => {
    const frames = packMessage(execution(), signing)
    return [...frames.slice(0, -1), Buffer.from(JSON.stringify({ code: `${strike};` }))]
  }),
  // a cell cut short, or with frames in another order
  fc
    .integer({ min: 1, max: 5 })
    .map((length) => packMessage(execution(), signing).slice(0, length)),
  fc
    .shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 2 })
    .filter((order) => order.join() !== '0,1,2,3,4,5')
    .map((order) => {
      const frames = packMessage(execution(), signing)
      return order.map((index) => frames[index] ?? Buffer.alloc(0))
    }),
  // a right signature over what is no message
  fc.array(fc.oneof(bytes, json, notUtf8), { maxLength: 6 }).map(signed),
  // ... and over messages of types that are not known, with content that is not expected
  fc
    .tuple(types, fc.dictionary(fc.string(), fc.jsonValue()))
    .map(([type, content]) => packMessage(request(type, content), signing)),
  // requests that lack everything
  fc
    .constantFrom('complete_request', 'inspect_request', 'is_complete_request', 'history_request')
    .chain((type) =>
      fc
        .dictionary(fc.constantFrom('code', 'cursor_pos', 'n', 'pattern'), fc.jsonValue())
        .map((content) => packMessage(request(type, content), signing)),
    ),
)
const sockets = fc.constantFrom('shell', 'control', 'stdin', 'iopub')

it('whatever is sent to whichever socket', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(sockets, attack), { maxLength: 12 }), async (attacks) => {
      // As a subscription it would be one.
      for (const [socket, frames] of attacks)
        if (socket !== 'iopub' || ![0, 1].includes(frames[0]?.[0] ?? 0))
          await kernel.sendRaw(socket as 'shell', frames)
      await expectUnharmed()
    }),
    { numRuns: 300 },
  )
  const lines = kernel
    .log()
    .split('\n')
    .filter((line) => line !== '')
  expect(lines.length).toBeGreaterThan(3)
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.every((line) => line.startsWith('vmalab: dropped a message to '))).toBe(true)
})

it('a message that is sent again is not run again', async () => {
  await kernel.execute('let runs = 0')
  const frames = packMessage(
    request('execute_request', { code: 'runs++; console.log("run")' }),
    signing,
  )
  for (let i = 0; i < 5; i++) await kernel.sendRaw('shell', frames)
  expect((await kernel.execute('console.log(runs)')).text()).toBe('1\n')
  expect(kernel.log().match(/shell: Error: a message that was sent before/g)).toHaveLength(1)
})

it.each([
  ['of 8 MB of comment', `/*${'x'.repeat(8_000_000)}*/ 1`, 'ok'],
  ['of 4 MB in one text', `"${'y'.repeat(4_000_000)}".length`, 'ok'],
  ['of 20,000 brackets', '('.repeat(20_000), 'error'],
  ['of 20,000 brackets that close', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'error'],
  ['of nothing but NULs', '\0'.repeat(1000), 'error'],
])('a cell %s', async (_name, code, status) => {
  expect((await kernel.execute(code)).reply.status).toBe(status)
  await expectUnharmed()
})

it('1,000 clients’ worth of subscriptions', async () => {
  for (let i = 0; i < 1000; i++)
    await kernel.sendRaw('iopub', [Buffer.concat([Buffer.from([1]), Buffer.from(randomUUID())])])
  await delay(100)
  await expectUnharmed()
})
