// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  KernelError,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
} from '../../src/mm/index.ts'
import { BASE } from './program.ts'

const ANON = MAP_PRIVATE | MAP_ANONYMOUS
const anon = (mm: Mm, len: number | bigint, addr: number | bigint = 0, flags = ANON) => {
  const result = mm.maybeMmap({ addr, len, prot: 3, flags })
  return result.ok ? `0x${result.value.toString(16)}` : result.error.code
}

it.each([
  ['one page', 4096, 0, ANON, '0x7ffff7ffe000'],
  ['a byte rounds up to a page', 1, 0, ANON, '0x7ffff7ffe000'],
  ['a huge page is aligned', 0x200000, 0, ANON, '0x7ffff7c00000'],
  ['a hint is taken, rounded down', 4096, 0x5555_5555_5123, ANON, '0x555555555000'],
  ['a low hint is raised', 4096, 0x1000, ANON, '0x10000'],
  ['a hint beyond the task size is ignored', 4096, 2 ** 60, ANON, '0x7ffff7ffe000'],
  ['length 0', 0, 0, ANON, 'EINVAL'],
  ['a length beyond the task size', 2 ** 47, 0, ANON, 'ENOMEM'],
  ['a length that overflows when rounded', 2n ** 64n - 4096n, 0, ANON, 'ENOMEM'],
  ['a fixed address off a page', 4096, 0x1001, ANON | MAP_FIXED, 'EINVAL'],
  ['a fixed address beyond the task size', 4096, 2 ** 47, ANON | MAP_FIXED, 'ENOMEM'],
  ['no kind of mapping', 4096, 0, MAP_ANONYMOUS, 'EINVAL'],
  ['shared and growing', 4096, 0, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, 'EINVAL'],
])('mmap: %s', (_, len, addr, flags, outcome) => {
  expect(anon(new Mm(linux()), len, addr, flags)).toBe(outcome)
})

it.each([
  ['len', Number.NaN],
  ['len', 1.5],
  ['len', Number.POSITIVE_INFINITY],
  ['len', 2 ** 53 + 2],
  ['len', 2n ** 64n],
  ['addr', 0.5],
])('mmap: %s %s is a RangeError', (field, value) => {
  const request = { len: 4096, prot: 3, flags: ANON, [field]: value }
  expect(() => new Mm(linux()).mmap(request)).toThrow(RangeError)
})

it('keeps the guard gap below a VMA that grows downwards', () => {
  const mm = new Mm(linux())
  anon(mm, 8192, 0, ANON | MAP_GROWSDOWN)
  expect(anon(mm, 4096)).toBe('0x7ffff7efc000')
})

it('refuses MAP_FIXED_NOREPLACE over a mapping, and names what is in the way', () => {
  const mm = new Mm(linux())
  mm.mmap({ addr: BASE, len: 4096, prot: 3, flags: ANON })
  try {
    mm.mmap({ addr: BASE, len: 4096, prot: 3, flags: ANON | MAP_FIXED_NOREPLACE })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError)
    expect({ ...(error as KernelError) }).toEqual({
      name: 'KernelError',
      errno: 17,
      code: 'EEXIST',
      at: 'do_mmap',
      why: 'a VMA at 0x100000 is in the way',
    })
  }
})

it('cannot adopt a mapping without memory for it', () => {
  const mm = new Mm(linux())
  mm.should_fail = () => true
  const found = { start: BASE, end: BASE + 4096, perms: 'rw-p' }
  expect(() => mm.adopt(found)).toThrow('-ENOMEM, from vm_area_alloc()')
})

it.each([
  [BASE, BASE + 1, /no range of pages: give two multiples of 4096, the lower first/],
  [BASE + 4096, BASE, /no range of pages/],
  [BASE, BASE + 4096, /overlaps the mapping at 0x100000: unmap that first/],
])('cannot adopt [%i, %i)', (start, end, message) => {
  const mm = new Mm(linux())
  mm.mmap({ addr: BASE, len: 4096, prot: 3, flags: ANON })
  expect(() => mm.adopt({ start, end, perms: 'rw-p' })).toThrow(message)
})
