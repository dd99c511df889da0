// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { type AllocationSite, openFile, validate_mm } from '../../src/mm/index.ts'
import { failNth } from '../../src/trace/index.ts'
import { BASE, describeVma, run, unmapAll } from '../mm/program.ts'

/** Maps 2 pages of a file over the middle of 8, with a fault: what is left. */
function withFault(site: AllocationSite, n: number): string {
  const device = openFile('device', { mmap_prepare: () => 0 })
  const { mm } = run('rw 0 8')
  mm.should_fail = failNth(site, n)
  const mapped = mm.maybeMmap({ addr: BASE + 8192, len: 8192, prot: 3, flags: 0x11, file: device })
  mm.should_fail = null
  expect(validate_mm(mm)).toEqual([])
  const list = mm.vmas().map(describeVma).join(' ')
  unmapAll(mm, { device })
  return `${mapped.ok ? 'ok' : mapped.error.at}: ${list}`
}

it.each<[AllocationSite, number, string]>([
  // Before the page tables are cleared the old mapping stays, split or not
  ['vm_area_alloc', 1, 'vm_area_alloc: 0-8rw'],
  ['vm_area_alloc', 2, 'vm_area_alloc: 0-2rw 2-8rw'],
  ['mas_store_gfp', 1, 'mas_store_gfp: 0-2rw 2-4rw 4-8rw'],
  // Afterwards it leaves a hole
  ['vm_area_alloc', 3, 'vm_area_alloc: 0-2rw 4-8rw'],
  ['vma_iter_prealloc', 3, 'vma_iter_prealloc: 0-2rw 4-8rw'],
  ['mmap_prepare', 1, 'mmap_prepare: 0-2rw 4-8rw'],
  ['vm_area_alloc', 4, 'ok: 0-2rw 2-4rws device@0 4-8rw'],
])('failing %s number %i gives  %s', (site, n, left) => expect(withFault(site, n)).toBe(left))

it.each([
  ['kmalloc', 1, 'no site kmalloc: known are vm_area_alloc'],
  ['vm_area_alloc', 0, 'n 0: attempts are counted from 1'],
])('refuses %s, %i', (site, n, message) => {
  expect(() => failNth(site as AllocationSite, n)).toThrow(message)
})
