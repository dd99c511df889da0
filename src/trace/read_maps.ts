// SPDX-License-Identifier: GPL-2.0-only
import { linux } from '../eras/index.ts'
import {
  type AddressRange,
  type AdoptedVma,
  type file,
  Mm,
  openFile,
  PAGE_SIZE,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_GROWSDOWN,
  VM_IO,
  VM_PFNMAP,
  X86_64_RANGE,
} from '../mm/index.ts'
import { type MapsLine, type OnMapsError, parseMaps } from './maps.ts'

/** How {@link readMaps} reads. */
export interface ReadMapsOptions {
  /** What happens at a bad line; default `throw`. */
  readonly onError?: OnMapsError
  /** The Linux that further calls are made on; default `7.3`. */
  readonly release?: string
}

/**
 * The text of /proc/PID/maps as an address space, for calls to go on from there. No hook runs. What a line does not
 * tell is assumed: mprotect() may grant everything, lines of one device, inode and name are one open file, and mmap()
 * searches down from the mapping below the stack. [vsyscall] is left out: it is no VMA of the process.
 */
export function readMaps(text: string, options: ReadMapsOptions = {}): Mm {
  const { onError = 'throw', release } = options
  const lines = parseMaps(text, { onError }).filter(({ start }) => start < KERNEL_HALF)
  const mm = new Mm(linux(release), rangeOf(lines))
  const fileOf = openFiles()
  for (const line of lines) mm.adopt(adopted(line, fileOf))
  const heap = lines.filter(({ name }) => name === '[heap]')
  mm.start_brk = heap[0]?.start ?? 0
  mm.brk = heap.at(-1)?.end ?? 0
  mm.start_stack = (lines.find(isStack)?.end ?? 0) - PAGE_SIZE
  return mm
}

/** No process maps anything from here on; /proc/PID/maps shows the gate of [vsyscall] there. */
const KERNEL_HALF = 2 ** 63
/** TASK_SIZE with five levels of page tables. Bytes. */
const WIDE_TASK_SIZE = 2 ** 56 - PAGE_SIZE
/** At least this lies between the stack and the mappings below it. Bytes. Linux: arch/x86/mm/mmap.c:SIZE_128M */
const LEAST_STACK_GAP = 2 ** 27
/** What address randomisation adds to that gap at most: 2^32 pages. Bytes. */
const MOST_RANDOM_GAP = 2 ** 44

const isStack = ({ name }: MapsLine): boolean => name === '[stack]'

/** The range in which the process's own mmap() would search. */
function rangeOf(lines: readonly MapsLine[]): AddressRange {
  const end = lines.at(-1)?.end ?? 0
  const task_size = end <= X86_64_RANGE.task_size ? X86_64_RANGE.task_size : WIDE_TASK_SIZE
  const stack = lines.find(isStack)
  if (!stack) return { ...X86_64_RANGE, task_size }
  const top = lines[lines.indexOf(stack) - 1]?.end ?? 0
  const isNear = stack.start - top < MOST_RANDOM_GAP
  return { ...X86_64_RANGE, task_size, mmap_base: isNear ? top : stack.start - LEAST_STACK_GAP }
}

function adopted(line: MapsLine, fileOf: (line: MapsLine) => file): AdoptedVma {
  const { start, end, perms, offset, name } = line
  const plain = { start, end, perms }
  const [, kind, given] = /^\[(anon|anon_shmem):(.*)\]$/s.exec(name) ?? []
  if (kind === 'anon' && given !== undefined) return { ...plain, anon_name: given }
  if (kind === 'anon_shmem' && given !== undefined)
    return { ...plain, offset, file: fileOf({ ...line, name: '/dev/zero' }), anon_name: given }
  if (name === '[stack]') return { ...plain, vm_flags: VM_GROWSDOWN }
  if (name === '' || name === '[heap]') return plain
  if (name.startsWith('['))
    return { ...plain, vm_ops: { name: () => name }, vm_flags: special(name) }
  return { ...plain, offset, file: fileOf(line) }
}

/** The kernel's own pages. Linux: mm/mmap.c:__install_special_mapping(), arch/x86/entry/vdso/vma.c:map_vdso() */
function special(name: string): number {
  return name.startsWith('[vvar') ? VM_DONTEXPAND | VM_IO | VM_PFNMAP | VM_DONTDUMP : VM_DONTEXPAND
}

/** Finds the file of a line: one for each inode and name; names of one inode share it. */
function openFiles(): (line: MapsLine) => file {
  const files = new Map<string, file>()
  return ({ major, minor, inode, name, deleted }) => {
    const path = deleted ? `${name} (deleted)` : name
    const identity = `${major}:${minor} ${inode}`
    const known = files.get(`${identity} ${path}`)
    if (known) return known
    const link = inode === 0n ? undefined : files.get(identity)
    const opened = openFile(path, { mmap_prepare: () => 0 }, link ? { inode: link } : {})
    files.set(`${identity} ${path}`, opened)
    if (!link) files.set(identity, opened)
    return opened
  }
}
