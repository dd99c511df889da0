// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, expect, it, vi } from 'vitest'
import * as vmalab from '../../src/index.ts'
import { LAWS, type Law } from './fuzz/laws.ts'
import { RELEASES, search, writeProgram } from './fuzz/program.ts'

it.each(RELEASES)('%s keeps every law after any calls with any hooks and failures', (release) => {
  const found = search(release, 400, 1)
  expect(found && writeProgram(found.release, found.calls, found.outcome)).toBe(null)
})

afterEach(() => vi.restoreAllMocks())

/** Runs what was printed as a cell would; the address spaces that it makes are the values of its constants. */
function runText(text: string): vmalab.Mm {
  return new Function('vmalab', `with (vmalab) { ${text}\nreturn mm }`)({ ...vmalab })
}

it('prints a program from which nothing can be left out, and which shows the mistake', () => {
  // A mistake planted in the model: munmap() of the upper part of a mapping counts one VMA too many.
  const { maybeMunmap } = vmalab.Mm.prototype
  vi.spyOn(vmalab.Mm.prototype, 'maybeMunmap').mockImplementation(function (
    this: vmalab.Mm,
    addr,
    len,
  ) {
    const cut = this.vmaAt(addr)
    const upper = cut !== null && cut.vm_start < Number(addr)
    const result = maybeMunmap.call(this, addr, len)
    if (upper && result.ok) this.map_count++
    return result
  })
  const found = search('7.3', 2000, 1)
  expect(found).not.toBe(null)
  const text = writeProgram(found!.release, found!.calls, found!.outcome)
  expect(text.split('\n')).toEqual([
    "const mm = new Mm(linux('7.3'))",
    'mm.mmap({ addr: 0x100000, len: 0x2000, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS })',
    'mm.munmap(0x101000, 0x1000)',
    '// broken: map_count is 2, recomputed 1',
  ])
  expect(vmalab.validate_mm(runText(text))).toEqual(['map_count is 2, recomputed 1'])
  for (const line of text.split('\n').slice(1, 3))
    expect(vmalab.validate_mm(runText(text.replace(line, '')))).toEqual([])
})

it.each<[string, Law, RegExp[]]>([
  [
    'a hook and its file',
    ({ files }) => (files.stacked!.f_count > 1 || files.plain!.f_count > 1 ? ['mapped'] : []),
    [
      /^const plain = file\('\/dev\/plain', /,
      /^const mm = /,
      /^mm\.mmap\(.*file: plain/,
      /^\/\/ broken: mapped$/,
    ],
  ],
  [
    'a fork',
    ({ mms }) => (mms.length > 1 && mms[1]!.map_count > 0 ? ['forked'] : []),
    [/^const mm = /, /^mm\.mmap\(/, /^const child1 = mm\.fork\(\)$/, /^\/\/ broken: forked$/],
  ],
  [
    'an injected failure',
    ({ mms }) => (mms[0]!.refusal?.at === 'vm_area_alloc' ? ['no memory'] : []),
    [
      /^const mm = /,
      /^mm\.should_fail = failNth\('vm_area_alloc', 1\)$/,
      /^try { mm\.mmap\(.*\) } catch {} \/\/ ENOMEM$/,
      /^mm\.should_fail = null$/,
      /^\/\/ broken: no memory$/,
    ],
  ],
])('a law that is no law prints %s', (_, law, lines) => {
  const found = search('7.3', 2000, 1, [...LAWS, law])!
  const text = writeProgram(found.release, found.calls, found.outcome).split('\n')
  expect(text).toEqual(lines.map((line) => expect.stringMatching(line)))
})
