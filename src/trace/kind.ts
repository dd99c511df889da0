// SPDX-License-Identifier: GPL-2.0-only
import type { FigureVma, VmaKind } from './figure.ts'

const DRIVER_FLAGS = new Set(['IO', 'PFNMAP', 'MIXEDMAP'])

/** Files whose mmap is a driver's own; memory under /dev/shm, /dev/hugepages and /dev/zero is not. */
const DRIVER_NAME = /^(?:\/dev\/(?!shm\/|hugepages\/|zero(?: |$))|\/sys\/|\/dmabuf:|anon_inode:)/

/** The kernel names these mappings although nothing but anonymous memory is in them. */
const ANON_NAME = /^\[(?:heap|stack|stack:\d+|anon:.*)\]$/s

/** The kernel's own mappings: [vdso], [vvar], ... [anon_shmem:] is a name for shared memory. */
const SPECIAL_NAME = /^\[(?!anon_shmem:)/

/**
 * How a VMA is drawn: its own `kind`, else what flags and name tell. Flags alone are not enough: a KVM vCPU mapping is
 * a driver's and carries none of IO, PFNMAP and MIXEDMAP, and [vvar], which is none, carries two.
 */
export function kindOf(vma: Pick<FigureVma, 'kind' | 'flags' | 'name'>): VmaKind {
  const { kind, flags, name = '' } = vma
  if (kind) return kind
  if (SPECIAL_NAME.test(name) && !ANON_NAME.test(name)) return 'special'
  if (flags?.some((flag) => DRIVER_FLAGS.has(flag)) || DRIVER_NAME.test(name)) return 'driver'
  return name === '' || ANON_NAME.test(name) ? 'anon' : 'file'
}

/** The words for the kinds, in the order of every legend. */
export const KIND_WORDS: Readonly<Record<VmaKind, string>> = {
  anon: 'anonymous',
  file: 'file',
  driver: 'driver',
  special: "kernel's own",
}
