// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runFiles } from '../../src/cli/run.ts'
import type { KernelClient } from '../../src/jupyter/index.ts'
import { captureOutput } from './captured.ts'

let folder = ''
let captured = { out: '', err: '' }
let ran: string[] = []
let closed = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-run-'))
  captured = captureOutput()
  ran = []
  closed = 0
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** A kernel whose cells say what they do: `print X`, `fail X`, `value X`, `type`, `hang`, `deaf`, `die`. */
function start(): Promise<KernelClient> {
  let release: () => void = () => {}
  return Promise.resolve({
    async execute(code, onPublished) {
      ran.push(code)
      const [word, what = ''] = code.split(' ')
      if (word === 'print') onPublished('stream', { name: 'stdout', text: `${what}\n` })
      if (word === 'value') onPublished('execute_result', { data: { 'text/plain': what } })
      if (word === 'die') throw new Error('the kernel ended (SIGKILL)')
      if (word === 'hang') await new Promise<void>((resolve) => (release = resolve))
      if (word === 'fail' || word === 'type') {
        const ename = word === 'type' ? 'TypeScriptError' : 'Error'
        const error = { ename, evalue: what, traceback: [`${ename}: ${what}`] }
        onPublished('error', error)
        return { status: 'error', ...error }
      }
      return { status: 'ok' }
    },
    async interrupt() {
      release()
    },
    async close() {
      closed++
    },
  })
}

/** Writes a notebook: `-` before a cell tags it raises-exception, `~` volatile; `=> X` is its stored stdout. */
function write(name: string, cells: readonly string[]): string {
  const file = join(folder, name)
  const parsed = cells.map((text) => {
    const [, mark = '', source = '', stored] = /^([-~]?)(.*?)(?: => (.*))?$/.exec(text) ?? []
    const tags = { '-': ['raises-exception'], '~': ['volatile'] }[mark]
    return {
      cell_type: 'code',
      source: [source],
      metadata: tags ? { tags } : {},
      outputs: stored ? [{ output_type: 'stream', name: 'stdout', text: [`${stored}\n`] }] : [],
    }
  })
  const page = cells.map(
    (text) =>
      `\`\`\`ts live${text.startsWith('-') ? ' throws' : ''}\n${text.replace(/^-/, '')}\n\`\`\`\n`,
  )
  writeFileSync(
    file,
    name.endsWith('.md') ? page.join('\n') : JSON.stringify({ nbformat: 4, cells: parsed }),
  )
  return file
}

it.each<[args: string, cells: string[], status: number, ran: string, out: string, err: RegExp]>([
  ['a.ipynb', ['print a', 'value 1'], 0, 'print a|value 1', 'a\n1\n', /: 2 cells, \d/],
  ['a.ipynb', ['print a', '', 'print b'], 0, 'print a|print b', 'a\nb\n', /: 2 cells/],
  [
    'a.ipynb',
    ['print a', 'fail x', 'print b'],
    1,
    'print a|fail x',
    'a\n',
    /: cell 2: Error: x\n.*2 cells, 1 failed/,
  ],
  ['a.ipynb --allow-errors', ['fail x', 'print b'], 1, 'fail x|print b', 'b\n', /cell 1: Error: x/],
  ['a.ipynb', ['-fail x', 'print b'], 0, 'fail x|print b', 'b\n', /2 cells, \d/],
  ['a.ipynb', ['-print b'], 0, 'print b', 'b\n', /1 cells, \d/],
  ['a.ipynb', ['-type x', 'print b'], 1, 'type x', '', /cell 1: TypeScriptError: x/],
  [
    'a.ipynb --allow-errors',
    ['die', 'print b'],
    1,
    'die',
    '',
    /cell 1: the kernel ended \(SIGKILL\)/,
  ],
  [
    'a.ipynb --timeout 0.05',
    ['hang', 'print b'],
    1,
    'hang',
    '',
    /cell 1: it did not end within 0\.05 s and was/,
  ],
  ['a.ipynb --check', ['print a => a'], 0, 'print a', '', /1 cells, \d/],
  [
    'a.ipynb --check',
    ['print a => b', 'print c => c'],
    1,
    'print a|print c',
    'cell 1, outputs: line 2\n  - stored: b\n  + now:    a\n',
    /1 with other outputs/,
  ],
  ['a.ipynb --check', ['~print a => b'], 0, 'print a', '', /1 cells, \d/],
  ['p.md', ['print a'], 0, 'print a', 'a\n', /1 cells/],
  ['p.md --check', ['print a'], 0, 'print a', '', /1 cells/],
  ['p.md', ['-print a'], 1, 'print a', 'a\n', /cell 1: it is fenced "throws" but ends without/],
])('%s with %j', async (args, cells, status, code, out, err) => {
  const [name = '', ...options] = args.split(' ')
  const file = write(name, cells)
  expect(await runFiles([file, ...options], start)).toBe(status)
  expect(ran.join('|')).toBe(code)
  expect(captured.out.replaceAll(`${file}: `, '')).toBe(out)
  expect(captured.err).toMatch(err)
  expect(closed).toBe(1)
})

it.each<[args: string[], status: number, stored: string]>([
  [['--inplace'], 0, '1 a|2 b'],
  [['--inplace', '--check'], 1, '1 a|2 b'],
  [['-o', 'OUT'], 0, '1 a|2 b'],
])('%j writes the outputs', async (args, status, stored) => {
  const file = write('a.ipynb', ['print a', 'print b'])
  const out = args.includes('OUT') ? join(folder, 'out.ipynb') : file
  expect(await runFiles([file, ...args.map((word) => (word === 'OUT' ? out : word))], start)).toBe(
    status,
  )
  const { cells } = JSON.parse(readFileSync(out, 'utf8'))
  const text = (cell: { execution_count: number; outputs: { text: string[] }[] }) =>
    `${cell.execution_count} ${cell.outputs.map(({ text }) => text.join('').trim())}`
  expect(cells.map(text).join('|')).toBe(stored)
})

it('a failed cell leaves the notebook as it was, but not the one named by -o', async () => {
  const file = write('a.ipynb', ['print a', 'fail x', 'print b => b'])
  const before = readFileSync(file, 'utf8')
  expect(await runFiles([file, '--inplace'], start)).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe(before)
  expect(await runFiles([file, '-o', join(folder, 'out.ipynb')], start)).toBe(1)
  const { cells } = JSON.parse(readFileSync(join(folder, 'out.ipynb'), 'utf8'))
  expect(cells.map(({ outputs }: { outputs: object[] }) => outputs.length)).toEqual([1, 1, 1])
})

it('a file that cannot be run is told and the others run', async () => {
  const broken = join(folder, 'broken.ipynb')
  writeFileSync(broken, '{"nbformat": 4, "cells": 1}')
  const good = write('good.ipynb', ['print a'])
  expect(await runFiles([broken, join(folder, 'none.md'), good], start)).toBe(1)
  expect(captured.err).toContain(`${broken}: "cells" is 1, not a list\n`)
  expect(captured.err).toContain('none.md: there is no such file\n')
  expect(captured.err).toContain('2 of 3 files failed\n')
  expect(ran).toEqual(['print a'])
})

it.each([
  ['', /give a notebook or a page/],
  ['a.txt', /a\.txt: a notebook ends in \.ipynb/],
  ['a.ipynb -o b --inplace', /-o and --inplace: give one/],
  ['a.ipynb b.ipynb -o c', /-o takes one input, not 2/],
  ['a.md --inplace', /a\.md is a page/],
  ['a.ipynb --timeout soon', /--timeout soon: give seconds/],
  ['a.ipynb --timeout 0', /--timeout 0: give seconds/],
  ['a.ipynb --nonesuch', /--nonesuch/],
])('"%s" is refused', (args, message) =>
  expect(runFiles(args.split(' ').filter(Boolean), start)).rejects.toThrow(message),
)
