// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest'
import { kindOf, layoutText, mapsLine, sizeText, stripText } from '../../src/trace/index.ts'
import { figure, many, strip } from '../figures/vmas.ts'

describe('a strip is drawn as it is written', () => {
  test.each([
    'AAA',
    'AAABBB',
    'AAA..BB',
    'AAAA//BB',
    'AAA′A′A′.BB',
    'Ax41BB',
    `${'A'.repeat(40)}B`,
    'Ax50.x50BBB',
  ])('%s', (text) => expect(stripText(strip(text))).toBe(text))
})

describe('what would not fit a line is counted', () => {
  test.each([
    [`${'A'.repeat(40)}${'B'.repeat(40)}CC`, 'Ax40Bx40CC'],
    ['Ax30Bx30Cx15DDDDD', 'Ax30Bx30CCCCCCCCCCCCCCCDDDDD'],
    ['Ax57.x50Bx60', 'Ax57.x50Bx60'],
    ['ABCx100000DE', 'ABCx100000DE'],
  ])('%s', (text, expected) => expect(stripText(strip(text))).toBe(expected))

  test('a name of several letters, which would read as several VMAs', () => {
    const [a, b, c] = strip('AABCCC')
    const vmas = [a, b, c].flatMap((vma, i) =>
      vma ? [{ ...vma, id: ['Z', 'AA', 'A′4'][i] ?? '' }] : [],
    )
    expect(stripText(vmas)).toBe('ZZ(AA)x1(A′4)x3')
  })
})

test('the text twin has the title, the strip and the maps lines', () => {
  const about = { B: 'rw-s 3 /dev/demo IO,PFNMAP', C: 'r-xp 0 [vdso]' }
  expect(layoutText(figure(strip('AA..BBB//C', about), { title: 'A driver maps' }))).toBe(
    [
      'A driver maps',
      'AA..BBB//C',
      'A  00010000-00012000 rw-p 00000000',
      'B  00014000-00017000 rw-s 00003000 /dev/demo  IO PFNMAP',
      'C  10017000-10018000 r-xp 00000000 [vdso]',
    ].join('\n'),
  )
})

test.each([
  ['nothing', figure(''), 'Nothing is mapped'],
  ['nothing under a title', figure('', { title: 'Empty' }), 'Empty\nnothing is mapped'],
  [
    'nothing in a window',
    figure('A', { from: 0x20000, to: 0x30000 }),
    'Nothing is mapped from 0x20000 to 0x30000',
  ],
  ['one page', figure('A'), '1 VMA maps 4 KiB\nA\nA  00010000-00011000 rw-p 00000000'],
  [
    'a window that cuts B: it is shown whole',
    figure('ABBBC', { from: 0x12000, to: 0x13000 }),
    '1 VMA maps 12 KiB from 0x12000 to 0x13000\nBBB\nB  00011000-00014000 rw-p 00000000',
  ],
  [
    'an escape in a name',
    figure(strip('A', { A: 'r--p 0 /tmp/\u001b[2J' })),
    '1 VMA maps 4 KiB\nA\nA  00010000-00011000 r--p 00000000 /tmp/\ufffd[2J',
  ],
])('%s', (_, shown, expected) => expect(layoutText(shown)).toBe(expected))

test.each([
  [16, 18],
  [17, 18],
  [300, 301],
  [301, 43],
  [65_530, 43],
])('%d VMAs give %d lines', (count, lines) =>
  expect(layoutText(figure(many(count))).split('\n')).toHaveLength(lines),
)

test('a long list keeps its ends and counts the rest', () => {
  const lines = layoutText(figure(many(301))).split('\n')
  expect(lines[1]).toMatch(/^301 VMAs, .* mapped: 7\d anonymous, 2\d\d file, 1\d driver$/)
  expect(lines[2]).toMatch(/^V1 {4}7f/)
  expect(lines[22]).toBe('... 261 VMAs more ...')
  expect(lines[42]).toMatch(/^V301 {2}7f/)
})

test.each([
  ['A', { A: 'rw-p 5' }, '00010000-00011000 rw-p 00000000'],
  ['A', { A: 'rw-p 5 [heap]' }, '00010000-00011000 rw-p 00000000 [heap]'],
  ['A', { A: 'r--s 256 /dev/demo' }, '00010000-00011000 r--s 00100000 /dev/demo'],
  ['A', { A: 'r--s 1048576 /big' }, '00010000-00011000 r--s 100000000 /big'],
])('a line of maps: %s %j', (text, about, expected) =>
  expect(strip(text, about).map(mapsLine)).toEqual([expected]),
)

test.each([
  ['', '', 'anon'],
  ['[heap]', '', 'anon'],
  ['[stack]', '', 'anon'],
  ['[stack:17]', '', 'anon'],
  ['[anon:a pool]', '', 'anon'],
  ['[anon_shmem:a pool]', '', 'file'],
  ['[vdso]', '', 'special'],
  ['[vvar_vclock]', '', 'special'],
  ['[vsyscall]', '', 'special'],
  ['/usr/lib/libc.so.6', '', 'file'],
  ['/dev/shm/ring', '', 'file'],
  ['/dev/zero (deleted)', '', 'file'],
  ['/dev/zero', '', 'file'],
  ['/dev/zerocopy', '', 'driver'],
  ['/dev/hugepages/pool', '', 'file'],
  ['/SYSV00000000 (deleted)', '', 'file'],
  ['/memfd:ring (deleted)', '', 'file'],
  ['/dev/video0', '', 'driver'],
  ['/dev/dri/renderD128', '', 'driver'],
  ['/home/dev/null', '', 'file'],
  ['/sys/devices/pci0000:00/0000:00:02.0/resource0', '', 'driver'],
  ['/dmabuf:', '', 'driver'],
  ['anon_inode:kvm-vcpu:0', '', 'driver'],
  ['anon_inode:[io_uring]', '', 'driver'],
  ['/etc/data', 'IO', 'driver'],
  ['/etc/data', 'PFNMAP', 'driver'],
  ['', 'MIXEDMAP', 'driver'],
  ['[vvar]', 'PFNMAP', 'special'],
  ['/etc/data', 'DONTEXPAND', 'file'],
])('%s %s is %s', (name, flag, kind) => {
  expect(kindOf({ name, flags: flag ? [flag] : [] })).toBe(kind)
  expect(kindOf({ name, flags: [], kind: 'special' })).toBe('special')
})

test.each([
  [0, '0 bytes'],
  [4096, '4 KiB'],
  [6.4 * 2 ** 20, '6.4 MiB'],
  [2 ** 20 - 1, '1 MiB'],
  [434 * 2 ** 20, '434 MiB'],
  [1000 * 2 ** 20, '1,000 MiB'],
  [42.5 * 2 ** 40, '42.5 TiB'],
  [2 ** 64, '16 EiB'],
])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))
