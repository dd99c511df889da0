// SPDX-License-Identifier: GPL-2.0-only
// `vmalab run` with a real kernel.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packageRoot } from '../../src/jupyter/package.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(args: readonly string[]) {
  const bin = join(packageRoot, 'bin', 'vmalab.mjs')
  const env = { ...process.env, TMPDIR: folder }
  return spawnSync(process.execPath, [bin, 'run', ...args], { cwd: folder, env, encoding: 'utf8' })
}

function write(name: string, cells: readonly string[]): void {
  const code = cells.map((source) => ({ cell_type: 'code', source, metadata: {}, outputs: [] }))
  writeFileSync(join(folder, name), JSON.stringify({ nbformat: 4, metadata: {}, cells: code }))
}

it('a notebook of the checkout gives what is stored in it', () => {
  const file = join(packageRoot, 'notebooks', 'hooks', 'mmap_prepare.ipynb')
  const { status, stdout, stderr } = run([file, '--check'])
  expect([status, stdout]).toEqual([0, ''])
  expect(stderr).toMatch(/mmap_prepare\.ipynb: \d+ cells, [\d.]+ s\n$/)
})

it('cells share a scope, what they print is printed, and nothing stays behind', () => {
  write('a.ipynb', ['let n = 20', 'console.log(n + 1); n * 2', 'layout(mm)'])
  const { status, stdout } = run(['a.ipynb', '-o', 'b.ipynb'])
  expect([status, stdout.split('\n', 2)]).toEqual([0, ['21', '40']])
  const { cells } = JSON.parse(readFileSync(join(folder, 'b.ipynb'), 'utf8'))
  expect(Object.keys(cells[2].outputs[0].data)).toContain('image/svg+xml')
  expect(readdirSync(folder).sort()).toEqual(['a.ipynb', 'b.ipynb'])
})

it('an error names the cell and its line; a loop is interrupted', () => {
  write('a.ipynb', ['1', 'const n = 1\nthrow new RangeError("far")', 'for (;;) {}', '"after"'])
  const { status, stdout, stderr } = run(['a.ipynb', '--allow-errors', '--timeout', '2'])
  expect([status, stdout]).toEqual([1, "1\n'after'\n"])
  expect(stderr).toMatch(/a\.ipynb: cell 2: RangeError: far\n {4}at cell 2, line 2/)
  expect(stderr).toContain('a.ipynb: cell 3: it did not end within 2 s and was interrupted')
})

it('a kernel that ends is told', () => {
  write('a.ipynb', ['process.kill(process.pid, "SIGKILL")', '1'])
  const { status, stderr } = run(['a.ipynb'])
  expect(status).toBe(1)
  expect(stderr).toContain('a.ipynb: cell 1: the kernel ended (SIGKILL)')
})
