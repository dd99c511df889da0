// SPDX-License-Identifier: GPL-2.0-only
// A small language for address spaces, so that a case is one line. Pages count from a base; ops are split by `;`.
//
//   rw 0 4        map private anonymous memory at page 0, 4 pages     rws 0 4     shared anonymous
//   rw 0 4 f@2    map the file f privately, from its page 2 on        rws 0 4 f   shared
//   - 1 2         unmap 2 pages from page 1                           = r 1 2     mprotect to r
//
//   > 0 4 8       resize by mremap           > 0 4 4 20   move to page 20     >> 0 4 20   move, keep the old VMA
//   ! 3           write to page 3            ? 3          read page 3
//   lock 0 4      unlock 0 4      seal 0 4   adv 10 0 4   madvise(10) on 4 pages from page 0
//
// A refused op is written with its errno: `rw 0 4 bad = EINVAL`. The outcome is the list of VMAs: `0-4rw 4-6r f@4`.
import { expect } from 'vitest'
import { linux } from '../../src/eras/index.ts'
import {
  type file,
  KernelError,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  PAGE_SIZE,
  type Release,
  type Result,
  validate_mm,
  type vm_area_struct,
} from '../../src/mm/index.ts'

/** The address of page 0 of a program. */
export const BASE = 0x100000

const protOf = (word: string): number =>
  [...word.replace(/[s-]/g, '')].reduce((prot, letter) => prot | { r: 1, w: 2, x: 4 }[letter]!, 0)

/** Performs one op of a program. */
export function perform(mm: Mm, op: string, files: Readonly<Record<string, file>>): Result<number> {
  const words = op.split(' ')
  const bytes = (word: string | undefined) => Number(word) * PAGE_SIZE
  const at = (word: string | undefined) => BASE + bytes(word)
  if (words[0] === '-') return mm.maybeMunmap(at(words[1]), bytes(words[2]))
  if (words[0] === '=') return mm.maybeMprotect(at(words[2]), bytes(words[3]), protOf(words[1]!))
  const [, first, second, third, fourth] = words
  switch (words[0]) {
    case '>':
      if (fourth === undefined) return mm.maybeMremap(at(first), bytes(second), bytes(third), 1)
      return mm.maybeMremap(at(first), bytes(second), bytes(third), 3, at(fourth))
    case '>>':
      return mm.maybeMremap(at(first), bytes(second), bytes(second), 7, at(third))
    case '!':
    case '?':
      return attempt(() => mm.touch(at(first), words[0] === '!'))
    case 'lock':
      return mm.maybeMlock(at(first), bytes(second))
    case 'unlock':
      return attempt(() => mm.munlock(at(first), bytes(second)))
    case 'seal':
      return attempt(() => mm.mseal(at(first), bytes(second)))
    case 'adv':
      return mm.maybeMadvise(at(second), bytes(third), Number(first))
  }
  const [perms = '', page, len, backing] = words
  const [name = '', offset = '0'] = backing?.split('@') ?? []
  if (backing && !files[name]) throw new Error(`the program names no file ${name}`)
  const kind = perms.endsWith('s') ? MAP_SHARED : MAP_PRIVATE
  return mm.maybeMmap({
    addr: at(page),
    len: bytes(len),
    prot: protOf(perms),
    flags: kind | MAP_FIXED | (backing ? 0 : MAP_ANONYMOUS),
    offset: bytes(offset),
    ...(backing && { file: files[name]! }),
  })
}

/** The refusal that a call throws, as its result. */
function attempt(call: () => void): Result<number> {
  try {
    call()
    return { ok: true, value: 0 }
  } catch (error) {
    if (error instanceof KernelError) return { ok: false, error }
    throw error
  }
}

/** A VMA in the words of the language: `0-4rw f@2`. */
export function describeVma(vma: vm_area_struct): string {
  const page = (addr: number) => (addr - BASE) / PAGE_SIZE
  const letters = ['r', 'w', 'x'].filter((_, bit) => (vma.vm_flags >> bit) & 1).join('') || '-'
  const shared = vma.vm_flags & 0x80 ? 's' : ''
  const backing = vma.vm_file ? ` ${vma.vm_file.name}@${vma.vm_pgoff}` : ''
  return `${page(vma.vm_start)}-${page(vma.vm_end)}${letters}${shared}${backing}`
}

/** Runs a program under all laws: the mm is valid after each step, and unmapping everything leaves nothing behind. */
export function run(
  program: string,
  files: Readonly<Record<string, file>> = {},
  release: Release = linux(),
): { mm: Mm; list: string } {
  const mm = new Mm(release)
  for (const line of program.split('; ').filter(Boolean)) {
    const [op = '', errno = 'ok'] = line.split(/ = (?=E)/)
    const result = perform(mm, op, files)
    expect(result.ok ? 'ok' : result.error.code, line).toBe(errno)
    expect(validate_mm(mm), `laws after: ${line}`).toEqual([])
  }
  return { mm, list: mm.vmas().map(describeVma).join(' ') }
}

/** The last law: after munmap() of everything no VMA, no count and no reference is left. */
export function unmapAll(mm: Mm, files: Readonly<Record<string, file>> = {}): void {
  mm.munmap(0, mm.range.task_size)
  const { map_count, total_vm, locked_vm, data_vm, exec_vm, stack_vm, committed } = mm
  expect([map_count, total_vm, locked_vm, data_vm, exec_vm, stack_vm, committed]).toEqual([
    0, 0, 0, 0, 0, 0, 0,
  ])
  for (const { name, f_count, f_mapping } of Object.values(files))
    expect([name, f_count, f_mapping.i_mmap.size, f_mapping.i_mmap_writable]).toEqual([
      name,
      1,
      0,
      0,
    ])
}
