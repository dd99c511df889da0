// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  errno_name,
  hugetlbfs_file_operations,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_HUGETLB,
  MAP_NORESERVE,
  MAP_PRIVATE,
  Mm,
  openFile,
  sys_mincore,
  userfaultfd_register,
} from '../../src/mm/index.ts'

const AT = 0x40000000
const MB = 0x100000
const FREE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE
const file = () =>
  openFile('/memfd:huge', hugetlbfs_file_operations, { size: 4 * MB, hugepages: true })

const shown = (ret: number): string => (ret < 0 ? errno_name(ret) : `0x${ret.toString(16)}`)

it.each([
  ['a length rounds up', { len: 4096, addr: AT, flags: FREE }, '40000000-40200000'],
  ['a hint rounds up', { len: 2 * MB, addr: AT + 4096, flags: FREE }, '40200000-40400000'],
  ['the search aligns', { len: 3 * MB, flags: FREE }, '7ffff7a00000-7ffff7e00000'],
  [
    'a fixed place must be aligned',
    { len: MB, addr: AT + 4096, flags: FREE | MAP_FIXED },
    'EINVAL',
  ],
  ['nothing is reserved', { len: MB, flags: FREE & ~MAP_NORESERVE }, 'ENOMEM'],
  ['nor for a file', { len: MB, flags: MAP_PRIVATE, file: file() }, 'ENOMEM'],
  [
    'another file has none',
    { len: MB, flags: FREE & ~MAP_ANONYMOUS, file: openFile('f', {}) },
    'EINVAL',
  ],
  ['2 MiB pages are known', { len: 1, addr: AT, flags: FREE | (21 << 26) }, '40000000-40200000'],
  ['pages of 4 KiB are none', { len: 1, flags: FREE | (12 << 26) }, 'EINVAL'],
  [
    'an offset must be aligned',
    { len: 1, flags: MAP_PRIVATE | MAP_NORESERVE, offset: 4096, file: file() },
    'EINVAL',
  ],
])('%s', (_, request, outcome) => {
  const mm = new Mm(linux())
  const made = mm.maybeMmap({ prot: 3, ...request })
  const list = mm.vmas().map((vma) => `${vma.vm_start.toString(16)}-${vma.vm_end.toString(16)}`)
  expect(made.ok ? list.join() : made.error.code).toBe(outcome)
})

it.each([
  ['munmap of a part', (mm: Mm) => mm.maybeMunmap(AT, 4096), 'EINVAL'],
  ['munmap of a page', (mm: Mm) => mm.maybeMunmap(AT, 2 * MB), '0x0'],
  ['mprotect of a part', (mm: Mm) => mm.maybeMprotect(AT, 4096, 1), 'EINVAL'],
  ['mprotect of a page', (mm: Mm) => mm.maybeMprotect(AT, 2 * MB, 1), '0x0'],
  ['mremap moves whole pages', (mm: Mm) => mm.maybeMremap(AT, 1, 1, 3, 2 * AT), '0x80000000'],
  ['but not to any place', (mm: Mm) => mm.maybeMremap(AT, 1, 1, 3, 2 * AT + 4096), 'EINVAL'],
  ['mremap never grows', (mm: Mm) => mm.maybeMremap(AT, 2 * MB, 6 * MB, 1), 'EINVAL'],
  ['mremap shrinks by pages', (mm: Mm) => mm.maybeMremap(AT, 4 * MB, 1, 0), '0x40000000'],
  ['MADV_DONTNEED of a page', (mm: Mm) => mm.maybeMadvise(AT, 2 * MB, 4), '0x0'],
  ['MADV_DONTNEED from a part', (mm: Mm) => mm.maybeMadvise(AT + 4096, MB, 4), 'EINVAL'],
  ['MADV_DODUMP', (mm: Mm) => mm.maybeMadvise(AT, 4 * MB, 17), '0x0'],
  ['MADV_DONTDUMP of a part', (mm: Mm) => mm.maybeMadvise(AT, 4096, 16), 'EINVAL'],
  ['mlock finds no pages', (mm: Mm) => mm.maybeMlock(AT, 4096), 'ENOMEM'],
])('%s', (_, call, outcome) => {
  const mm = new Mm(linux())
  mm.mmap({ addr: AT, len: 4 * MB, prot: 3, flags: FREE | MAP_FIXED })
  const result = call(mm)
  expect(result.ok ? shown(result.value) : result.error.code).toBe(outcome)
  expect(mm.locked_vm).toBe(0)
})

it('gets SIGBUS, can be looked at and watched, and costs nothing', () => {
  const mm = new Mm(linux())
  mm.mmap({ addr: AT, len: 4 * MB, prot: 3, flags: FREE })
  expect(mm.committed).toBe(0)
  expect(() => mm.touch(AT)).toThrow('EFAULT')
  expect(sys_mincore(mm, AT, 4 * MB)).toBe(0)
  expect(userfaultfd_register(mm, AT, 2 * MB, 1, 'uffd')).toBe(0)
})
