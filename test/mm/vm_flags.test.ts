// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  LockError,
  MAP_SHARED,
  Mm,
  openFile,
  PROT_READ,
  PROT_WRITE,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_MAYWRITE,
  VM_WRITE,
  type vm_area_struct,
  vm_flags_clear,
  vm_flags_codes,
  vm_flags_mod,
  vm_flags_set,
} from '../../src/mm/index.ts'
import { record } from '../../src/trace/index.ts'

/** A mapping whose legacy hook changes its VMA, and the steps of making it. */
function mapped(change: (vma: vm_area_struct) => void) {
  const mm = new Mm(linux('7.3'))
  const device = openFile('/dev/x', {
    mmap(_file, vma) {
      change(vma)
      return 0
    },
  })
  const prot = PROT_READ | PROT_WRITE
  const { steps } = record(mm, () => mm.mmap({ len: 4096, prot, flags: MAP_SHARED, file: device }))
  return { vma: mm.vmas()[0] as vm_area_struct, steps }
}

const codesOf = ({ vm_flags, vm_flags_high }: vm_area_struct) =>
  vm_flags_codes(vm_flags, vm_flags_high).split(' ')
const plain = codesOf(mapped(() => {}).vma)

it.each<[change: (vma: vm_area_struct) => void, difference: string]>([
  [(vma) => vm_flags_set(vma, VM_DONTCOPY | VM_DONTDUMP), '+dc +dd'],
  [(vma) => vm_flags_set(vma, VM_WRITE), ''],
  [(vma) => vm_flags_clear(vma, VM_MAYWRITE | VM_DONTCOPY), '-mw'],
  [(vma) => vm_flags_mod(vma, VM_DONTCOPY, VM_MAYWRITE), '-mw +dc'],
  [(vma) => vm_flags_mod(vma, VM_DONTCOPY, VM_DONTCOPY), ''],
])('%s: %s', (change, difference) => {
  const { vma, steps } = mapped(change)
  const codes = codesOf(vma)
  const lost = plain.filter((code) => !codes.includes(code)).map((code) => `-${code}`)
  const won = codes.filter((code) => !plain.includes(code)).map((code) => `+${code}`)
  expect([...lost, ...won].join(' ')).toBe(difference)
  const calls = steps.map(({ fn }) => fn)
  expect(calls.filter((fn) => fn === 'vma_start_write')).toHaveLength(1)
})

it('needs mmap_lock held for writing', () => {
  const { vma } = mapped(() => {})
  const before = vma.vm_flags
  expect(() => vm_flags_set(vma, VM_DONTCOPY)).toThrow(LockError)
  expect(vma.vm_flags).toBe(before)
})
