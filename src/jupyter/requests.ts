// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { CellOutput } from '../literate/index.ts'
import { drawn } from './drawing.ts'
import { interrupted as stopped } from './interrupted.ts'
import type { SessionOutput } from './outputs.ts'
import { packageRoot } from './package.ts'
import type { Kernel, Request } from './server.ts'
import { PROTOCOL_VERSION } from './wire.ts'

type Content = Readonly<Record<string, unknown>>

/** By message type: does what is asked and gives the content of the reply, or nothing when none is wanted. */
export const answers: Readonly<
  Record<
    string,
    (request: Request, kernel: Kernel) => Content | undefined | Promise<Content | undefined>
  >
> = {
  kernel_info_request: () => kernelInfo(),
  execute_request: execute,
  async complete_request({ content }, { session }) {
    const code = text(content, 'code')
    const found = await session.complete(code, offsetOf(code, content.cursor_pos))
    return {
      status: 'ok',
      matches: found.matches,
      cursor_start: codePoints(code, found.start),
      cursor_end: codePoints(code, found.end),
      metadata: {},
    }
  },
  async inspect_request({ content }, { session }) {
    const code = text(content, 'code')
    const found = await session.inspect(code, offsetOf(code, content.cursor_pos))
    const data = found === undefined ? {} : { 'text/plain': found }
    return { status: 'ok', found: found !== undefined, data, metadata: {} }
  },
  is_complete_request: async ({ content }, { session }) => ({
    ...(await session.isComplete(text(content, 'code'))),
  }),
  history_request: ({ content }, { history }) => ({
    status: 'ok',
    history: history.select(content),
  }),
  comm_info_request: () => ({ status: 'ok', comms: {} }),
  comm_open({ content, publish }) {
    // No comm target is known: the other side is told at once.
    publish('comm_close', { comm_id: content.comm_id, data: {} })
    return undefined
  },
  async interrupt_request(_request, kernel) {
    kernel.interruptWaiting()
    await kernel.session.interrupt()
    return { status: 'ok' }
  },
  shutdown_request({ content, publish }, kernel) {
    const reply = { status: 'ok', restart: content.restart === true }
    publish('shutdown_reply', reply)
    // After this turn, in which the reply goes out.
    setImmediate(() => kernel.shutdown())
    return reply
  },
}

async function execute(
  { content, interrupted, publish, ask, abortQueued }: Request,
  kernel: Kernel,
): Promise<Content> {
  const code = text(content, 'code')
  const silent = content.silent === true
  const counted = !silent && content.store_history !== false
  if (counted) kernel.count++
  const execution_count = kernel.count
  if (!silent) publish('execute_input', { code, execution_count })

  let failure: Content | undefined
  let result: string | undefined
  const payload: Content[] = []
  const onOutput = async (output: SessionOutput): Promise<void> => {
    if (output.type === 'error') failure ??= errorContent(output)
    if (output.type === 'result') result = output.data['text/plain']
    if (output.type === 'page')
      payload.push({ source: 'page', data: (await drawn(output.data)).data, start: 0 })
    if (!silent)
      for (const [type, body] of await messages(output, execution_count)) publish(type, body)
  }
  const cell = counted ? execution_count : 0
  if (interrupted) await onOutput(stopped)
  const ok = !interrupted && (await kernel.session.execute(code, cell, { onOutput, ask }))
  if (counted) kernel.history.add(execution_count, code, result)
  if (ok)
    return {
      status: 'ok',
      execution_count,
      payload,
      user_expressions: await evaluate(content.user_expressions, kernel, ask),
    }
  if (content.stop_on_error !== false) abortQueued()
  return { status: 'error', execution_count, ...failure }
}

/** An output as the messages that publish it. */
async function messages(
  output: SessionOutput,
  execution_count: number,
): Promise<[string, Content][]> {
  switch (output.type) {
    case 'stream':
      return [['stream', { name: output.name, text: output.text }]]
    case 'error':
      return [['error', errorContent(output)]]
    case 'clear':
      return [['clear_output', { wait: output.wait }]]
    case 'page':
      return []
    case 'named':
    case 'display':
    case 'result': {
      const { data, problem } = await drawn(output.data)
      const body = { data, metadata: {} }
      const shown = shownAs(output, body, execution_count)
      return problem ? [shown, ['stream', { name: 'stderr', text: `${problem}\n` }]] : [shown]
    }
  }
}

function shownAs(
  output: Extract<SessionOutput, { readonly data: unknown }>,
  body: Content,
  execution_count: number,
): [string, Content] {
  if (output.type === 'result') return ['execute_result', { ...body, execution_count }]
  if (output.type !== 'named') return ['display_data', { ...body, transient: {} }]
  const type = output.update ? 'update_display_data' : 'display_data'
  return [type, { ...body, transient: { display_id: output.id } }]
}

function errorContent({
  ename,
  evalue,
  traceback,
}: Extract<CellOutput, { type: 'error' }>): Content {
  return { ename, evalue, traceback }
}

/** The values of a request's expressions by name, each a bundle or an error. */
async function evaluate(
  expressions: unknown,
  { session }: Kernel,
  ask: Request['ask'],
): Promise<Content> {
  const values: Record<string, unknown> = {}
  for (const [name, expression] of Object.entries(Object(expressions))) {
    let value: Content = { status: 'ok', data: { 'text/plain': 'undefined' }, metadata: {} }
    const onOutput = async (output: SessionOutput): Promise<void> => {
      if (output.type === 'error') value = { status: 'error', ...errorContent(output) }
      if (output.type === 'result') value = { ...value, data: (await drawn(output.data)).data }
    }
    await session.execute(`(${expression}\n)`, 0, { onOutput, ask })
    values[name] = value
  }
  return values
}

function kernelInfo(): Content {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const { version } = read(join(packageRoot, 'package.json'))
  const tslab = createRequire(createRequire(import.meta.url).resolve('tslab'))
  const typescript = read(tslab.resolve('@tslab/typescript-for-tslab/package.json'))
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'vmalab',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: typescript.version,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      codemirror_mode: { name: 'javascript', typescript: true, mode: 'typescript' },
      nbconvert_exporter: 'script',
    },
    banner: `vmalab ${version}: an executable model of Linux's mmap path\nIn scope: mm, an address space of Linux 7.3, and everything that "vmalab" exports.`,
    help_links: [],
    supported_features: [],
  }
}

function text(content: Content, name: string): string {
  const value = content[name]
  if (typeof value !== 'string') throw new Error(`"${name}" is not a text`)
  return value
}

/** The protocol counts code points, JavaScript UTF-16 units. */
function offsetOf(code: string, cursor: unknown): number {
  if (typeof cursor !== 'number') return code.length
  return [...code].slice(0, cursor).join('').length
}

function codePoints(code: string, offset: number): number {
  return [...code.slice(0, offset)].length
}
