// SPDX-License-Identifier: GPL-2.0-only
// The files that a recorded process had open, by descriptor: what the `live` format calls slots.
import {
  compat_set_desc_from_vma,
  EINVAL,
  EOPNOTSUPP,
  EPERM,
  type FileOptions,
  type file,
  type file_operations,
  fput,
  hugetlbfs_file_operations,
  MAP_SHARED,
  openFile,
  PAGE_SIZE,
  PMD_SIZE,
  type Release,
  shmem_get_unmapped_area,
  shmem_zero_setup_desc,
  thp_get_unmapped_area,
  VM_FAULT_SIGBUS,
  VMA_DONTCOPY_BIT,
  VMA_DONTDUMP_BIT,
  VMA_DONTEXPAND_BIT,
  VMA_EXEC_BIT,
  VMA_IO_BIT,
  VMA_MAYEXEC_BIT,
  VMA_MAYWRITE_BIT,
  VMA_MIXEDMAP_BIT,
  VMA_PFNMAP_BIT,
  VMA_SHARED_BIT,
  VMA_SYNC_BIT,
  VMA_WRITE_BIT,
  type vm_area_desc,
  type vm_area_struct,
  type vm_operations_struct,
  vma_desc_clear_flags,
  vma_desc_set_anonymous,
  vma_desc_set_flags,
  vma_desc_test,
  vma_desc_test_any,
} from '../mm/index.ts'

type Prepare = (desc: vm_area_desc) => number

/** A kind of file: what its hook does, and how it places its mappings. */
interface FileKind {
  /** The hooks themselves, when they are the same for every release. */
  readonly hooks?: file_operations
  readonly prepare?: Prepare
  /** The hook is still a legacy one: it runs after the merge attempt. */
  readonly legacy?: boolean
  /** The hook is a legacy one where null hooks in a description do not make the mapping anonymous. */
  readonly anonymous?: boolean
  readonly get_unmapped_area?: file_operations['get_unmapped_area']
  /** It can be written back. */
  readonly syncs?: boolean
}

/** A page of the file, or SIGBUS beyond its end. */
const page_cache_vm_ops: vm_operations_struct = {
  fault: ({ vma, pgoff }) =>
    pgoff * PAGE_SIZE < (vma.vm_file?.f_inode.i_size ?? 0) ? 0 : VM_FAULT_SIGBUS,
}

const pageCache: Prepare = (desc) => {
  desc.vm_ops = page_cache_vm_ops
  return 0
}

/** Synchronous faults need DAX. Linux: fs/ext4/file.c:ext4_file_mmap_prepare() */
const ext4: Prepare = (desc) => (vma_desc_test(desc, VMA_SYNC_BIT) ? -EOPNOTSUPP : pageCache(desc))

/** Linux: drivers/char/mem.c:mmap_zero_prepare() */
const zero: Prepare = (desc) => {
  if (vma_desc_test(desc, desc.mm.release.dev_zero_shared_bit)) return shmem_zero_setup_desc(desc)
  vma_desc_set_anonymous(desc)
  return 0
}

/** Linux: drivers/char/mem.c:get_unmapped_area_zero() */
const get_unmapped_area_zero: file_operations['get_unmapped_area'] = (
  mm,
  file,
  addr,
  len,
  pgoff,
  flags,
) =>
  (flags & MAP_SHARED || !mm.release.dev_zero_aligns
    ? shmem_get_unmapped_area
    : thp_get_unmapped_area)(mm, file, addr, len, pgoff, flags)

/** Placement of its own that asks for nothing. Linux: kernel/bpf/syscall.c:bpf_get_unmapped_area() */
const bpf_get_unmapped_area: FileKind['get_unmapped_area'] = (...args) =>
  shmem_get_unmapped_area(...args)

/** Linux: net/ipv4/tcp.c:tcp_mmap() */
const tcp: Prepare = (desc) => {
  if (vma_desc_test_any(desc, VMA_WRITE_BIT, VMA_EXEC_BIT)) return -EPERM
  vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT, VMA_MAYEXEC_BIT)
  vma_desc_set_flags(desc, VMA_MIXEDMAP_BIT)
  desc.vm_ops = {}
  return 0
}

/** Linux: kernel/events/core.c:perf_mmap() */
const perf: Prepare = (desc) => {
  if (!vma_desc_test(desc, VMA_SHARED_BIT)) return -EINVAL
  if (desc.mm.release.perf_maps_pfns) vma_desc_set_flags(desc, VMA_PFNMAP_BIT, VMA_IO_BIT)
  vma_desc_set_flags(desc, VMA_DONTCOPY_BIT, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT)
  desc.vm_ops = { may_split: () => -EINVAL }
  return 0
}

/** Linux: kernel/bpf/syscall.c:bpf_map_mmap() */
const bpfArray: Prepare = (desc) => {
  if (!vma_desc_test(desc, VMA_SHARED_BIT)) return -EINVAL
  vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT, VMA_MIXEDMAP_BIT)
  vma_desc_clear_flags(desc, VMA_MAYEXEC_BIT)
  if (!vma_desc_test(desc, VMA_WRITE_BIT)) vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT)
  desc.vm_ops = { fault: () => 0 }
  return 0
}

const kinds = {
  hugetlb: { hooks: hugetlbfs_file_operations },
  ext4: { prepare: ext4, syncs: true, get_unmapped_area: thp_get_unmapped_area },
  shmem: { prepare: pageCache, syncs: true, get_unmapped_area: shmem_get_unmapped_area },
  zero: { prepare: zero, anonymous: true, get_unmapped_area: get_unmapped_area_zero },
  tcp: { prepare: tcp, legacy: true },
  perf: { prepare: perf, legacy: true },
  bpfArray: { prepare: bpfArray, legacy: true, get_unmapped_area: bpf_get_unmapped_area },
  uring: { prepare: () => -EINVAL, legacy: true, get_unmapped_area: () => -EINVAL },
  unmappable: {},
} satisfies Record<string, FileKind>

interface Slot {
  readonly kind: keyof typeof kinds
  readonly name: string
  readonly options?: FileOptions
  /** It lies on a file system of the kernel's own that nobody mounts. */
  readonly pseudo?: boolean
  /** The slot of the same inode that stands for it in lists. */
  readonly same?: number
}

const sixteenPages = { size: 16 * PAGE_SIZE }

/** By descriptor. O_PATH (15) and what is not open (40) are not here. */
const slots: Readonly<Record<number, Slot>> = {
  0: { kind: 'ext4', name: '/a', options: sixteenPages },
  1: { kind: 'ext4', name: '/a', options: { mode: 'r' }, same: 0 },
  2: { kind: 'ext4', name: '/a', options: { mode: 'w' }, same: 0 },
  3: { kind: 'ext4', name: '/b', options: { size: 3 * PAGE_SIZE + 100 } },
  4: { kind: 'shmem', name: '/memfd:4', options: sixteenPages },
  5: { kind: 'shmem', name: '/dev/shm/5', options: sixteenPages },
  6: { kind: 'zero', name: '/dev/zero', options: { unsignedOffset: true } },
  7: { kind: 'zero', name: '/dev/zero', options: { mode: 'r', unsignedOffset: true }, same: 6 },
  8: { kind: 'unmappable', name: '/dev/null' },
  9: { kind: 'unmappable', name: '/dev/full' },
  10: { kind: 'unmappable', name: 'directory', options: { mode: 'r' } },
  11: { kind: 'unmappable', name: 'pipe', options: { mode: 'r' }, pseudo: true },
  12: { kind: 'unmappable', name: 'pipe', options: { mode: 'w' }, pseudo: true },
  13: { kind: 'tcp', name: 'socket:tcp', pseudo: true },
  14: { kind: 'unmappable', name: 'socket:unix', pseudo: true },
  16: { kind: 'shmem', name: '/memfd:16', options: { ...sixteenPages, sealed: true } },
  17: { kind: 'shmem', name: '/memfd:17', options: { ...sixteenPages, sealed: true } },
  18: {
    kind: 'hugetlb',
    name: '/memfd:18',
    options: { size: 2 * PMD_SIZE, hugepages: true },
  },
  19: { kind: 'unmappable', name: 'anon_inode:[eventfd]', pseudo: true },
  20: { kind: 'unmappable', name: '/proc/self/maps', options: { mode: 'r', noexec: true } },
  21: { kind: 'unmappable', name: '/dev/urandom', options: { mode: 'r' } },
  22: { kind: 'shmem', name: '/noexec/22', options: { ...sixteenPages, noexec: true } },
  23: { kind: 'perf', name: 'anon_inode:[perf_event]', pseudo: true },
  24: { kind: 'uring', name: 'anon_inode:[io_uring]', pseudo: true },
  25: { kind: 'bpfArray', name: 'anon_inode:bpf-map', pseudo: true },
  26: { kind: 'unmappable', name: '/sys/attribute', options: { mode: 'r', noexec: true } },
  27: { kind: 'ext4', name: '/true', options: { ...sixteenPages, mode: 'r' } },
}

/** anon_inode files share one inode and are listed under the lowest slot of it. */
const SHARED_INODE: Readonly<Record<number, number>> = { 25: 23 }

/** Descriptors that mmap() refuses with EBADF. */
export const NOT_OPEN: ReadonlySet<number> = new Set([15, 40])

/** The open files of a recorded process, and the slot that a list shows for an inode. */
export interface OpenSlots {
  readonly files: ReadonlyMap<number, file>
  readonly shown: ReadonlyMap<unknown, number>
}

/** Opens every slot, with hooks in the protocol that the release speaks. */
export function openSlots(release: Release): OpenSlots {
  const files = new Map<number, file>()
  const shown = new Map<unknown, number>()
  for (const [key, { kind, name, options, pseudo, same }] of Object.entries(slots)) {
    const descriptor = Number(key)
    const inode = same === undefined ? undefined : files.get(same)
    const made = openFile(name, hooksFor(kinds[kind], release), {
      ...options,
      ...(pseudo && { noexec: release.noexec_pseudo_files }),
      ...(inode && { inode }),
    })
    made.f_mapping.is_shmem = kind === 'shmem'
    files.set(descriptor, made)
    if (!inode) shown.set(made.f_inode, SHARED_INODE[descriptor] ?? descriptor)
  }
  return { files, shown }
}

/** The hook as mmap_prepare where the release calls it, else as .mmap. */
function hooksFor(kind: FileKind, release: Release): file_operations {
  const { hooks, prepare, anonymous = false, syncs = false, get_unmapped_area } = kind
  if (!prepare) return hooks ?? {}
  const placed = {
    ...(get_unmapped_area && { get_unmapped_area }),
    ...(syncs && { fsync: () => 0 }),
  }
  const modern: file_operations = { ...placed, mmap_prepare: prepare }
  const legacy = kind.legacy || (anonymous && !release.null_ops_is_anonymous)
  if (!legacy && release.era.can_mmap_file(openFile('probe', modern))) return modern
  return { ...placed, mmap: (file, vma) => describeVma(prepare, file, vma) }
}

/** Lets a hook that is written for descriptions work on a VMA, as its legacy twin does. */
function describeVma(prepare: Prepare, file: file, vma: vm_area_struct): number {
  const desc = compat_set_desc_from_vma(file, vma)
  desc.vm_ops = vma.vm_ops
  const error = prepare(desc)
  if (error !== 0) return error
  vma.vm_flags = desc.vm_flags
  vma.vm_ops = desc.vm_ops
  if (desc.vm_file !== file) {
    vma.vm_file = desc.vm_file
    fput(vma.vm_mm, file)
  }
  return 0
}
