// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { modelKey, pageMemory } from '../../src/cli/page_memory.ts'
import { pages } from '../../src/cli/pages.ts'
import { captureOutput } from './captured.ts'

let folder = ''
let captured = { out: '', err: '' }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-memory-'))
  captured = captureOutput()
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** Builds a page of these cells with a model that answers each with its own name; tells what is shipped. */
async function build(model: string, ...cells: string[]): Promise<string> {
  const text = cells.map((cell) => `\`\`\`ts live\n${cell}\n\`\`\`\n`).join('\n')
  write('docs/a.md', text)
  const open = async () => ({
    knownNames: () => [],
    restart: async () => {},
    execute: async (code: string) => ({
      ok: true,
      outputs: [{ type: 'stream' as const, name: 'stdout' as const, text: `${model}(${code})` }],
    }),
    close: () => {},
  })
  captured.err = ''
  const memory = pageMemory(join(folder, 'memory'), model)
  await pages(['--docs', join(folder, 'docs'), '--out', join(folder, 'out')], open, memory)
  const { cells: shipped } = JSON.parse(readFileSync(join(folder, 'out/a.json'), 'utf8'))
  const outputs = shipped.map((cell: { outputs: { text: string }[] }) => cell.outputs[0]?.text)
  return `${captured.err.includes('as before') ? 'remembered' : 'run'} ${outputs.join(' ')}`
}

describe('a page that was run before', () => {
  it.each([
    ['the same', ['one', 'x', 'y'], 'remembered one(x) one(y)'],
    ['with another model', ['two', 'x', 'y'], 'run two(x) two(y)'],
    ['with its first cell changed', ['one', 'z', 'y'], 'run one(z) one(y)'],
    ['with its last cell changed', ['one', 'x', 'z'], 'run one(x) one(z)'],
    ['with a cell more', ['one', 'x', 'y', 'z'], 'run one(x) one(y) one(z)'],
    ['with its cells cut elsewhere', ['one', 'x\n\ny'], 'run one(x\n\ny)'],
  ] as const)('%s', async (_name, [model, ...cells], shipped) => {
    await build('one', 'x', 'y')
    expect(await build(model, ...cells)).toBe(shipped)
    expect(await build('one', 'x', 'y')).toMatch(/^(run|remembered) one\(x\) one\(y\)$/)
  })

  it('is run again when its memory is cut short', async () => {
    await build('one', 'x')
    write('memory/a.json', readFileSync(join(folder, 'memory/a.json'), 'utf8').slice(0, 40))
    expect(await build('one', 'x')).toBe('run one(x)')
  })

  it('is run again when it failed', async () => {
    const failing = ['```ts live throws', 'x', '```', ''].join('\n')
    const memory = pageMemory(join(folder, 'memory'), 'one')
    write('docs/a.md', failing)
    const open = async () => ({
      execute: async () => ({ ok: true, outputs: [] }),
      knownNames: () => [],
      restart: async () => {},
      close: () => {},
    })
    const args = ['--docs', join(folder, 'docs'), '--out', join(folder, 'out')]
    expect(await pages(args, open, memory)).toBe(1)
    expect(await pages(args, open, memory)).toBe(1)
  })
})

describe('the key of the model', () => {
  const fresh = async () => {
    write('dist/mm/vma.js', 'export const pages = 1')
    write('dist/index.d.ts', 'export {}')
    write('dist/site/live/session.js', 'one')
    write('package-lock.json', '{}')
    return modelKey(folder)
  }

  it.each([
    ['a byte of the model', 'dist/mm/vma.js', 'export const pages = 2'],
    ['a type alone', 'dist/index.d.ts', 'export type {}'],
    ['a new file', 'dist/eras/new.js', ''],
    ['a package', 'package-lock.json', '{"packages": {}}'],
  ])('changes with %s', async (_name, file, text) => {
    const before = await fresh()
    write(file, text)
    expect(await modelKey(folder)).not.toBe(before)
  })

  it('stays with nothing changed, and with a change of the site alone', async () => {
    const before = await fresh()
    write('dist/site/live/session.js', 'two')
    write('dist/.tsbuildinfo', 'two')
    expect(await modelKey(folder)).toBe(before)
  })
})
