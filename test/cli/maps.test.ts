// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { command } from '../../src/cli/maps.ts'
import { captureOutput } from './captured.ts'

let folder = ''
let captured = { out: '', err: '' }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmalab-maps-'))
  captured = captureOutput()
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** A file of maps told in short: `10-12 rw-p /x` has the pages 0x10 and 0x11; "|" ends a line. */
function maps(short: string): string {
  const text = short
    .split('|')
    .map((line) => line.replace(/^(\w+)-(\w+) (\S+)/, '$1000-$2000 $3 00000000 00:00 0'))
    .join('\n')
  const path = join(folder, 'maps')
  writeFileSync(path, text)
  return path
}

const three = '10-12 rw-p|14-15 r--p [vdso]|20-21 rw-s /dev/x'

describe('vmalab maps', () => {
  it.each([
    ['counts', [], "3 VMAs map 16 KiB: 1 anonymous, 1 driver, 1 kernel's own\n"],
    ['lists', [], '00014000-00015000 r--p 00000000 [vdso]'],
    [
      'shows from an address',
      ['--from', '0x14000'],
      "2 VMAs map 8 KiB from 0x14000: 1 driver, 1 kernel's own\n",
    ],
    ['shows up to an address', ['--to', '14000'], '1 VMA maps 8 KiB to 0x14000: 1 anonymous\n'],
  ])('%s', async (_what, words, text) => {
    expect(await command.run([maps(three), ...words])).toBe(0)
    expect(captured.out).toContain(text)
  })

  it('draws', async () => {
    expect(await command.run([maps(three), '--svg', join(folder, 'x.svg')])).toBe(0)
    expect(readFileSync(join(folder, 'x.svg'), 'utf8')).toMatch(
      /^<svg [\s\S]*\/dev\/x[\s\S]*<\/svg>\s*$/,
    )
  })

  it('skips bad lines on request and tells of each', async () => {
    expect(await command.run([maps(`bad|${three}|worse`), '--skip-bad'])).toBe(0)
    expect(captured.out).toContain('3 VMAs')
    expect(captured.err).toMatch(/^skipped line 1: not a line .*\n {2}"bad"\nskipped line 5: /)
  })

  it.each([
    [() => [maps('bad')], 'line 1: not a line of /proc/PID/maps'],
    [() => [maps('a|b|c|d|e|f|g'), '--skip-bad'], 'has no line that can be read'],
    [() => [join(folder, 'none')], /there is no file .*none; a process is given by its number/],
    [() => [folder], /is a folder: give a copy of \/proc\/PID\/maps/],
    [() => [], 'name one process'],
    [() => ['1', '2'], 'name one process'],
    [() => ['-', '--from', 'xyz'], '--from xyz: give an address in hexadecimal'],
    [() => ['-', '--from', '5000', '--to', '5000'], '--from 5000 must lie below --to 5000'],
  ])('%o: %s', async (words, message) => {
    await expect(command.run(words())).rejects.toThrow(message)
  })

  it.runIf(existsSync('/proc/self/maps'))(
    'reads a process, and says when there is none',
    async () => {
      expect(await command.run([String(process.pid)])).toBe(0)
      expect(captured.out).toContain('[stack]')
      await expect(command.run(['4194305'])).rejects.toThrow('there is no process 4194305')
    },
  )
})
