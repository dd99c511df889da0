// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMapsLine, MapsError, parseMaps } from '../../src/trace/index.ts'

/** Lines told by name: `NAME` or `NAME?` for a deleted one; "|" is a line end in the text. */
const names = (text: string) =>
  parseMaps(text.replaceAll('|', '\n')).map((line) => `${line.name}${line.deleted ? '?' : ''}`)
const at = '10000000-10002000 rw-p 00000000 00:00 0'

describe('parseMaps', () => {
  it('reads every field', () => {
    const [line] = parseMaps(
      '7f00deadb000-7f00deadd000 r-xs 0003f000 fd:10000 18446744073709551615                /a b',
    )
    expect(line).toEqual({
      start: 0x7f00deadb000,
      end: 0x7f00deadd000,
      perms: 'r-xs',
      offset: 0x3f000,
      major: 0xfd,
      minor: 0x10000,
      inode: 18446744073709551615n,
      name: '/a b',
      deleted: false,
    })
  })

  it.each([
    ['', []],
    ['|  |', []],
    [`${at} `, ['']],
    [at, ['']],
    [`|  ${at} |`, ['']],
    [`${at} \r|`, ['']],
    [`${at} /x\r|`, ['/x']],
    [`${at}                          [heap]`, ['[heap]']],
    [`${at} [heap]`, ['[heap]']],
    [`${at} [anon:.bss of a b]`, ['[anon:.bss of a b]']],
    [`${at} [anon_shmem:buf]`, ['[anon_shmem:buf]']],
    [`${at} anon_inode:[kvm-vcpu:0]`, ['anon_inode:[kvm-vcpu:0]']],
    [`${at} /SYSV00000000 (deleted)`, ['/SYSV00000000?']],
    [`${at} /memfd:a b (deleted)`, ['/memfd:a b?']],
    [`${at} /a (deleted) b`, ['/a (deleted) b']],
    [`${at} /a (deleted) (deleted)`, ['/a (deleted)?']],
    [`${at} /a\\012b`, ['/a\nb']],
    [`${at} /a\\b `, ['/a\\b ']],
    [`${at} (unreachable)/x`, ['(unreachable)/x']],
    [`${at} /x|10002000-10003000 ---p 00000000 00:00 0 |`, ['/x', '']],
  ])('%s: %j', (text, expected) => expect(names(text)).toEqual(expected))

  it('reads [vsyscall] exactly', () => {
    const [line] = parseMaps(
      'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
    )
    expect([BigInt(line?.start ?? 0), BigInt(line?.end ?? 0)]).toEqual([
      0xffffffffff600000n,
      0xffffffffff601000n,
    ])
  })

  const bad: [string, number, string][] = [
    ['hello', 1, 'not a line of /proc/PID/maps'],
    [`${at} |10002000-1000`, 2, 'the line is cut or damaged'],
    [`${at} ||Size:                  8 kB|`, 3, 'this is a line of /proc/PID/smaps'],
    ['VmFlags: rd wr mr mw me ac ', 1, 'this is a line of /proc/PID/smaps'],
    ['THPeligible:           0', 1, 'this is a line of /proc/PID/smaps'],
    ['10000000-10002000 rw-p 00000000 00:00', 1, 'the line is cut or damaged'],
    ['10000000-10002000 rw-p 00000000 00:00 0x', 1, 'the line is cut or damaged'],
    ['10000000-10002000 rw-q 00000000 00:00 0 ', 1, '"rw-q" is no permission'],
    ['10000000-10002000 wr-p 00000000 00:00 0 ', 1, '"wr-p" is no permission'],
    ['10000000-10002001 rw-p 00000000 00:00 0 ', 1, 'the end is not a multiple'],
    ['10000010-10002000 rw-p 00000000 00:00 0 ', 1, 'the start is not a multiple'],
    ['10000000-10002000 rw-p 00000800 00:00 0 ', 1, 'the offset is not a multiple'],
    [
      '10000000-10000000 rw-p 00000000 00:00 0 ',
      1,
      'the end 0x10000000 is not above the start 0x10000000',
    ],
    ['0-f0000000000001000 rw-p 00000000 00:00 0 ', 1, 'the end has more than 64 bits'],
    [`${at} |10001000-10003000 rw-p 00000000 00:00 0 `, 2, 'it begins below 0x10002000'],
    [`${at} |08000000-08001000 rw-p 00000000 00:00 0 `, 2, 'it begins below 0x10002000'],
  ]
  it.each(bad)('%s: line %i: %s', (text, line, rule) => {
    expect(() => names(text)).toThrow(MapsError)
    expect(() => names(text)).toThrow(`line ${line}: ${rule}`)
    expect(() => names(text)).toThrow(JSON.stringify(text.split('|')[line - 1]?.trimStart()))
  })

  it.each(bad)('%s: the rest is read on request', (text) => {
    const whole = `${text}|20000000-20001000 rw-p 00000000 00:00 0 /last`.replaceAll('|', '\n')
    const seen: MapsError[] = []
    expect(parseMaps(whole, { onError: 'skip' }).at(-1)?.name).toBe('/last')
    expect(parseMaps(whole, { onError: (error) => seen.push(error) }).at(-1)?.name).toBe('/last')
    expect(seen.length).toBe(1)
  })

  it('never throws anything but a MapsError, whatever the text', () => {
    const word = fc.constantFrom(
      '10000000-10002000',
      '20000000-20001000',
      'rw-p',
      '00000000',
      '00:00',
      '0',
      ' ',
      '\n',
      '/a',
      '[heap]',
      '\r',
      'Size:',
      '-',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (words) => {
        const text = words.join('')
        expect(Array.isArray(parseMaps(text, { onError: 'skip' }))).toBe(true)
        expect(
          parseMaps(text, { onError: (error) => expect(error).toBeInstanceOf(MapsError) }).length,
        ).toBeLessThan(text.length + 1)
      }),
    )
  })
})

describe('formatMapsLine', () => {
  it.each([
    '00400000-00401000 r--p 00000000 08:01 42                                 /bin/x',
    '55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0                          [heap]',
    '7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ',
    '7f0000001000-7f0000002000 rw-s 00000000 00:01 1024                       /SYSV00000000 (deleted)',
    '7f0000002000-7f0000003000 r--p 7fffffffffff0000 00:2a 9223372036854775807 /a\\012b c',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
  ])('%s comes back', (line) => expect(parseMaps(line).map(formatMapsLine)).toEqual([line]))

  it('gives back every line that the kernel writes', () => {
    const page = fc.integer({ min: 0, max: 2 ** 35 }).map((n) => n * 4096)
    const perms = fc
      .tuple(...['r-', 'w-', 'x-', 'sp'].map((c) => fc.constantFrom(...c)))
      .map((c) => c.join(''))
    const name = fc.oneof(
      fc.constant(''),
      fc.string({ unit: 'grapheme-ascii' }).map((s) => `/${s}`),
    )
    const line = fc.record({
      start: page,
      pages: fc.integer({ min: 1, max: 99 }),
      perms,
      offset: page,
      major: fc.integer({ min: 0, max: 4095 }),
      minor: fc.integer({ min: 0, max: 2 ** 20 - 1 }),
      inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      name,
      deleted: fc.boolean(),
    })
    fc.assert(
      fc.property(line, ({ pages, ...fields }) => {
        const text = formatMapsLine({ ...fields, end: fields.start + pages * 4096 })
        expect(parseMaps(text).map(formatMapsLine)).toEqual([text])
      }),
    )
  })
})
