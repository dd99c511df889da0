// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { notebooks } from '../../src/cli/notebooks.ts'
import { pages } from '../../src/cli/pages.ts'
import type { CellOutput } from '../../src/literate/index.ts'
import { captureOutput } from './captured.ts'

// A cell of these pages is a word: "print x" prints, "throw x" throws, "type x" does not type check.
// A page is one line whose "|" ends a line; [x], [x volatile] and [x throws] are live cells.
const markdown = (page: string) =>
  page.replace(/\[(\w+ \w+)((?: \w+)*)\]/g, '\n```ts live$2\n$1\n```\n').replaceAll('|', '\n')

let sessions = 0
let open_sessions = 0
let restarts = 0
const openFake = async () => {
  sessions++
  open_sessions++
  return {
    execute: async (code: string) => execute(code),
    knownNames: () => [],
    restart: async () => void restarts++,
    close: () => void open_sessions--,
  }
}

function execute(code: string): { ok: boolean; outputs: CellOutput[] } {
  const [verb, word = ''] = code.split(' ')
  if (verb === 'print')
    return { ok: true, outputs: [{ type: 'stream', name: 'stdout', text: word }] }
  const ename = verb === 'type' ? 'TypeScriptError' : 'Error'
  return {
    ok: false,
    outputs: [{ type: 'error', ename, evalue: word, traceback: [`${ename}: ${word}`] }],
  }
}

let folder = ''
let captured = { out: '', err: '' }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-pages-'))
  mkdirSync(join(folder, 'docs'))
  sessions = 0
  restarts = 0
  captured = captureOutput()
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
  expect(open_sessions).toBe(0)
})

/** Writes the pages, told as `name: page`. */
function write(...docs: string[]): void {
  for (const doc of docs) {
    const [name = '', page = ''] = doc.split(/: (.*)/)
    mkdirSync(dirname(join(folder, 'docs', name)), { recursive: true })
    writeFileSync(join(folder, 'docs', `${name}.md`), markdown(page))
  }
}

const run = (...names: string[]) =>
  pages(['--docs', join(folder, 'docs'), '--out', join(folder, 'out'), ...names], openFake)
const book = (...words: string[]) =>
  notebooks(['--docs', join(folder, 'docs'), '--dir', join(folder, 'books'), ...words], openFake)
const written = (name: string) =>
  JSON.parse(readFileSync(join(folder, 'out', `${name}.json`), 'utf8'))

describe('vmalab pages', () => {
  it('writes what the cells of each page gave, and no output of a volatile one', async () => {
    write('a: text[print x][print y volatile]', 'sub/b: no cell')
    expect(await run()).toBe(0)
    const stdout = { type: 'stream', name: 'stdout', text: 'x' }
    expect(written('a')).toEqual({
      page: 'a',
      cells: [
        { code: 'print x', volatile: false, outputs: [stdout], names: [] },
        { code: 'print y', volatile: true, outputs: [], names: [] },
      ],
    })
    expect(written('sub/b')).toEqual({ page: 'sub/b', cells: [] })
    expect(sessions).toBe(1)
  })

  it('starts the session anew for each page, also after one that failed', async () => {
    write('a: [print x]', 'b: [throw x][print y]', 'c: [print x]')
    expect(await run()).toBe(1)
    expect([sessions, restarts]).toEqual([1, 2])
  })

  it.each([
    ['a: [throw x throws]', 0, ''],
    ['a: one|[throw x]', 1, 'docs/a.md:4: cell 1: Error: x\n  Error: x\n'],
    ['a: [throw x volatile]', 1, 'cell 1: Error: x'],
    [
      'a: [print x throws]',
      1,
      'docs/a.md:3: cell 1 is fenced "throws" but ends without an error\n',
    ],
    ['a: [type x throws]', 1, 'cell 1: TypeScriptError: x'],
    ['a: [print x][type y]', 1, 'docs/a.md:7: cell 2: TypeScriptError: y'],
    ['a: [print x][throw y]', 1, '1 of 1 pages failed\n'],
  ])('%s: exit %i, %s', async (page, status, message) => {
    write(page)
    expect(await run()).toBe(status)
    expect(captured.err).toContain(message)
  })

  it('goes on with the next page after a failure', async () => {
    write('a: [throw x]', 'b: [print y]')
    expect(await run()).toBe(1)
    expect(written('b').cells.length).toBe(1)
    expect(captured.err).toContain('1 of 2 pages failed')
  })

  it.each([
    [['sub/b'], ['sub/b']],
    [
      ['sub/b.md', 'a'],
      ['a', 'sub/b'],
    ],
  ])('runs the named pages alone: %j', async (names, ran) => {
    write('a: [print x]', 'sub/b: [print y]', 'c: [throw z]')
    expect(await run(...names)).toBe(0)
    expect(captured.err.match(/^\S+(?=: 1 cells)/gm)).toEqual(ran)
  })

  it('takes the file of a page for its name', async () => {
    write('sub/b: [print y]')
    expect(await run(join(folder, 'docs/sub/b.md'))).toBe(0)
  })

  it.each([
    ['c', 'no page "c"; the pages are a, sub/b'],
    ['../a', 'no page "../a"'],
  ])('refuses %s: %s', async (name, message) => {
    write('a: [print x]', 'sub/b: [print y]')
    await expect(run(name)).rejects.toThrow(message)
  })

  it('names the file and the line of a bad fence', async () => {
    write('a: one|[print x fast]')
    await expect(run()).rejects.toThrow(/docs\/a\.md:3: "ts live fast": unknown word "fast"/)
  })

  it('names a folder that is none', async () => {
    await expect(pages(['--docs', join(folder, 'no')], openFake)).rejects.toThrow(
      'no is not a folder of pages',
    )
  })
})

describe('vmalab notebooks', () => {
  it('writes a notebook that its own check finds in step', async () => {
    write('a: text[print x][print y volatile]', 'sub/b: see [a](../a.md)')
    expect(await book()).toBe(0)
    expect(await book('--check')).toBe(0)
    expect(captured.out).toBe('')
    expect(readFileSync(join(folder, 'books/sub/b.ipynb'), 'utf8')).toContain(
      '"see [a](../a.ipynb)"',
    )
  })

  it.each([
    ['a: text[print z]', 'books/a.ipynb: cell 1, outputs: line'],
    [
      'a: words[print x]',
      'books/a.ipynb: the prose after cell 0, source: line 1\n  - page:     words\n  + notebook: text\n',
    ],
    ['a: text[throw x]', ''],
    ['b: new', 'books/b.ipynb: the file is missing\n'],
  ])('notices that the pages are now %s', async (page, difference) => {
    write('a: text[print x]')
    await book()
    const before = readFileSync(join(folder, 'books/a.ipynb'), 'utf8')
    write(page)
    expect(await book('--check')).toBe(1)
    expect(captured.out).toContain(difference)
    expect(readFileSync(join(folder, 'books/a.ipynb'), 'utf8')).toBe(before)
  })

  it("tells of a notebook whose page is gone, and leaves a reader's own alone", async () => {
    write('a: text', 'sub/b: text')
    await book()
    rmSync(join(folder, 'docs/sub/b.md'))
    writeFileSync(join(folder, 'books/own.ipynb'), '{"cells": []}')
    expect(await book('--check')).toBe(1)
    expect(captured.out).toMatch(
      /^\S*books\/sub\/b\.ipynb: no page has this notebook; delete it\n$/,
    )
  })
})
