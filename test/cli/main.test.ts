// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { commands, main } from '../../src/cli/main.ts'
import { captureOutput } from './captured.ts'

let captured = { out: '', err: '' }
beforeEach(() => {
  captured = captureOutput()
})
afterEach(() => vi.restoreAllMocks())

it.each(Object.keys(commands))('%s --help begins with how it is used', async (name) => {
  expect(await main([name, '--help'])).toBe(0)
  expect(captured.out.startsWith(`usage: vmalab ${name}`)).toBe(true)
})

it.each<[args: string[], status: number, out: RegExp, err: RegExp]>([
  [['--help'], 0, /^usage: vmalab COMMAND[\s\S]* {2}run {7}/, /^$/],
  [['nonesuch'], 2, /^$/, /^vmalab: no command "nonesuch"\nusage:/],
  [['constructor'], 2, /^$/, /no command "constructor"/],
  [['run'], 2, /^$/, /^vmalab run: give a notebook or a page\nusage: vmalab run/],
  [['doctor', '--nonesuch'], 2, /^$/, /^vmalab doctor: .*--nonesuch.*\nusage: vmalab doctor/s],
])('%j ends with status %i', async (args, status, out, err) => {
  expect(await main(args)).toBe(status)
  expect(captured.out).toMatch(out)
  expect(captured.err).toMatch(err)
})
