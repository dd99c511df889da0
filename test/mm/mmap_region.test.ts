// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import {
  EINVAL,
  ENOMEM,
  type file,
  type file_operations,
  openFile,
  VM_DONTCOPY,
  VMA_DONTCOPY_BIT,
  VMA_IO_BIT,
  VMA_MAYWRITE_BIT,
  validate_mm,
  type vm_area_desc,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_clear_flags,
  vma_desc_set_flags,
} from '../../src/mm/index.ts'
import { BASE, run, unmapAll } from './program.ts'

/** A driver whose mmap_prepare edits the description and succeeds. */
const preparing = (edit: (desc: vm_area_desc) => void): file_operations => ({
  mmap_prepare: (desc) => {
    edit(desc)
    return 0
  },
})

/** A driver whose VMAs have these hooks. */
const withOps = (vm_ops: vm_operations_struct | null): file_operations =>
  preparing((desc) => {
    desc.vm_ops = vm_ops
  })

const drivers: Readonly<Record<string, file_operations>> = {
  plain: { mmap_prepare: () => 0 },
  close: withOps({ close: () => {} }),
  anon: withOps(null),
  mapped: withOps({ mapped: () => -ENOMEM, close: () => {} }),
  io: preparing((desc) => vma_desc_set_flags(desc, VMA_IO_BIT)),
  dontcopy: preparing((desc) => vma_desc_set_flags(desc, VMA_DONTCOPY_BIT)),
  readonly: preparing((desc) => vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT)),
  pgoff9: preparing((desc) => {
    desc.pgoff = 9
  }),
  refuses: { mmap_prepare: () => -EINVAL },
  legacy: { mmap: () => 0 },
  legacyFlags: {
    mmap: (_file, vma) => {
      vm_flags_set(vma, VM_DONTCOPY)
      return 0
    },
  },
  legacyRefuses: { mmap: () => -EINVAL },
  both: { mmap: () => 0, mmap_prepare: () => 0 },
  none: {},
}

const files = (): Record<string, file> =>
  Object.fromEntries(Object.entries(drivers).map(([name, hooks]) => [name, openFile(name, hooks)]))

it.each([
  // Merging of new ranges
  ['rw 0 4; rw 4 4', '0-8rw'],
  ['rw 0 4; rw 8 4; rw 4 4', '0-12rw'],
  ['rw 4 4; rw 0 4', '0-8rw'],
  ['rw 0 4; r 4 4', '0-4rw 4-8r'],
  ['rws 0 4; rws 4 4', '0-4rws /dev/zero (deleted)@0 4-8rws /dev/zero (deleted)@0'],
  ['rws 0 4 plain@0; rws 4 4 plain@4', '0-8rws plain@0'],
  ['rws 0 4 plain@0; rws 4 4 plain@9', '0-4rws plain@0 4-8rws plain@9'],
  ['rw 0 4 plain@0; rw 4 4 plain@4', '0-8rw plain@0'],
  // What a hook sets decides about the merge, since it runs first
  ['rws 0 4 io@0; rws 4 4 io@4', '0-4rws io@0 4-8rws io@4'],
  ['rws 0 4 dontcopy@0; rws 4 4 dontcopy@4', '0-8rws dontcopy@0'],
  ['rws 0 4 close@0; rws 4 4 close@4', '0-8rws close@0'],
  ['rws 0 4 close@0; rws 8 4 close@8; rws 4 4 close@4', '0-8rws close@0 8-12rws close@8'],
  ['rws 0 4 pgoff9@0; rws 4 4 pgoff9@0', '0-4rws pgoff9@9 4-8rws pgoff9@9'],
  ['rws 0 2 plain; rw 2 2', '0-2rws plain@0 2-4rw'],
  // A legacy hook runs after the merge attempt: with changed flags it never merges
  ['rws 0 4 legacy@0; rws 4 4 legacy@4', '0-8rws legacy@0'],
  ['rws 0 4 legacyFlags@0; rws 4 4 legacyFlags@4', '0-4rws legacyFlags@0 4-8rws legacyFlags@4'],
  // MAP_FIXED over what is there
  ['rw 0 8; r 2 4', '0-2rw 2-6r 6-8rw'],
  ['rw 0 8; rw 2 4', '0-8rw'],
  ['rw 0 8; rws 2 4 plain', '0-2rw 2-6rws plain@0 6-8rw'],
  // A hook that fails over old mappings leaves a hole, and what was split stays split
  ['rw 0 8; rws 2 4 refuses = EINVAL', '0-2rw 6-8rw'],
  ['rw 0 8; rws 2 4 legacyRefuses = EINVAL', '0-2rw 6-8rw'],
  ['rw 0 8; rws 2 4 mapped = ENOMEM', '0-2rw 6-8rw'],
  ['rws 0 4 refuses = EINVAL', ''],
  // Refused before anything is touched
  ['rw 0 8; rws 2 4 none = ENODEV', '0-8rw'],
  ['rw 0 8; rws 2 4 both = ENODEV', '0-8rw'],
  ['rw 0 0 = EINVAL', ''],
  // Permissions that a hook takes away
  ['rs 0 4 readonly; = rw 0 4 = EACCES', '0-4rs readonly@0'],
  ['rw 0 4 anon', '0-4rw anon@0'],
])('%s  gives  %s', (program, list) => {
  const opened = files()
  const done = run(program, opened)
  expect(done.list).toBe(list)
  unmapAll(done.mm, opened)
})

it('keeps the private data of the VMA that stays when a mapping merges', () => {
  let calls = 0
  const counting = openFile('counting', {
    mmap_prepare: (desc) => {
      desc.private_data = ++calls
      return 0
    },
  })
  const { mm, list } = run('rws 0 4 c@0; rws 4 4 c@4', { c: counting })
  expect([list, calls]).toEqual(['0-8rws counting@0', 2])
  expect(mm.vmas().map((vma) => vma.vm_private_data)).toEqual([1])
})

it('gives the file reference of a swapped-in file to the VMA', () => {
  const other = openFile('other', { mmap_prepare: () => 0 })
  const swapping = openFile('swapping', {
    mmap_prepare: (desc) => {
      other.f_count++
      desc.vm_file = other
      return 0
    },
  })
  const { mm, list } = run('rws 0 4 s', { s: swapping })
  expect([list, other.f_count, swapping.f_count]).toEqual(['0-4rws other@0', 2, 1])
  unmapAll(mm, { swapping, other })
})

it('warns of a hook that assigns start, and ignores it', () => {
  const warnings: unknown[] = []
  const moving = openFile(
    'moving',
    preparing((desc) => {
      desc.start += 4096
    }),
  )
  const { mm } = run('')
  mm.listener = (name, subject) => name === 'warn' && warnings.push(subject)
  mm.mmap({ addr: 0x100000, len: 8192, prot: 1, flags: 0x11, file: moving })
  expect(mm.vmas()[0]?.vm_start).toBe(0x100000)
  expect(warnings).toEqual(['the hook of moving assigned start of its description: ignored'])
})

it.each<[string, file_operations | vm_operations_struct, string]>([
  ['mmap_prepare', { mmap_prepare: () => nowhere() }, 'nowhere is not defined'],
  ['mmap', { mmap: () => nowhere() }, 'nowhere is not defined'],
  ['mapped', withOps({ mapped: () => nowhere() }), 'nowhere is not defined'],
  ['close', withOps({ close: () => nowhere() }), 'nowhere is not defined'],
  [
    'a positive errno',
    { mmap_prepare: () => EINVAL },
    'returned 22: a hook returns 0, or a negative errno',
  ],
  ['no return', { mmap_prepare: (() => {}) as never }, 'returned undefined'],
  ['a promise', { mmap_prepare: (async () => 0) as never }, 'returned [object Promise]'],
])('unwinds the call when a hook throws or returns nonsense: %s', (_, hooks, message) => {
  const faulty = openFile('faulty', hooks as file_operations)
  const { mm } = run('rw 0 8')
  const program = () => {
    mm.mmap({ addr: BASE + 8192, len: 8192, prot: 3, flags: 0x11, file: faulty })
    mm.munmap(BASE, 8 * 4096)
  }
  expect(program).toThrow(message)
  expect(validate_mm(mm)).toEqual([])
  unmapAll(mm, { faulty })
})

function nowhere(): number {
  throw new ReferenceError('nowhere is not defined')
}
