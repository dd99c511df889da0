// SPDX-License-Identifier: GPL-2.0-only
// The kernel in the clients that people have.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cell, openScratch, root, type Scratch } from './scratch.ts'

let scratch: Scratch
beforeAll(() => {
  scratch = openScratch()
})
afterAll(() => scratch?.remove())

const cellsOf = (path: string): Cell[] => JSON.parse(readFileSync(path, 'utf8')).cells

it('passes the Jupyter project’s tests of kernels, every sample given', () => {
  const { stdout, stderr } = scratch.run('kernel_test.py', ['vmalab'])
  const { run, skipped, failed } = JSON.parse(stdout || '{}')
  expect({ skipped, failed }, stderr).toEqual({ skipped: [], failed: {} })
  expect(run).toBeGreaterThan(12)
})

describe('a notebook with an error in the middle', () => {
  const cells = ['console.log("one")', 'throw new RangeError("two")', 'console.log("three")', '4']
  const convert = (name: string, ...options: string[]) =>
    scratch.run('jupyter', [
      'nbconvert',
      ...['--to', 'notebook', '--execute', '--output', `${name}-done.ipynb`],
      ...options,
      scratch.write(name, cells),
    ])

  it('ends nbconvert with a status that is not 0, and the error', () => {
    const { status, stderr } = convert('stops')
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/RangeError: two\s+at cell 2, line 1/)
  })

  it('runs to its end with --allow-errors, nothing left out', () => {
    const { status, stderr } = convert('goes-on', '--allow-errors')
    expect(status, stderr).toBe(0)
    const done = cellsOf(join(scratch.folder, 'goes-on-done.ipynb'))
    expect(done.map((cell) => cell.execution_count)).toEqual([1, 2, 3, 4])
    expect(done.map(({ outputs }) => outputs.map((one) => one.output_type))).toEqual([
      ['stream'],
      ['error'],
      ['stream'],
      ['execute_result'],
    ])
  })
})

it('nbconvert to HTML shows the figures of a page', () => {
  const { status, stderr } = scratch.run('jupyter', [
    'nbconvert',
    ...['--to', 'html', '--execute', '--output-dir', scratch.folder],
    join(root, 'notebooks', 'hooks', 'mmap_prepare.ipynb'),
  ])
  expect(status, stderr).toBe(0)
  const html = readFileSync(join(scratch.folder, 'mmap_prepare.html'), 'utf8')
  expect(html).toMatch(/<svg[^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"|data:image\/svg\+xml/)
})

it('papermill runs a notebook and keeps what it printed', () => {
  const output = join(scratch.folder, 'milled.ipynb')
  const input = scratch.write('to-mill', ['console.log("ground")', 'mm.vmas.length'])
  const { status, stderr } = scratch.run('papermill', ['--kernel', 'vmalab', input, output])
  expect(status, stderr).toBe(0)
  const texts = cellsOf(output).flatMap(({ outputs }) =>
    outputs.map(({ text, data }) => text ?? data),
  )
  expect(JSON.stringify(texts)).toContain('ground')
})

it('jupyter console computes and shows an error', () => {
  const { stdout, stderr } = scratch.run(
    'jupyter',
    ['console', '--kernel', 'vmalab', '--simple-prompt'],
    '6 * 7\nthrow new RangeError("far")\nmm.vmas\nexit\n',
  )
  expect(stdout, stderr).toMatch(/Out\[\d+\]: ?42/)
  expect(`${stdout}${stderr}`).toMatch(/RangeError: far/)
})
