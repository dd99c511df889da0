// SPDX-License-Identifier: GPL-2.0-only
// Every conversion of the gallery is accepted, and every bug that is planted into one of them is caught.
import { expect, it } from 'vitest'
import { drivers } from '../../src/drivers/index.ts'
import {
  type file_operations,
  fput,
  kzalloc,
  type mmap_action,
  mutex,
  mutex_lock,
  mutex_unlock,
  VMA_DONTEXPAND_BIT,
  VMA_MAYWRITE_BIT,
  type vm_area_desc,
  type vm_operations_struct,
  vma_desc_clear_flags,
  vma_desc_set_flags,
  vma_dummy_vm_ops,
} from '../../src/mm/index.ts'
import { equivalent, type Matrix, programText } from '../../src/trace/index.ts'

type Name = keyof typeof drivers
type Make = () => file_operations

const hooksOf = (name: Name, era: string): Make => {
  const hooks = Reflect.get(drivers[name], era) as (() => file_operations) | undefined
  if (!hooks) throw new Error(`${name} has no hooks in ${era}`)
  return () => hooks()
}
const some: Partial<Matrix> = { prots: [1, 3], sizes: [1, 3], pgoffs: [0, 1] }

/** Conversions that are another driver: what the gallery says of them, and what differs first. */
const redesigned: Partial<Record<Name, string>> = {
  // The buffer belongs to the open file instead of the mapping.
  allocatePopulate: 'vm_ops',
  // Pages come on access instead of ahead of it.
  insertPages: 'flags',
}

it.each(Object.keys(drivers) as Name[])('accepts the conversion of %s', (name) => {
  const found = equivalent(hooksOf(name, 'legacy'), hooksOf(name, 'mapped'), some)
  expect([found.differences[0]?.aspect, found.problems]).toEqual([redesigned[name], []])
})

/** What is done to a correct driver, mechanically: a hook around its hook. */
type Mutation = (desc: vm_area_desc, hook: (desc: vm_area_desc) => number) => number

/** After the hook succeeded, something is done to the description. */
const then =
  (act: (desc: vm_area_desc) => void): Mutation =>
  (desc, hook) => {
    const error = hook(desc)
    if (error === 0) act(desc)
    return error
  }

const withOps = (change: (ops: vm_operations_struct) => Partial<vm_operations_struct>): Mutation =>
  then((desc) => {
    const { mapped, ...ops } = desc.vm_ops ?? {}
    desc.vm_ops = { ...ops, ...(mapped && { mapped }), ...change(desc.vm_ops ?? {}) }
  })

/** What mapped() does is done by mmap_prepare. */
const takesEarly = then((desc) => {
  const { mapped, ...ops } = desc.vm_ops ?? {}
  const data = { value: desc.private_data }
  mapped?.(desc.start, desc.end, desc.pgoff, desc.file, data)
  desc.private_data = data.value
  desc.vm_ops = ops
})

/** close() does not look whether mapped() succeeded. */
const closesBlindly = withOps(({ close }) => ({
  close: (vma) => {
    vma.vm_private_data ??= { pages: 0, refs: { refs: 1 } }
    close?.(vma)
  },
}))

const action = (change: Partial<mmap_action>): Mutation =>
  then((desc) => {
    Object.assign(desc.action, change)
  })

/** The hook's error is not returned. */
const never: Mutation = (desc, hook) => Math.max(0, hook(desc))

const lock = new mutex('planted')

// One row per trap of a conversion: the trap, the driver, what is done to it, what must be found among the differences.
it.each<[string, Name, Mutation, string]>([
  ['a reference taken in mmap_prepare', 'referenceCounted', takesEarly, 'not given back'],
  ['a reservation made in mmap_prepare', 'hugetlbReservation', takesEarly, 'not given back'],
  [
    'its own open() is not called',
    'referenceCounted',
    withOps(() => ({ mapped: () => 0 })),
    'resources',
  ],
  ['close() without mapped()', 'referenceCounted', closesBlindly, 'underflow'],
  [
    'a lock is kept until mapped()',
    'secretmem',
    then((desc) => {
      mutex_unlock(lock)
      mutex_lock(lock)
      desc.vm_ops = {
        ...desc.vm_ops,
        mapped: () => {
          mutex_unlock(lock)
          return 0
        },
      }
    }),
    'lock held',
  ],
  [
    'memory is allocated before the VMA',
    'dispatcher',
    then(() => void kzalloc('planted', {})),
    'not given back',
  ],
  [
    'VM_MAYWRITE is not cleared',
    'readOnlyClamp',
    then((desc) => vma_desc_set_flags(desc, VMA_MAYWRITE_BIT)),
    'flags',
  ],
  ['a check is lost', 'validate', never, 'errno'],
  ['another errno', 'validate', (desc, hook) => hook(desc) && -5, 'errno'],
  [
    'VM_DONTEXPAND is dropped, so that private data merge',
    'hugetlbReservation',
    then((desc) => vma_desc_clear_flags(desc, VMA_DONTEXPAND_BIT)),
    'flags',
  ],
  [
    'the offset is put back to 0',
    'faultDriven',
    then((desc) => {
      desc.pgoff = 0
    }),
    'offset',
  ],
  [
    'the offset is not added to the pages',
    'ringBuffer',
    then((desc) => {
      desc.action.pages = ['page 0', 'page 1', 'page 2', 'page 3']
    }),
    'page tables',
  ],
  ['the array of pages is gone', 'ringBuffer', action({ pages: [] }), 'page tables'],
  ['a private mapping is remapped in part', 'devMem', action({ size: 4096 }), 'errno'],
  ['the offset is not added to the frame', 'devMem', action({ start_pfn: 0xf0 }), 'page tables'],
  ['no error_override', 'oneErrno', action({ error_override: 0 }), 'errno'],
  [
    'the protection is not set',
    'writeCombining',
    then((desc) => {
      desc.page_prot &= 0xf
    }),
    'page protection',
  ],
  ['the pages are not mapped', 'ioBar', action({ type: 'MMAP_NOTHING' }), 'flags'],
  [
    'the table of hooks is not set',
    'pageCacheFile',
    then((desc) => {
      desc.vm_ops = vma_dummy_vm_ops
    }),
    'vm_ops',
  ],
  [
    'NULL vm_ops make it anonymous',
    'pageCacheFile',
    then((desc) => {
      desc.vm_ops = null
    }),
    'vm_ops',
  ],
  [
    'private data are not set',
    'dispatcher',
    then((desc) => {
      desc.private_data = null
    }),
    'private data',
  ],
  ['the leaf’s error is not returned', 'dispatcher', never, 'errno'],
  [
    'state is changed before a check',
    'validate',
    (desc, hook) => {
      kzalloc('planted', {})
      return hook(desc)
    },
    'not given back',
  ],
])('catches: %s (%s)', (_trap, name, mutation, aspect) => {
  const correct = hooksOf(name, 'mapped')
  lock.held = 0
  const mutated = (): file_operations => {
    const { mmap_prepare } = correct()
    lock.held = 0
    return { mmap_prepare: (desc) => mutation(desc, (given) => mmap_prepare!(given)) }
  }
  const found = equivalent(hooksOf(name, 'legacy'), mutated, some)
  const caught = found.differences.find((difference) => difference.aspect === aspect)
  expect(found.differences.map((difference) => difference.aspect)).toContain(aspect)
  expect(programText(caught!).length).toBeLessThanOrEqual(5)
})

it('catches a reference to the file below that is not taken', () => {
  const forward = hooksOf('stackedFile', 'forward')
  const mutated = (): file_operations => {
    const { mmap_prepare } = forward()
    return {
      mmap_prepare: (desc) => {
        const error = mmap_prepare!(desc)
        if (error === 0) fput(desc.mm, desc.vm_file)
        return error
      },
    }
  }
  const found = equivalent(forward, mutated, { ...some, neighbours: ['none'] })
  expect(found.differences.map(({ aspect }) => aspect)).toContain('file references')
})
