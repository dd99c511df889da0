// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  type Mm,
  maps_line,
  PAGE_SIZE,
  PROT_READ,
  PROT_WRITE,
  validate_mm,
  vm_flags_codes,
} from '../../src/mm/index.ts'
import { MapsError, readMaps } from '../../src/trace/index.ts'

// An address space as its lines of /proc/PID/maps, without device and inode.
const lines = (mm: Mm) => mm.vmas().map((vma) => maps_line(mm, vma))

const process = `
55b919129000-55b91912a000 r--p 00000000 fe:00 42                         /opt/a b
55b91912a000-55b91912b000 rw-p 00001000 fe:00 42                         /opt/a b
55b92a9c0000-55b92a9e1000 rw-p 00000000 00:00 0                          [heap]
7f1b8145f000-7f1b81467000 rw-s 00000000 00:01 1163                       /memfd:frames (deleted)
7f1b81467000-7f1b8146a000 rw-p 00000000 00:00 0 
7f1b8146a000-7f1b8146b000 rw-p 00000000 00:00 0                          [anon:ring of x]
7f1b8146b000-7f1b8146c000 rw-s 00000000 00:01 7                          [anon_shmem:buf]
7f1b81658000-7f1b8165c000 r--p 00000000 00:00 0                          [vvar]
7f1b8165e000-7f1b81660000 r-xp 00000000 00:00 0                          [vdso]
7f1b81660000-7f1b81661000 rw-s 00002000 00:0f 9                          anon_inode:[kvm-vcpu:0]
7fff5f752000-7fff5f773000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`
const told = process
  .trim()
  .split('\n')
  .slice(0, -1)
  .map((line) => line.replace(/ \w+:\w+ \d+ +/, ' ').trim())

describe('readMaps', () => {
  it('keeps every mapping of the process with its name', () => {
    const mm = readMaps(process)
    expect(lines(mm)).toEqual(told)
    expect(validate_mm(mm)).toEqual([])
  })

  it.each([
    ['/opt/a b', 'rd mr mw me'],
    ['[heap]', 'rd wr mr mw me ac'],
    ['[stack]', 'rd wr mr mw me gd ac'],
    ['[vvar]', 'rd mr mw me pf io de dd'],
    ['[vdso]', 'rd ex mr mw me de'],
    ['/memfd:frames (deleted)', 'rd wr sh mr mw me ms'],
  ])('%s has %s', (name, codes) => {
    const mm = readMaps(process)
    const vma = mm.vmas().find((one) => maps_line(mm, one).endsWith(` ${name}`))
    expect(
      vm_flags_codes(vma?.vm_flags ?? 0, 0)
        .replace(' sd', '')
        .trim(),
    ).toBe(codes)
  })

  it('makes one file of one inode', () => {
    const [a, b, c] = readMaps(
      process.replace('42                         /opt/a b', '42 /opt/link'),
    ).vmas()
    expect(a?.vm_file).not.toBe(b?.vm_file)
    expect(a?.vm_file?.f_inode).toBe(b?.vm_file?.f_inode)
    const [d, e] = readMaps(process).vmas()
    expect(d?.vm_file).toBe(e?.vm_file)
    expect(c?.vm_file).toBe(null)
  })

  const anon = { len: PAGE_SIZE, prot: PROT_READ | PROT_WRITE, flags: MAP_PRIVATE | MAP_ANONYMOUS }
  it.each([
    ['in the highest gap', process, 0x7f1b8165d000],
    [
      'below the stack when nothing is there',
      '00400000-00401000 r-xp 00000000 fe:00 1 /a\n7fff5f752000-7fff5f773000 rw-p 00000000 00:00 0 [stack]',
      0x7fff57751000,
    ],
    [
      'where Linux starts without a stack',
      '00400000-00401000 r-xp 00000000 fe:00 1 /a',
      0x7ffff7ffe000,
    ],
    [
      'in five levels of tables',
      '00400000-00401000 r-xp 00000000 fe:00 1 /a\nff000000000000-ff000000001000 rw-p 00000000 00:00 0 \nff000800000000-ff000800001000 rw-p 00000000 00:00 0 [stack]',
      0xfefffffffff000,
    ],
  ])('maps more %s', (_where, text, at) => expect(readMaps(text).mmap(anon)).toBe(at))

  it('goes on as the release that is asked for', () => {
    expect(readMaps(process, { release: '6.12' }).release.name).toBe('6.12.117')
    expect(() => readMaps(process, { release: '9.9' })).toThrow('no release 9.9')
  })

  it('throws at a bad line, or reads the rest', () => {
    const bad = process.replace('[heap]\n', '[heap]\ncut\n')
    expect(() => readMaps(bad)).toThrow(MapsError)
    expect(() => readMaps(bad)).toThrow('line 5: not a line of /proc/PID/maps')
    expect(lines(readMaps(bad, { onError: 'skip' }))).toEqual(told)
  })

  it('reads nothing as an empty address space', () => expect(lines(readMaps(''))).toEqual([]))

  it.runIf(existsSync('/proc/self/maps'))('reads the process that runs this test', () => {
    const text = readFileSync('/proc/self/maps', 'utf8')
    const mm = readMaps(text)
    expect(lines(mm)).toEqual(
      text
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('ffff'))
        .map((line) => line.replace(/ \w+:\w+ \d+ +/, ' ').trim()),
    )
    expect(validate_mm(mm)).toEqual([])
  })
})
