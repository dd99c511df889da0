// SPDX-License-Identifier: GPL-2.0-only
// Every conversion of the gallery is accepted, and every bug that is planted into one of them is caught.
import { expect, it } from 'vitest'
import { drivers } from '../../src/drivers/index.ts'
import {
  __compat_vma_mmap,
  compat_set_desc_from_vma,
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
  vma_desc_test,
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

/** Traps by number, as they are listed in the kernel's conversions: what is done, the driver, what must be found. */
const planted: readonly (readonly [trap: number, string, Name, Mutation, string])[] = [
  [1, 'a reference taken in mmap_prepare', 'referenceCounted', takesEarly, 'not given back'],
  [17, 'a reservation made in mmap_prepare', 'hugetlbReservation', takesEarly, 'not given back'],
  [
    2,
    'its own open() is not called',
    'referenceCounted',
    withOps(() => ({ mapped: () => 0 })),
    'resources',
  ],
  [3, 'close() without mapped()', 'referenceCounted', closesBlindly, 'underflow'],
  [
    4,
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
    3,
    'memory is allocated before the VMA',
    'dispatcher',
    then(() => void kzalloc('planted', {})),
    'not given back',
  ],
  [
    5,
    'VM_MAYWRITE is not cleared',
    'readOnlyClamp',
    then((desc) => vma_desc_set_flags(desc, VMA_MAYWRITE_BIT)),
    'flags',
  ],
  [6, 'a check is lost', 'validate', never, 'errno'],
  [10, 'another errno', 'validate', (desc, hook) => hook(desc) && -5, 'errno'],
  [
    7,
    'VM_DONTEXPAND is dropped, so that private data merge',
    'hugetlbReservation',
    then((desc) => vma_desc_clear_flags(desc, VMA_DONTEXPAND_BIT)),
    'flags',
  ],
  [
    8,
    'the offset is put back to 0',
    'faultDriven',
    then((desc) => {
      desc.pgoff = 0
    }),
    'offset',
  ],
  [
    13,
    'the offset is not added to the pages',
    'ringBuffer',
    then((desc) => {
      desc.action.pages = ['page 0', 'page 1', 'page 2', 'page 3']
    }),
    'page tables',
  ],
  [13, 'the array of pages is gone', 'ringBuffer', action({ pages: [] }), 'page tables'],
  [9, 'a private mapping is remapped in part', 'devMem', action({ size: 4096 }), 'errno'],
  [8, 'the offset is not added to the frame', 'devMem', action({ start_pfn: 0xf0 }), 'page tables'],
  [10, 'no error_override', 'oneErrno', action({ error_override: 0 }), 'errno'],
  [
    22,
    'the protection is not set',
    'writeCombining',
    then((desc) => {
      desc.page_prot &= 0xf
    }),
    'page protection',
  ],
  [12, 'the pages are not mapped', 'ioBar', action({ type: 'MMAP_NOTHING' }), 'flags'],
  [
    23,
    'the table of hooks is not set',
    'pageCacheFile',
    then((desc) => {
      desc.vm_ops = vma_dummy_vm_ops
    }),
    'vm_ops',
  ],
  [
    23,
    'NULL vm_ops make it anonymous',
    'pageCacheFile',
    then((desc) => {
      desc.vm_ops = null
    }),
    'vm_ops',
  ],
  [
    3,
    'private data are not set',
    'dispatcher',
    then((desc) => {
      desc.private_data = null
    }),
    'private data',
  ],
  [16, 'the leaf’s error is not returned', 'dispatcher', never, 'errno'],
  [
    11,
    'state is changed before a check',
    'validate',
    (desc, hook) => {
      kzalloc('planted', {})
      return hook(desc)
    },
    'not given back',
  ],
  [
    6,
    'another flag is tested',
    'readOnlyClamp',
    (desc, hook) => (vma_desc_test(desc, VMA_MAYWRITE_BIT) ? -1 : hook(desc)),
    'errno',
  ],
  [22, 'the entries have another caching', 'writeCombining', action({ pgprot: 0 }), 'page tables'],
  [22, 'fewer pages than the mapping has', 'ringBuffer', action({ nr_pages: 1 }), 'page tables'],
]

it.each(planted)('catches trap %i: %s (%s)', (_trap, _what, name, mutation, aspect) => {
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

/** All hooks of a driver change, not only what mmap_prepare describes. */
const rewritten: readonly (readonly [
  trap: number,
  string,
  Name,
  (correct: file_operations) => file_operations,
  string,
])[] = [
  [
    14,
    'no reference to the file below is taken',
    'stackedFile',
    ({ mmap_prepare }) => ({
      mmap_prepare: (desc) => {
        const error = mmap_prepare!(desc)
        if (error === 0) fput(desc.mm, desc.vm_file)
        return error
      },
    }),
    'file references',
  ],
  [
    15,
    'the file below is not put in place',
    'stackedFile',
    ({ mmap_prepare }) => ({
      mmap_prepare: (desc) => {
        const { vm_file } = desc
        const error = mmap_prepare!(desc)
        desc.vm_file = vm_file
        return error
      },
    }),
    'file',
  ],
  [16, 'the error of the bridge is not returned', 'ioBar', (leaf) => bridge(leaf, false), 'errno'],
  [24, 'both hooks are set', 'validate', (correct) => ({ mmap: () => 0, ...correct }), 'errno'],
  [24, 'no hook is set', 'validate', () => ({}), 'errno'],
]

/** A legacy hook that carries over what a leaf describes; `told`: the result of its action, too. */
function bridge({ mmap_prepare }: file_operations, told: boolean): file_operations {
  return {
    mmap: (file, vma) => {
      const desc = compat_set_desc_from_vma(file, vma)
      const refused = mmap_prepare!(desc)
      if (refused !== 0) return refused
      const failed = __compat_vma_mmap(desc, vma)
      return told ? failed : 0
    },
  }
}

it('accepts a bridge over the description of a leaf', () => {
  const leaf = hooksOf('ioBar', 'mapped')
  const found = equivalent(hooksOf('ioBar', 'legacy'), () => bridge(leaf(), true), some)
  expect(found.differences).toEqual([])
})

it.each(rewritten)('catches trap %i: %s (%s)', (_trap, _what, name, rewrite, aspect) => {
  const correct = hooksOf(name, name === 'stackedFile' ? 'forward' : 'mapped')
  const found = equivalent(correct, () => rewrite(correct()), some)
  const caught = found.differences.find((difference) => difference.aspect === aspect)
  expect(found.differences.map((difference) => difference.aspect)).toContain(aspect)
  expect(programText(caught!).length).toBeLessThanOrEqual(5)
})

/** Traps that no comparison of two runs can show, and why. */
const cannotShow: Readonly<Record<number, string>> = {
  18: 'a helper that takes a VMA does not compile where there is none',
  19: 'nothing is taken at mmap() time, so that nothing can be kept',
  20: 'the hooks of a program run in one address space, that of the caller',
  21: 'mmap_prepare is given no VMA whose address it could keep',
}

it('has a planted bug for every trap, or says why there is none', () => {
  const shown = [...planted, ...rewritten].map(([trap]) => trap)
  const known = new Set([...shown, ...Object.keys(cannotShow).map(Number)])
  expect([...known].sort((one, other) => one - other)).toEqual(
    Array.from({ length: 24 }, (_, at) => at + 1),
  )
})
