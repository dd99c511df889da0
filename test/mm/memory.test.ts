// SPDX-License-Identifier: GPL-2.0-only
// What page tables hold of a driver's memory: `0-2 pfn 100` are two entries from page 0 of the mapping on.
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  do_truncate,
  type file_operations,
  io_remap_pfn_range,
  KernelError,
  Mm,
  mmap_action_map_kernel_pages_full,
  mmap_action_remap_full,
  mmap_action_simple_ioremap,
  openFile,
  remap_pfn_range,
  unmap_mapping_range,
  type vm_area_desc,
  type vm_area_struct,
  vm_insert_page,
  vm_iomap_memory,
  vm_map_pages,
  vmf_insert_pfn,
} from '../../src/mm/index.ts'

const BASE = 0x100000
const pages = ['a', 'b', 'c', 'd']

function held(mm: Mm): string {
  return [...mm.pages.within(0, mm.range.task_size)]
    .map(({ start, end, kind, frame }) =>
      `${(start - BASE) / 4096}-${(end - BASE) / 4096} ${kind} ${frame ?? ''}`.trim(),
    )
    .join(', ')
}

function after(f_op: file_operations, flags: number, offset: number, act = (_: Mm) => {}): string {
  const mm = new Mm(linux())
  try {
    const file = openFile('d', f_op)
    mm.mmap({ addr: BASE, len: 8192, prot: 3, flags: flags | 0x10, file, offset: offset * 4096 })
    act(mm)
    return held(mm)
  } catch (error) {
    if (error instanceof KernelError) return `${error.code} ${held(mm)}`.trim()
    return String(error)
  }
}

const hook = (act: (vma: vm_area_struct) => number): file_operations => ({
  mmap: (_, vma) => act(vma),
})
const prepare = (act: (desc: vm_area_desc) => void): file_operations => ({
  mmap_prepare: (desc) => {
    act(desc)
    return 0
  },
})
const size = (vma: vm_area_struct): number => vma.vm_end - vma.vm_start

it.each<[string, file_operations, number, number, string]>([
  [
    'remap_pfn_range',
    hook((vma) => remap_pfn_range(vma, vma.vm_start, 100, size(vma))),
    1,
    0,
    '0-2 pfn 100',
  ],
  [
    'remap_pfn_range of an odd size',
    hook((vma) => remap_pfn_range(vma, vma.vm_start, 100, 4097)),
    2,
    0,
    '0-2 pfn 100',
  ],
  [
    'remap_pfn_range of a part',
    hook((vma) => remap_pfn_range(vma, vma.vm_start, 100, 4096)),
    2,
    0,
    'EINVAL',
  ],
  [
    'io_remap_pfn_range of a part',
    hook((vma) => io_remap_pfn_range(vma, vma.vm_start, 100, 4096)),
    1,
    0,
    '0-1 pfn 100',
  ],
  [
    'a hook that fails later',
    hook((vma) => remap_pfn_range(vma, vma.vm_start, 100, 4096) || -5),
    1,
    0,
    'EIO',
  ],
  ['vm_iomap_memory', hook((vma) => vm_iomap_memory(vma, 0x64000, 0x3000)), 1, 1, '0-2 pfn 101'],
  [
    'vm_iomap_memory past the end',
    hook((vma) => vm_iomap_memory(vma, 0x64000, 0x3000)),
    1,
    2,
    'EINVAL',
  ],
  ['vm_insert_page', hook((vma) => vm_insert_page(vma, vma.vm_start, 'a')), 1, 0, '0-1 file a'],
  ['vm_insert_page outside', hook((vma) => vm_insert_page(vma, vma.vm_end, 'a')), 1, 0, 'EFAULT'],
  ['vm_map_pages', hook((vma) => vm_map_pages(vma, pages)), 1, 2, '0-1 file c, 1-2 file d'],
  ['vm_map_pages past the end', hook((vma) => vm_map_pages(vma, pages)), 1, 3, 'ENXIO'],
  ['an action', prepare((desc) => mmap_action_remap_full(desc, 100)), 1, 0, '0-2 pfn 100'],
  [
    'an action for a BAR',
    prepare((desc) => mmap_action_simple_ioremap(desc, 0x64000, 0x3000)),
    1,
    1,
    '0-2 pfn 101',
  ],
  [
    'an action with pages',
    prepare((desc) => mmap_action_map_kernel_pages_full(desc, pages)),
    1,
    2,
    '0-1 file a, 1-2 file b',
  ],
])('%s fills', (_what, f_op, flags, offset, want) => expect(after(f_op, flags, offset)).toBe(want))

const device: file_operations = {
  mmap: (_, vma) => remap_pfn_range(vma, vma.vm_start, 100, size(vma)),
}
const pageCache: file_operations = {
  mmap_prepare: (desc) => {
    desc.vm_ops = { fault: () => 0 }
    return 0
  },
}
const read = (mm: Mm) => [mm.touch(BASE), mm.touch(BASE + 4096)]
const write = (mm: Mm) => mm.touch(BASE, true)
const unmap = (mm: Mm, from: number, len: number, cows: boolean) =>
  unmap_mapping_range(mm.vmaAt(BASE)!.vm_file!.f_mapping, from * 4096, len * 4096, cows)

it.each<[string, file_operations, number, (mm: Mm) => void, string]>([
  ['the whole device', device, 1, (mm) => unmap(mm, 0, 0, true), ''],
  ['one page of it', device, 1, (mm) => unmap(mm, 1, 1, false), '0-1 pfn 100'],
  ['what lies before it', device, 1, (mm) => unmap(mm, 2, 1, false), '0-2 pfn 100'],
  [
    'a file but not the copy',
    pageCache,
    2,
    (mm) => {
      read(mm)
      write(mm)
      unmap(mm, 0, 0, false)
    },
    '0-1 anon',
  ],
  [
    'a file and the copy',
    pageCache,
    2,
    (mm) => {
      read(mm)
      write(mm)
      unmap(mm, 0, 0, true)
    },
    '',
  ],
  [
    'what a truncation leaves',
    pageCache,
    1,
    (mm) => {
      read(mm)
      do_truncate(mm.vmaAt(BASE)!.vm_file!, 100)
    },
    '0-1 file',
  ],
])('unmaps %s', (_what, f_op, flags, act, want) => expect(after(f_op, flags, 0, act)).toBe(want))

it.each<[string, boolean, string]>([
  ['with VM_PFNMAP', true, '1-2 pfn 7'],
  [
    'without',
    false,
    'Error: vmf_insert_pfn(): the VMA has neither VM_PFNMAP nor VM_MIXEDMAP: BUG_ON()',
  ],
])('vmf_insert_pfn %s', (_what, pfnmap, want) => {
  const f_op: file_operations = {
    mmap_prepare: (desc) => {
      if (pfnmap) desc.vm_flags |= 0x400
      desc.vm_ops = { fault: ({ vma, address }) => vmf_insert_pfn(vma, address, 7) }
      return 0
    },
  }
  expect(after(f_op, 1, 0, (mm) => mm.touch(BASE + 4096))).toBe(want)
})
