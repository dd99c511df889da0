// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { command } from '../../src/cli/recipe.ts'
import { captureOutput } from './captured.ts'

let folder = ''
let captured = { out: '', err: '' }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-recipe-'))
  captured = captureOutput()
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const stored = (path: string) => readFileSync(`src/drivers/${path}`, 'utf8')

it.each([
  ['dev_mem --before', 'dev_mem/before.c'],
  ['dev_mem --after', 'dev_mem/after.c'],
  ['dev_mem --before --release 6.12', 'dev_mem/before.c'],
  ['reference_counted --after --release 7.1', 'reference_counted/after-7.1.c'],
])('%s prints exactly %s', async (line, file) => {
  expect(await command.run(line.split(' '))).toBe(0)
  expect(captured.out).toBe(stored(file))
})

it.each([
  ['', 'fault_driven '],
  ['io_bar', 'before.c -> after.c\n'],
  ['io_bar', '        # The action checks the size and honours the offset'],
  ['lock_across', 'never landed, does not compile on any release'],
  ['io_bar --diff', '--- a/io_bar.c'],
  ['io_bar --diff', '\n+\tmmap_action_simple_ioremap(desc, phys, PAGES * PAGE_SIZE);\n'],
])('vmalab recipe %s tells: %s', async (line, text) => {
  expect(await command.run(line === '' ? [] : line.split(' '))).toBe(0)
  expect(captured.out).toContain(text)
})

it.each([
  ['--after', /name the recipe/],
  ['dev_mem --before --after', /give one of --before, --after and --diff/],
  ['dev_mem io_bar', /one recipe at a time/],
  ['devmem', /no recipe "devmem": do you mean dev_mem\?/],
  ['nothing', /no recipe "nothing": known are fault_driven/],
  ['dev_mem --after -o /nowhere/x.c', /nowhere\/x\.c: there is no such folder/],
  ['dev_mem --release 5', /release 5: give a number such as 7\.2/],
  ['dev_mem --after --release 6.12', /after\.c is for 7\.2\.10 and later/],
])('vmalab recipe %s is refused', async (line, message) => {
  await expect(command.run(line.split(' '))).rejects.toThrow(message)
})

it('writes a file, and never over one', async () => {
  const path = join(folder, 'dev_mem.c')
  expect(await command.run(['dev_mem', '--after', '-o', path])).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(stored('dev_mem/after.c'))
  writeFileSync(path, 'mine')
  await expect(command.run(['dev_mem', '--after', '-o', path])).rejects.toThrow(/exists/)
  expect(readFileSync(path, 'utf8')).toBe('mine')
})
