// SPDX-License-Identifier: GPL-2.0-only
// What running kernels were seen to do that no vector shows.
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { ksm_merge_any, remap_file_pages, vm_flags_codes } from '../../src/mm/index.ts'
import { BASE, run } from './program.ts'

it.each([
  ['rw 0 4; adv 102 0 4; ! 1 = EFAULT', '0-4rw'],
  ['rw 0 4; adv 102 0 4; adv 4 0 4; ! 1 = EFAULT', '0-4rw'],
  ['rw 0 4; adv 102 0 4; adv 24 0 4; adv 23 0 4 = EFAULT', '0-4rw'],
  ['rw 0 4; adv 102 0 4; adv 103 0 4; ! 1', '0-4rw'],
])('guards stay when pages are dropped: %s', (program, list) => {
  expect(run(program, {}, linux('6.18')).list).toBe(list)
})

it('gives a child the guards of a shared mapping', () => {
  const { mm } = run('rws 0 4; adv 102 0 4')
  expect(() => mm.fork().touch(BASE)).toThrow('EFAULT')
})

it('remaps pages of shared anonymous memory', () => {
  const { mm } = run('rws 0 8')
  expect(remap_file_pages(mm, BASE + 0x2000, 0x2000, 0, 5, 0)).toBe(0)
  expect(mm.vmas().map((vma) => vma.vm_pgoff)).toEqual([0, 5, 4])
})

it('marks mappings for KSM once', () => {
  const { mm } = run('rw 0 4')
  const codes = () => mm.vmas().map((vma) => vm_flags_codes(vma.vm_flags, 0).includes('mg'))
  ksm_merge_any(mm, true)
  mm.madvise(BASE, 0x4000, 13)
  ksm_merge_any(mm, true)
  expect(codes()).toEqual([false])
})

it('unmarks nothing that it has not marked', () => {
  const { mm } = run('rw 0 4; adv 12 0 4')
  ksm_merge_any(mm, false)
  expect(vm_flags_codes(mm.vmas()[0]!.vm_flags, 0)).toContain('mg')
})

it.each([
  ['7.3', 'EFAULT'],
  ['6.12', 'EINVAL'],
])('%s: an old range that the new one has replaced is %s', (release, code) => {
  const { mm } = run('rw 0 4', {}, linux(release))
  const wraps = 2n ** 64n - 4096n
  expect(mm.maybeMremap(BASE, wraps, 0x2000, 3, BASE).error?.code).toBe(code)
})

it('madvise() that finds no room for a split is to be tried again', () => {
  const { mm } = run('rw 0 4')
  mm.limits.max_map_count = 1
  expect(mm.maybeMadvise(BASE + 0x1000, 0x1000, 16).error?.code).toBe('EAGAIN')
})
