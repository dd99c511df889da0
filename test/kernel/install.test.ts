// SPDX-License-Identifier: GPL-2.0-only
// `vmalab install`: where the kernelspec goes, and what is in it.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packageRoot } from '../../src/jupyter/package.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vmalab-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const install = (args: string[], env: Record<string, string> = {}) => {
  const bin = join(packageRoot, 'bin', 'vmalab.mjs')
  const { PATH } = process.env
  const options = { cwd: folder, env: { PATH, HOME: folder, ...env }, encoding: 'utf8' } as const
  return spawnSync(process.execPath, [bin, 'install', ...args], options)
}

it.each([
  // arguments | environment | where, below the folder
  [['--prefix', 'p'], {}, 'p/share/jupyter'],
  [[], {}, '.local/share/jupyter'],
  [['--user'], {}, '.local/share/jupyter'],
  [['--user'], { XDG_DATA_HOME: 'DIR/xdg' }, 'xdg/jupyter'],
  [[], { JUPYTER_DATA_DIR: 'DIR/data', XDG_DATA_HOME: 'DIR/xdg' }, 'data'],
])('%j with %j', (args, env, where) => {
  const there = Object.entries(env).map(([name, value]) => [name, value.replace('DIR', folder)])
  const { status, stdout } = install(args, Object.fromEntries(there))
  const spec = join(folder, where, 'kernels', 'vmalab')
  expect([status, stdout]).toEqual([0, `${spec}\n`])
  const { argv, ...rest } = JSON.parse(readFileSync(join(spec, 'kernel.json'), 'utf8'))
  expect(rest).toMatchObject({
    display_name: 'vmalab (Linux mmap model)',
    language: 'typescript',
    interrupt_mode: 'message',
  })
  const files = argv.filter((word: string) => isAbsolute(word))
  const own = [process.execPath, join(packageRoot, 'bin', 'vmalab.mjs')]
  expect(files).toEqual(['/bin/sh', join(spec, 'start.sh'), ...own])
  expect(readdirSync(spec).sort()).toEqual([
    'kernel.json',
    'logo-svg.svg',
    'start.blob',
    'start.sh',
  ])
  expect(argv.slice(-2)).toEqual(['kernel', '{connection_file}'])
  expect(readFileSync(join(spec, 'logo-svg.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

it('again, over an older one', () => {
  install(['--prefix', 'p'])
  const file = join(folder, 'p/share/jupyter/kernels/vmalab/kernel.json')
  writeFileSync(file, 'old')
  expect(install(['--prefix', 'p']).status).toBe(0)
  expect(readFileSync(file, 'utf8')).toMatch(/^\{/)
})

it.each([
  // arguments | status | message
  [['--user', '--prefix', 'p'], 2, /--user and --prefix: give one/],
  [['--prefix', ''], 2, /--prefix: give a folder/],
  [['--nonesuch'], 2, /--nonesuch/],
  [['here'], 2, /here/],
  [['--prefix', 'file'], 1, /cannot write below .*file\/share\/jupyter: .*take another place/],
  [['--prefix', '/proc'], 1, /cannot write below \/proc/],
])('%j is refused', (args, expected, message) => {
  writeFileSync(join(folder, 'file'), '')
  const { status, stdout, stderr } = install(args)
  expect([status, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(message)
  expect(existsSync(join(folder, '.local'))).toBe(false)
})
