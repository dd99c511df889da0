// SPDX-License-Identifier: GPL-2.0-only
// The picture that a kernel starts from: when it is used, and that nobody can tell.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { packageRoot } from '../../src/jupyter/package.ts'
import { areUnchanged, stampOf } from '../../src/jupyter/picture.ts'
import { type Kernel, kernelArgv, readyKernel } from './client.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-'))
  cpSync(inject('kernelspec'), folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The argv of the kernelspec in `folder`. */
const argv = (file: string): string[] =>
  kernelArgv(file).map((word) => word.replace(inject('kernelspec'), folder))
const isPictured = ({ child }: Kernel): boolean =>
  readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').includes('--snapshot-blob')
const startScript = (change: (text: string) => string): void => {
  const path = join(folder, 'start.sh')
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

it.each<[string, boolean, () => NodeJS.ProcessEnv | undefined]>([
  ['as installed', true, () => undefined],
  ['the picture is gone', false, () => void rmSync(join(folder, 'start.blob'))],
  ['Node has options', false, () => ({ NODE_OPTIONS: '--max-old-space-size=512' })],
  [
    'another Node',
    false,
    () => startScript((text) => text.replace(process.version, 'v0')) as undefined,
  ],
  [
    'another processor',
    false,
    () => startScript((text) => text.replace("= 'flags", "= 'x")) as undefined,
  ],
])('%s: from the picture %s', async (_name, expected, prepare) => {
  const env = prepare()
  const kernel = await readyKernel({ argv, ...(env && { env }) })
  try {
    expect(isPictured(kernel)).toBe(expected)
    const { published } = await kernel.execute('const n: number = mm.vmas.length; n')
    expect(published.at(-1)?.content.data).toEqual({ 'text/plain': '0' })
  } finally {
    await kernel.close()
  }
})

describe('what is not in a picture is there all the same', () => {
  let kernel: Kernel
  beforeEach(async () => {
    kernel = await readyKernel()
  })
  afterEach(() => kernel.close())

  it('in cells', async () => {
    for (const [code, expected] of [
      ['import fs from "fs"; fs.existsSync("/")', 'true'],
      ['const os = await import("node:os"); os.cpus().length > 0', 'true'],
      ['new console.Console(process.stdout).log("said"); 1', '1'],
      ['new Intl.NumberFormat("de").format(1234.5)', "'1.234,5'"],
      ['["b", "a"].sort((x, y) => x.localeCompare(y)).join()', "'a,b'"],
      [
        '(globalThis as any).WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))',
        'true',
      ],
      ['(await fetch("data:text/plain,hello")).ok', 'true'],
      ['(globalThis as any).crypto.randomUUID().length', '36'],
      ['process.argv.length + " " + process.argv.slice(2, 3)', "'4 kernel'"],
      ['process.execArgv.join()', "'--no-force-async-hooks-checks'"],
      [
        'import { execFileSync } from "child_process"; String(execFileSync("echo", ["x"]))',
        "'x\\n'",
      ],
      [
        'new Promise((done) => setTimeout(() => done(new Error("x").stack.includes("cell")), 5))',
        'Promise',
      ],
      ['typeof structuredClone(new Map([[1, 2]])).get(1)', "'number'"],
      [
        'const three = mm.mmap({ len: 3 * PAGE_SIZE, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS }); mm.munmap(three + PAGE_SIZE, PAGE_SIZE); figureText(layout(mm))',
        'A′.A″',
      ],
    ] as const) {
      const { published } = await kernel.execute(code)
      const text = published.at(-1)?.content.data?.['text/plain']
      expect(text ?? JSON.stringify(published), code).toContain(expected)
    }
  })

  it('in an ES module beside the notebook, with the same model', async () => {
    mkdirSync(join(kernel.folder, 'node_modules'))
    symlinkSync(packageRoot, join(kernel.folder, 'node_modules', 'vmalab'))
    writeFileSync(
      join(kernel.folder, 'own.mjs'),
      `import { Mm, linux } from 'vmalab'
       import { toSvg } from 'vmalab/figures'
       export const fresh = () => new Mm(linux())
       export { toSvg }`,
    )
    const { published } = await kernel.execute(
      `import * as figures from 'vmalab/figures'
       const own = await import('./own.mjs')
       const both = [own.fresh() instanceof Mm, own.toSvg === figures.toSvg]
       both`,
    )
    expect(published.at(-1)?.content.data).toEqual({ 'text/plain': '[ true, true ]' })
  })

  it('in a process that a cell forks', async () => {
    const file = join(folder, 'child.cjs')
    writeFileSync(file, 'process.send(process.argv.length)')
    const { published } = await kernel.execute(
      `import { fork } from "child_process"; import { once } from "events"
       const forked = fork(${JSON.stringify(file)}); const [got] = await once(forked, "message"); got`,
    )
    expect(published.at(-1)?.content.data).toEqual({ 'text/plain': '2' })
  })
})

it('a changed file is noticed', () => {
  const path = join(folder, 'x.d.ts')
  writeFileSync(path, 'one')
  const stamps = [stampOf(path)]
  expect(areUnchanged(stamps)).toBe(true)
  writeFileSync(path, 'other')
  expect(areUnchanged(stamps)).toBe(false)
  rmSync(path)
  expect(areUnchanged(stamps)).toBe(false)
})
