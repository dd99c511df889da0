// SPDX-License-Identifier: GPL-2.0-only
// How a kernel starts and ends.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { kernelArgv, readyKernel, startKernel } from './client.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('answers kernel_info before the engine is there, and runs what was asked meanwhile', async () => {
  const kernel = await startKernel()
  try {
    const asked = kernel.execute('mm.vmas.length; Object.keys(globalThis).length > 0')
    expect((await kernel.request('kernel_info_request', {}, 'control')).reply.status).toBe('ok')
    expect((await asked).reply).toMatchObject({ status: 'ok', execution_count: 1 })
    const [first] = kernel.all
    expect([first?.type, first?.content.execution_state]).toEqual(['iopub_welcome', undefined])
  } finally {
    await kernel.close()
  }
})

it('holds what is published for a client that begins to listen late', async () => {
  const kernel = await startKernel({ listensLate: true })
  try {
    await kernel.request('kernel_info_request', {})
    expect(kernel.all.map(({ type, content }) => content.execution_state ?? type)).toEqual([
      'iopub_welcome',
      'starting',
      'busy',
      'idle',
    ])
  } finally {
    await kernel.close()
  }
})

it.each([
  ['mm', /mapped/],
  ['layout(mm)', /mapped/],
  ['new Mm(linux("6.12"))', /mapped/],
  ['[PROT_READ, MAP_PRIVATE, EINVAL, VMA_IO_BIT].every(Number.isInteger)', /^true$/],
  ['const d: vm_area_desc | null = null; d === null', /^true$/],
  ['processMaps()', /r-xp/],
  ['import { Mm as M } from "vmalab"; M === Mm', /^true$/],
])('first cell of a fresh kernel in an empty folder: %s', async (code, result) => {
  const kernel = await readyKernel({ cwd: folder })
  try {
    const done = await kernel.execute(code)
    const value = done.published.find(({ type }) => type === 'execute_result')
    expect(value?.content.data['text/plain'], JSON.stringify(done.published)).toMatch(result)
  } finally {
    await kernel.close()
  }
})

it.each([
  ['shutdown_request, idle', false],
  ['shutdown_request, while a cell runs for ever', true],
])('%s', async (_name, busy) => {
  const kernel = await readyKernel()
  try {
    if (busy) {
      kernel.execute('for (;;) {}').catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    // Jupyter's heartbeats do not stop for it.
    const beats = async (): Promise<never> => {
      for (;;) await kernel.beat('still there?')
    }
    beats().catch(() => {})
    const { reply } = await kernel.request('shutdown_request', { restart: true }, 'control')
    expect(reply).toMatchObject({ status: 'ok', restart: true })
    expect(await kernel.exited).toBe(0)
    expect(kernel.log()).toBe('')
  } finally {
    await kernel.close()
  }
})

it.each([
  ['once it serves', false],
  ['before it has begun', true],
])('ends with the process that started it, killed %s', async (_name, atOnce) => {
  // A parent that starts the kernel, tells its pid and is killed.
  const file = join(folder, 'c.json')
  const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 }
  writeFileSync(
    file,
    JSON.stringify({ transport: 'ipc', ip: join(folder, 'k'), key: '', ...ports }),
  )
  const argv = JSON.stringify(kernelArgv(file))
  const parent = spawn(
    process.execPath,
    [
      '-e',
      `const [node, ...args] = ${argv}
       const child = require('child_process').spawn(node, args, { stdio: 'ignore', env: { ...process.env, JPY_PARENT_PID: process.pid } })
       console.log(child.pid); setInterval(() => {}, 1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (text) => resolve(Number(text))),
  )
  while (!atOnce && !existsSync(join(folder, 'k-1')))
    await new Promise((resolve) => setTimeout(resolve, 50))
  parent.kill('SIGKILL')
  const lives = (): boolean => {
    try {
      process.kill(pid, 0)
      return !readFileSync(`/proc/${pid}/status`, 'utf8').includes('State:\tZ')
    } catch {
      return false
    }
  }
  while (lives()) await new Promise((resolve) => setTimeout(resolve, 50))
})

it('ignores messages that are not signed with its key', async () => {
  const kernel = await startKernel({ key: 'another key' })
  try {
    const answered = kernel.request('kernel_info_request', {}).then(() => true)
    const silence = new Promise((resolve) => setTimeout(resolve, 4000, false))
    expect(await Promise.race([answered.catch(() => false), silence])).toBe(false)
  } finally {
    await kernel.close()
  }
})

it('ends with an error when its sockets cannot be bound', async () => {
  const file = join(folder, 'c.json')
  const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 }
  const ip = join(folder, 'none', 'k')
  writeFileSync(file, JSON.stringify({ transport: 'ipc', ip, key: '', ...ports }))
  const [node = '', ...args] = kernelArgv(file)
  const { status, stderr } = spawnSync(node, args, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([1, expect.stringContaining('vmalab kernel: ')])
})

describe('a connection file that', () => {
  it.each([
    ['is missing', undefined, /there is no connection file .*c\.json \(waited 5 s\)/],
    ['is not JSON', 'half a fi', /c\.json is not a connection file .*JSON/],
    ['lacks a port', '{"ip":"127.0.0.1","key":""}', /"shell_port" is undefined, not a port/],
    ['is a folder', null, /cannot read the connection file .*EISDIR/],
  ])('%s', (_name, text, message) => {
    const file = text === null ? folder : join(folder, 'c.json')
    if (typeof text === 'string') writeFileSync(file, text)
    const [node = '', ...args] = kernelArgv(file)
    const { status, stderr, stdout } = spawnSync(node, args, { encoding: 'utf8' })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(message)
  })

  it('comes late is waited for', async () => {
    const file = join(folder, 'late.json')
    const [node = '', ...args] = kernelArgv(file)
    const child = spawn(node, args, { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const ports = { shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 }
    writeFileSync(
      file,
      JSON.stringify({ transport: 'ipc', ip: join(folder, 'k'), key: '', ...ports }),
    )
    while (!existsSync(join(folder, 'k-1')) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(child.exitCode).toBe(null)
  })

  it.each([[[]], [['a', 'b']]])('is given as %j', (words) => {
    const [node = '', ...args] = kernelArgv('')
    const { status, stderr } = spawnSync(node, [...args.slice(0, -1), ...words], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([2, expect.stringContaining('usage: vmalab kernel')])
  })
})

it('says what to do before a cell takes too much memory, of which Node ends the kernel', async () => {
  const kernel = await readyKernel({ env: { NODE_OPTIONS: '--max-old-space-size=300' } })
  try {
    const running = kernel.execute('const all = []; for (;;) all.push(new Array(1e5).fill(0))')
    await expect(running).rejects.toThrow('the kernel ended')
    expect(kernel.log()).toMatch(/^vmalab: the kernel takes \d+ MiB; .*--max-old-space-size=\d+/m)
  } finally {
    await kernel.close()
  }
})
