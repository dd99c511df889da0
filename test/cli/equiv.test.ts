// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { equiv } from '../../src/cli/equiv.ts'
import type { CellRunner } from '../../src/cli/live.ts'
import { openSession } from '../../src/cli/pages.ts'
import { captureOutput } from './captured.ts'

let folder = ''
let session: CellRunner
let captured = { out: '', err: '' }
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-equiv-'))
  session = await openSession()
})
afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  captured = captureOutput()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const runner = (): Promise<CellRunner> => Promise.resolve({ ...session, close: () => {} })

const few =
  "export const matrix = { neighbours: ['none' as const], following: ['nothing' as const], sizes: [1], pgoffs: [0] }"
const old = 'export const before: file_operations = { mmap: () => 0 }'
const prepared = (result: string) =>
  `export const after: file_operations = { mmap_prepare: () => ${result} }`

/** Writes FILE.ts and compares. */
async function compare(lines: readonly string[], ...words: string[]): Promise<string> {
  const path = join(folder, 'pair.ts')
  writeFileSync(path, ["import type { file_operations } from 'vmalab'", ...lines].join('\n'))
  try {
    return `status ${await equiv([path, ...words], runner)}`
  } catch (error) {
    return String(error).replaceAll(path, 'pair.ts')
  }
}

describe('vmalab equiv', () => {
  it.each<[string, string[], string, string]>([
    ['the same', [old, prepared('0'), few], 'status 0', 'equivalent: 24 programs'],
    ['another errno', [old, prepared('-5'), few], 'status 1', 'before: ok'],
    [
      'makers',
      [
        'export const before = () => ({ mmap: () => 0 })',
        'export function after() { return { mmap_prepare: () => 0 } }',
        few,
      ],
      'status 0',
      'equivalent',
    ],
    [
      'a release',
      [old, prepared('0'), few, "export const release = '6.12'"],
      'status 1',
      'after:  -ENODEV',
    ],
  ])('compares %s', async (_what, lines, status, text) => {
    expect(await compare(lines)).toBe(status)
    expect(captured.out).toContain(text)
  })

  it.each<[string, string[], string]>([
    [
      'no after',
      [old],
      'Error: pair.ts exports no after: write  export const after: file_operations = { ... }',
    ],
    [
      'a type error',
      [old, prepared("'x'")],
      "Error: pair.ts: TypeScriptError: line 3: TS2322: Type 'string' is not assignable to type 'number'.",
    ],
    [
      'no hooks',
      [old, 'export const after = { mmap: 7 }'],
      "Error: pair.ts, what it exports: TypeScriptError: line 3: TS2322: Type '{ mmap: number; }' is not assignable to type 'Driver'.",
    ],
    [
      'a throw',
      [old, 'export const after = (() => { throw new Error("no") })()'],
      'Error: pair.ts: Error: no',
    ],
    [
      'a bad axis',
      [old, prepared('0'), 'export const matrix = { sizes: [99] }'],
      'RangeError: matrix.sizes 99: give whole numbers from 1 to 16',
    ],
  ])('tells of %s', async (_what, lines, message) => {
    expect((await compare(lines)).split('\n')[0]).toBe(message)
  })

  it.each<[string[], string]>([
    [[], 'name one file that exports before and after'],
    [['a.ts', 'b.ts'], 'name one file that exports before and after'],
    [['a.ts', '--limit', '0'], '--limit 0: give a number of seconds above 0'],
    [['a.ts', '--release', '9'], 'no release 9: known are'],
    [['/nowhere.ts'], '/nowhere.ts: there is no such file'],
  ])('refuses %j', async (words, message) => {
    await expect(equiv(words, runner)).rejects.toThrow(message)
  })

  it('prints JSON', async () => {
    expect(await compare([old, prepared('-5'), few], '--json')).toBe('status 1')
    const { equal, differences } = JSON.parse(captured.out)
    expect([equal, differences[0].aspect, differences[0].program.length]).toEqual([
      false,
      'errno',
      2,
    ])
  })
})
