// SPDX-License-Identifier: GPL-2.0-only
// Devices that were loaded into real kernels to see what they do: what they print is what those kernels' logs hold.
// Some fail and some misuse the interface, on purpose.

import {
  EAGAIN,
  EBUSY,
  EINVAL,
  ENXIO,
  kzalloc,
  mmap_action_ioremap_full,
  mmap_action_map_kernel_pages,
  mmap_action_map_kernel_pages_full,
  mmap_action_remap,
  PAGE_SIZE,
  pgprot_noncached,
  VM_FAULT_SIGBUS,
  VMA_DONTDUMP_BIT,
  VMA_DONTEXPAND_BIT,
  VMA_MAYWRITE_BIT,
  VMA_SHARED_BIT,
  type vm_area_desc,
  type vm_area_struct,
  type vm_fault,
  type vm_operations_struct,
  vma_desc_clear_flags,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_desc_size,
  vma_desc_test,
} from '../../mm/index.ts'
import { fits, type Hooks, PAGES } from '../pattern.ts'

/** What the probes share. */
export interface Trial {
  /** The kernel's log. */
  pr_info(line: string): void
  /** The mappings described so far: each gets its number as private data. */
  described: number
  /** The first page frame of the buffer. */
  readonly pfn: number
}

const trial = (): Trial => ({ pr_info: () => {}, described: 0, pfn: 0x5808 })

const labelled = (label: string): readonly string[] =>
  Array.from({ length: PAGES }, (_, page) => `${label} page ${page}`)
const faultPages = labelled('fault')
const actionPages = labelled('action')

const hex = (start: number, end: number): string => `${start.toString(16)}-${end.toString(16)}`
const range = ({ vm_start, vm_end }: vm_area_struct): string => hex(vm_start, vm_end)

const fault = (vmf: vm_fault): number => {
  vmf.page = faultPages[vmf.pgoff]
  return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
}

type Mapped = NonNullable<vm_operations_struct['mapped']>

const mappedOf =
  ({ pr_info }: Trial): Mapped =>
  (start, end, pgoff, _file, { value }) => {
    pr_info(`mapped  ${hex(start, end)} pgoff ${pgoff} priv ${value}`)
    return 0
  }

/** Gives the VMA another private data than the description did. */
const mappedPrivate =
  ({ pr_info }: Trial): Mapped =>
  (start, end, pgoff, _file, vm_private_data) => {
    pr_info(`mapped  ${hex(start, end)} pgoff ${pgoff} priv ${vm_private_data.value} -> 1000`)
    vm_private_data.value = 1000
    return 0
  }

const mappedFails =
  ({ pr_info }: Trial): Mapped =>
  (start, end, pgoff) => {
    pr_info(`mapped  ${hex(start, end)} pgoff ${pgoff} -> -ENXIO`)
    return -ENXIO
  }

function withClose({ pr_info }: Trial, mapped: Mapped): vm_operations_struct {
  const tell = (hook: string) => (vma: vm_area_struct) =>
    pr_info(`${hook} ${range(vma)} pgoff ${vma.vm_pgoff} priv ${vma.vm_private_data}`)
  return { fault, mapped, open: tell('open   '), close: tell('close  ') }
}

function describe(made: Trial, desc: vm_area_desc, vm_ops: vm_operations_struct): number {
  if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
  if (!vma_desc_test(desc, VMA_SHARED_BIT)) return -EINVAL
  desc.vm_ops = vm_ops
  desc.private_data = ++made.described
  made.pr_info(`prepare ${hex(desc.start, desc.end)} pgoff ${desc.pgoff} priv ${made.described}`)
  return 0
}

/** A probe that describes its mapping, gives pages on access, and has these hooks on its VMAs. */
const describing =
  (
    hooks: (made: Trial) => vm_operations_struct,
    edit: (desc: vm_area_desc) => void = () => {},
  ): Hooks<Trial> =>
  (made = trial()) => {
    const vm_ops = hooks(made)
    return {
      mmap_prepare: (desc) => {
        edit(desc)
        return describe(made, desc, vm_ops)
      },
    }
  }

/** A probe whose description is `hook` alone. */
const preparing =
  (hook: (desc: vm_area_desc, made: Trial) => number): Hooks<Trial> =>
  (made = trial()) => ({ mmap_prepare: (desc) => hook(desc, made) })

/** A legacy probe that gives pages on access. */
const legacy =
  (hooks: (made: Trial) => vm_operations_struct): Hooks<Trial> =>
  (made = trial()) => {
    const vm_ops = hooks(made)
    return {
      mmap: (_file, vma) => {
        made.pr_info(`.mmap   ${range(vma)} pgoff ${vma.vm_pgoff}`)
        vma.vm_ops = vm_ops
        return 0
      },
    }
  }

function legacyClose({ pr_info }: Trial): vm_operations_struct {
  const tell = (hook: string) => (vma: vm_area_struct) =>
    pr_info(`${hook} ${range(vma)} pgoff ${vma.vm_pgoff}`)
  return { fault, open: tell('open   '), close: tell('close  ') }
}

/** Says only where. */
const tellRange =
  (hook: string, { pr_info }: Trial): Mapped =>
  (start, end) => {
    pr_info(`${hook} ${hex(start, end)}`)
    return 0
  }

type Probe =
  | 'plain'
  | 'closes'
  | 'replacesPrivateData'
  | 'mappedFails'
  | 'overridesErrno'
  | 'dontExpand'
  | 'prepareFails'
  | 'actionFails'
  | 'actionFailsLate'
  | 'remapsPart'
  | 'ioremaps'
  | 'mapsKernelPages'
  | 'legacyPlain'
  | 'legacyCloses'
  | 'legacyFails'
  | 'bothHooks'
  | 'legacyMapped'
  | 'overridesWithPositive'
  | 'remapsPastTheEnd'
  | 'assignsStart'

/** The probes, by what they are there to show. `probes.closes()` is file_operations for file(). */
export const probes: Readonly<Record<Probe, Hooks<Trial>>> = {
  plain: describing((made) => ({ fault, mapped: mappedOf(made) })),
  closes: describing((made) => withClose(made, mappedOf(made))),
  replacesPrivateData: describing((made) => withClose(made, mappedPrivate(made))),
  mappedFails: describing((made) => withClose(made, mappedFails(made))),
  overridesErrno: describing(
    (made) => withClose(made, mappedFails(made)),
    (desc) => {
      desc.action.error_override = -EAGAIN
    },
  ),
  dontExpand: describing(
    (made) => ({ fault, mapped: mappedOf(made) }),
    (desc) => {
      vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT)
      vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT)
    },
  ),
  prepareFails: preparing((desc, { pr_info }) => {
    pr_info(`prepare ${hex(desc.start, desc.end)} -> -EBUSY`)
    return -EBUSY
  }),
  actionFails: preparing((desc) => {
    mmap_action_map_kernel_pages(desc, desc.start, faultPages, vma_desc_pages(desc) + 1)
    return 0
  }),
  // Slab memory must not be inserted into a mapping: that is found out when the pages are filled in.
  actionFailsLate: (made = trial()) => {
    const slab = kzalloc('slab', {})
    const mapped = tellRange('mapped ', made)
    const close = (vma: vm_area_struct) => made.pr_info(`close   ${range(vma)}`)
    return {
      mmap_prepare: (desc) => {
        desc.vm_ops = { mapped, close }
        mmap_action_map_kernel_pages(desc, desc.start, [slab], 1)
        made.pr_info(`prepare ${hex(desc.start, desc.end)} (slab page)`)
        return 0
      },
    }
  },
  remapsPart: preparing((desc, { pfn }) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    mmap_action_remap(desc, desc.start, pfn + desc.pgoff, PAGE_SIZE)
    return 0
  }),
  ioremaps: preparing((desc) => {
    if (desc.pgoff !== 0) return -EINVAL
    desc.page_prot = pgprot_noncached(desc.page_prot)
    mmap_action_ioremap_full(desc, 0xf0)
    return 0
  }),
  mapsKernelPages: preparing((desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    mmap_action_map_kernel_pages_full(desc, actionPages.slice(desc.pgoff))
    return 0
  }),
  legacyPlain: legacy(() => ({ fault })),
  legacyCloses: legacy(legacyClose),
  legacyFails: (made = trial()) => ({
    mmap: (_file, vma) => {
      vma.vm_ops = legacyClose(made)
      made.pr_info(`.mmap   ${range(vma)} -> -EBUSY`)
      return -EBUSY
    },
  }),
  bothHooks: () => ({ mmap: () => 0, mmap_prepare: () => 0 }),
  legacyMapped: (made = trial()) => ({
    mmap: (_file, vma) => {
      vma.vm_ops = { mapped: tellRange('mapped ', made) }
      return 0
    },
  }),
  overridesWithPositive: preparing((desc) => {
    desc.action.error_override = 5
    return 0
  }),
  remapsPastTheEnd: preparing((desc) => {
    mmap_action_remap(desc, desc.start, 1, vma_desc_size(desc) + PAGE_SIZE)
    return 0
  }),
  assignsStart: preparing((desc, made) => {
    desc.start += PAGE_SIZE
    desc.vm_ops = { mapped: tellRange('mapped ', made) }
    return 0
  }),
}
