// SPDX-License-Identifier: GPL-2.0-only
// Address spaces full of mappings that do not merge, and an operation on each: bench/kernel.c does the same.
import { linux } from '../eras/index.ts'
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  type MmOptions,
  openFile,
  PAGE_SIZE,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from '../mm/index.ts'

const flags = MAP_PRIVATE | MAP_ANONYMOUS

/**
 * What is measured: a mapping at the top of the free space, one in a hole, a split and the merge that undoes it; one in
 * a hole that is written to, beside mappings whose pages are present.
 */
export type Kind = 'top' | 'hole' | 'mprotect' | 'fault'

/** An address space and the operation on it, which leaves it as it was. */
export interface World {
  readonly mm: Mm
  /** The lowest of the mappings, in bytes; 0 where mmap() has put them. */
  readonly base: number
  readonly operate: () => void
}

/** Pages from one mapping to the next; 0: wherever mmap() puts it. */
const apart: Readonly<Record<Kind, number>> = {
  top: 0,
  hole: 2,
  mprotect: 3,
  fault: 2,
}

/** Makes `vmas` mappings, by turns of PROT_NONE and PROT_READ, in the world that a cell starts with. */
export function world(kind: Kind, vmas: number, options: MmOptions = {}): World {
  const mm = new Mm(linux('7.3'), options)
  mm.limits.max_map_count = Math.max(mm.limits.max_map_count, vmas + 2)
  const step = apart[kind] * PAGE_SIZE
  const len = kind === 'mprotect' ? step : PAGE_SIZE
  const base = step === 0 ? 0 : freeRange(mm, vmas * step)
  for (let i = 0; i < vmas; i++) {
    const prot = i % 2 ? PROT_READ : PROT_NONE
    if (step === 0) mm.mmap({ len, prot, flags })
    else mm.mmap({ addr: base + i * step, len, prot, flags: flags | MAP_FIXED })
    if (kind === 'fault') mm.pages.fill(base + i * step, base + i * step + PAGE_SIZE, 'anon')
  }
  return { mm, base, operate: operations[kind](mm, base, chooser(vmas)) }
}

function freeRange(mm: Mm, len: number): number {
  const base = mm.mmap({ len, prot: PROT_NONE, flags })
  mm.munmap(base, len)
  return base
}

/**
 * An address space with mappings all over it, of sizes from 4 KiB to 128 MiB, anonymous or of one of a few files: the
 * hardest to draw.
 */
export function scattered(vmas: number): Mm {
  const mm = new Mm(linux('7.3'))
  mm.limits.max_map_count = Math.max(mm.limits.max_map_count, vmas)
  const files = ['/usr/lib/libc.so.6', '/dev/dri/card0', '/dev/shm/segment', '/var/db'].map(
    (name) => openFile(name, { mmap_prepare: () => 0 }),
  )
  const apart = Math.floor(mm.range.task_size / PAGE_SIZE / (vmas + 1)) * PAGE_SIZE
  const chosen = chooser(2 ** 16)
  for (let i = 0; i < vmas; i++) {
    const file = files[chosen() % 8]
    const len = Math.min(apart, PAGE_SIZE * 2 ** (chosen() % 16))
    const addr = (i + 1) * apart
    if (file) mm.mmap({ addr, len, prot, flags: MAP_SHARED | MAP_FIXED, file })
    else mm.mmap({ addr, len, prot, flags: flags | MAP_FIXED })
  }
  return mm
}

/** Numbers below `n` in an order without a pattern, the same in every run. */
export function chooser(n: number): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 4) % n
  }
}

/**
 * A search for the highest free range of two pages below an address somewhere in a world of the kind `hole`, whose
 * holes of one page are too small; every 64th mapping makes room.
 */
export function gapSearch({ mm, base }: World, vmas: number): () => void {
  for (let i = 1; i < vmas; i += 64) mm.munmap(base + 2 * i * PAGE_SIZE, PAGE_SIZE)
  const chosen = chooser(vmas)
  return () => {
    mm.mm_mt.highestGapEnd(2 * PAGE_SIZE, base, base + (2 * chosen() + 1) * PAGE_SIZE)
  }
}

type Operation = (mm: Mm, base: number, chosen: () => number) => () => void

const prot = PROT_READ | PROT_WRITE

const operations: Readonly<Record<Kind, Operation>> = {
  top: (mm) => () => {
    mm.munmap(mm.mmap({ len: PAGE_SIZE, prot, flags }), PAGE_SIZE)
  },
  hole: (mm, base, chosen) => () => {
    const addr = base + (2 * chosen() + 1) * PAGE_SIZE
    mm.mmap({ addr, len: PAGE_SIZE, prot, flags: flags | MAP_FIXED })
    mm.munmap(addr, PAGE_SIZE)
  },
  fault: (mm, base, chosen) => () => {
    const addr = base + (2 * chosen() + 1) * PAGE_SIZE
    mm.mmap({ addr, len: PAGE_SIZE, prot, flags: flags | MAP_FIXED })
    mm.touch(addr, true)
    mm.munmap(addr, PAGE_SIZE)
  },
  mprotect: (mm, base, chosen) => () => {
    const i = chosen()
    const addr = base + (3 * i + 1) * PAGE_SIZE
    mm.mprotect(addr, PAGE_SIZE, prot)
    mm.mprotect(addr, PAGE_SIZE, i % 2 ? PROT_READ : PROT_NONE)
  },
}
