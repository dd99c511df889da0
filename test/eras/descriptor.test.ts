// SPDX-License-Identifier: GPL-2.0-only
// The fields of a description in each release, by what an assignment does.
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import { openFile, type vm_area_desc } from '../../src/mm/index.ts'
import { BASE, run } from '../mm/program.ts'

/** Assigns the field in a hook; says what came of it. */
function assign(name: string, field: keyof vm_area_desc, strict = false): string {
  const release = linux(name, { strict })
  const warnings: unknown[] = []
  const hook = (desc: vm_area_desc) => {
    const before = desc[field]
    Object.assign(desc, { [field]: typeof before === 'number' ? before + 4096 : before })
    return 0
  }
  const driver = openFile('f', { mmap_prepare: hook, mmap_proto: hook })
  const { mm } = run('', {}, release)
  mm.listener = (step, subject) => step === 'warn' && warnings.push(subject)
  try {
    mm.mmap({ addr: BASE, len: 4096, prot: 1, flags: 0x11, file: driver })
  } catch (error) {
    return String((error as Error).message)
  }
  return warnings.length === 0 ? 'mutable' : `warns: ${warnings}`
}

const ABSENT = 'absent'

it.each([
  // release      file         vm_file    vma_flags  action     mmap_context
  ['rfc-proto', 'mutable', ABSENT, ABSENT, ABSENT, ABSENT],
  ['6.16', 'mutable', ABSENT, ABSENT, ABSENT, ABSENT],
  ['6.17', 'mutable', ABSENT, ABSENT, ABSENT, ABSENT],
  ['rfc-complete-6.17', 'mutable', ABSENT, ABSENT, ABSENT, 'mutable'],
  ['6.18', 'immutable', 'mutable', ABSENT, ABSENT, ABSENT],
  ['6.19', 'immutable', 'mutable', 'mutable', 'mutable', ABSENT],
  ['7.0', 'immutable', 'mutable', 'mutable', 'mutable', ABSENT],
  ['7.1', 'immutable', 'mutable', 'mutable', 'mutable', ABSENT],
  ['7.2', 'immutable', 'mutable', 'mutable', 'mutable', ABSENT],
  ['7.3', 'immutable', 'mutable', 'mutable', 'mutable', ABSENT],
  ['rfc-complete', 'immutable', 'mutable', 'mutable', 'mutable', 'mutable'],
])('%s: file %s, vm_file %s, vma_flags %s, action %s, mmap_context %s', (release, ...verdicts) => {
  const fields = ['file', 'vm_file', 'vma_flags', 'action', 'mmap_context'] as const
  const { name } = linux(release)
  const message = (field: string, verdict: string) =>
    ({
      mutable: 'mutable',
      immutable: `warns: the hook of f assigned ${field} of its description: ignored`,
      absent: `struct vm_area_desc of Linux ${name} has no ${field}`,
    })[verdict]
  expect(fields.map((field) => assign(release, field))).toEqual(
    fields.map((field, at) => message(field, verdicts[at] ?? '')),
  )
})

it.each(['mm', 'start', 'end'] as const)('%s is immutable in every release', (field) => {
  const ignored = `the hook of f assigned ${field} of its description: ignored`
  for (const release of ['rfc-proto', '6.16', '6.18', '7.0', '7.3', 'rfc-complete']) {
    expect(assign(release, field)).toBe(`warns: ${ignored}`)
    expect(assign(release, field, true)).toBe(ignored)
  }
})

it.each(['pgoff', 'vm_flags', 'vm_flags_high', 'page_prot', 'vm_ops', 'private_data'] as const)(
  '%s is mutable in every release',
  (field) => {
    for (const release of ['rfc-proto', '6.16', '6.18', '6.19', '7.3', 'rfc-complete'])
      expect(assign(release, field, true)).toBe('mutable')
  },
)

it('keeps flags above bit 31 in vma_flags', () => {
  const seen: bigint[] = []
  const hook = (desc: vm_area_desc) => {
    desc.vma_flags = (1n << 42n) | (1n << 31n) | 1n
    seen.push(desc.vma_flags, BigInt(desc.vm_flags_high), BigInt(desc.vm_flags >>> 0))
    return 0
  }
  run('rs 0 1 f', { f: openFile('f', { mmap_prepare: hook }) })
  expect(seen).toEqual([(1n << 42n) | (1n << 31n) | 1n, 1n << 10n, (1n << 31n) | 1n])
})
