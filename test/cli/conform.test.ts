// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, expect, it, vi } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { captureOutput } from './captured.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vmalab-conform-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Runs `vmalab conform`: the exit status, what it printed and the line of JSON when asked for. */
async function conform(...args: string[]) {
  const captured = captureOutput()
  const status = await main(['conform', ...args])
  vi.restoreAllMocks()
  const { out, err } = captured
  const last = out.trimEnd().split('\n').at(-1) ?? ''
  return { status, out, err, totals: last.startsWith('{') ? JSON.parse(last) : null }
}

const vectors = (world: string, set: string) => `test/vectors/${world}/${set}.jsonl.gz`

it.each([
  ['vma-7.3.4', 'designed'],
  ['vma-7.3.4', 'random'],
  ['vma-6.12', 'designed'],
  ['vma-6.12', 'random'],
  ['vma-rfc', 'designed'],
  ['vma-rfc', 'random'],
])('%s %s: no mismatch, nothing skipped', async (world, set) => {
  const { status, totals } = await conform(vectors(world, set), '--json')
  expect([status, totals.mismatched_scenarios, totals.skipped_ops]).toEqual([0, 0, 0])
  expect(totals.ops).toBeGreaterThan(9000)
})

it.each([
  ['live-7.3', 'designed'],
  ['live-7.3', 'random'],
  ['live-7.3', 'extra'],
  ['live-6.18', 'designed'],
  ['live-6.18', 'random'],
  ['live-6.18', 'extra'],
  ['live-6.12', 'designed'],
  ['live-6.12', 'random'],
  ['live-6.12', 'extra'],
])('%s %s: no mismatch, nothing skipped, live', async (world, set) => {
  const { status, totals } = await conform(vectors(world, set), '--json')
  expect([status, totals.mismatched_scenarios, totals.skipped_ops]).toEqual([0, 0, 0])
  expect(totals.ops).toBeGreaterThan(9000)
})

type Json = Record<string, unknown>
const lines = (path: string): Json[] =>
  gunzipSync(readFileSync(path))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Writes scenarios as a vector file of a world and returns its path. */
function vectorFile(world: string, scenarios: readonly Json[], name = 'one.jsonl'): string {
  mkdirSync(join(scratch, world), { recursive: true })
  const path = join(scratch, world, name)
  const text = scenarios.map((one) => JSON.stringify(one)).join('\n')
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

const shared = lines(vectors('vma-7.3.4', 'designed')).find(
  ({ id }) => id === 'shape/file4-shared/both-then-unmap-mid-remap',
)!
const core = lines(vectors('live-7.3', 'random')).find(({ name }) =>
  String(name).includes('/core/'),
)!

it.each<[string, (step: Json) => void]>([
  [
    'return',
    (step) => {
      step.r = 1
    },
  ],
  [
    'map_count',
    (step) => {
      step.mc = 9
    },
  ],
  [
    'total',
    (step) => {
      ;(step.st as number[])[0]! += 1
    },
  ],
  [
    'committed',
    (step) => {
      ;(step.st as number[])[5]! += 1
    },
  ],
  [
    'files',
    (step) => {
      ;(step.files as number[][])[0]![1]! += 1
    },
  ],
  [
    'hooks',
    (step) => {
      ;(step.hooks as unknown[]).pop()
    },
  ],
  [
    'hooks',
    (step) => {
      ;(step.hooks as unknown[]).push(['put', 4])
    },
  ],
  [
    'hooks',
    (step) => {
      ;(step.hooks as unknown[]).reverse()
    },
  ],
  [
    'hooks',
    (step) => {
      delete step.hooks
    },
  ],
  [
    'the list',
    (step) => {
      delete step.add
    },
  ],
  [
    'the list',
    (step) => {
      ;(step.vmas as number[][])[0]![7]! += 1
    },
  ],
])('reports a damaged %s of a vma scenario', async (what, damage) => {
  const damaged = structuredClone(shared)
  damage((damaged.exp as Json[])[2]!)
  const { status, out, totals } = await conform(vectorFile('vma-7.3.4', [damaged]), '--json')
  expect([status, totals.mismatched_scenarios]).toEqual([1, 1])
  expect(out).toContain(what)
  expect(out).toContain('> 2: mmap 65540 4 251 4 4')
  expect(totals.unreached_ops).toBe(3)
})

it.each<[string, (step: Json) => void]>([
  [
    'return',
    (step) => {
      step.r = 'EPERM'
    },
  ],
  [
    'the list',
    (step) => {
      ;(step.v as unknown[]).pop()
    },
  ],
  [
    '[total',
    (step) => {
      ;(step.s as number[])[2]! += 1
    },
  ],
])('reports a damaged %s of a live scenario', async (what, damage) => {
  const damaged = structuredClone(core)
  damage((damaged.res as Json[])[2]!)
  const { status, out } = await conform(vectorFile('live-7.3', [damaged]))
  expect(status).toBe(1)
  expect(out).toContain(what)
})

it('reads plain and gzipped files of both formats in one run, and counts --limit over all', async () => {
  const one = vectorFile('vma-7.3.4', [shared, shared], 'two.jsonl.gz')
  const other = vectorFile('live-7.3', [core, core], 'two.jsonl')
  const { totals } = await conform(one, other, '--limit', '3', '--json')
  expect([totals.scenarios, totals.mismatched_scenarios]).toEqual([3, 0])
})

it('ends a skipped scenario there and counts the rest under its reason', async () => {
  const scenario = structuredClone(shared) as Json & { ops: unknown[][] }
  scenario.ops[3] = ['frobnicate', 1]
  const { status, totals } = await conform(vectorFile('vma-7.3.4', [scenario]), '--json')
  expect([status, totals.skipped_ops, totals.skip_reasons]).toEqual([0, 3, { frobnicate: 3 }])
})

it('takes a difference for information where the recording doubts itself, except committed pages of 6.12', async () => {
  const doubtful = structuredClone(shared)
  const step = (doubtful.exp as Json[])[2]!
  Object.assign(step, { bad: 'refs', mc: 7 })
  const { status, totals } = await conform(vectorFile('vma-7.3.4', [doubtful]), '--json')
  expect([status, totals.informative_ops]).toEqual([0, 1])
  step.bad = 'committed 1!=2'
  expect((await conform(vectorFile('vma-6.12', [doubtful]))).status).toBe(1)
})

it.each([
  ['no such file', [join(scratch, 'vma-6.12', 'none.jsonl')], 1, 'no such file'],
  ['a folder that names no world', ['package.json'], 2, 'add --as WORLD'],
  ['an unknown world', ['package.json', '--as', 'vma-1.0'], 2, 'known are vma-7.3.4'],
  [
    'a limit that is no number',
    ['package.json', '--limit', 'x'],
    2,
    '--limit x: give a whole number',
  ],
  [
    'a family that no scenario belongs to',
    [vectors('vma-rfc', 'designed'), '--family', 'frob'],
    2,
    '--family frob: no scenario belongs to it; there are',
  ],
  ['no file', [], 2, 'name one or more vector files'],
  ['an unknown option', ['--frob'], 2, '--frob'],
])('says what is wrong: %s', async (_, args, status, message) => {
  const done = await conform(...args)
  expect(done.status).toBe(status)
  expect(done.err).toContain(message)
})

const vma = (expected: string) =>
  `{"id":"a","fam":"b","files":[],"vm_ops":[],"ops":[["end"]],"exp":[${expected}]}`

it.each([
  [
    'truncated.jsonl.gz',
    (whole: Buffer) => whole.subarray(0, whole.length / 2),
    'cannot be read to its end',
  ],
  ['text.jsonl', () => Buffer.from('hello\n'), 'text.jsonl:1: not JSON'],
  ['empty.jsonl', () => Buffer.from(''), 'is empty'],
  ['other.jsonl', () => Buffer.from('{"ops":[]}\n'), 'neither `exp` nor `res`'],
  ['short.jsonl', () => Buffer.from(`${vma('')}\n`), '1 ops but 0 expectations'],
  [
    'counters.jsonl',
    () => Buffer.from(`${vma('{"r":0,"mc":0}')}\n`),
    'counters.jsonl:1: exp[0] (end) has no list `st` of six counters',
  ],
  [
    'result.jsonl',
    () => Buffer.from('{"name":"a","ops":["munmap 0 1"],"res":[{}]}\n'),
    'result.jsonl:1: res[0] (munmap 0 1) has no `r`',
  ],
])('refuses the damaged file %s', async (name, content, message) => {
  const path = join(scratch, name)
  writeFileSync(path, content(readFileSync(vectors('vma-7.3.4', 'designed'))))
  const { status, err } = await conform(path, '--as', 'vma-7.3.4')
  expect(status).toBe(1)
  expect(err).toContain(message)
})
