// SPDX-License-Identifier: GPL-2.0-only
// One random call: how it is made, and how a cell would write it.
import fc from 'fast-check'
import {
  type AllocationSite,
  type file,
  KERNEL_SITES,
  type Mm,
  PAGE_SIZE,
} from '../../../src/mm/index.ts'
import { FILES } from './files.ts'

const BASE = 0x100000
/** Random addresses lie within so many pages: close enough to meet. */
const ARENA = 24

/** What every call may need; each takes what it does need. */
export interface Call {
  readonly what: keyof typeof CALLS
  /** Which of the address spaces, modulo their number. */
  readonly who: number
  readonly page: number
  readonly pages: number
  readonly to: number
  readonly prot: number
  readonly shared: boolean
  readonly extra: string
  readonly backing: string | null
  readonly advice: string
  /** Makes the n-th attempt at a site fail. */
  readonly failing: readonly [AllocationSite, number] | null
}

const PROTS: Readonly<Record<number, string>> = {
  0: 'PROT_NONE',
  1: 'PROT_READ',
  3: 'PROT_READ | PROT_WRITE',
  5: 'PROT_READ | PROT_EXEC',
}
const FLAGS: Readonly<Record<string, number>> = {
  MAP_FIXED: 0x10,
  MAP_LOCKED: 0x2000,
  MAP_POPULATE: 0x8000,
  MAP_GROWSDOWN: 0x100,
  MAP_NORESERVE: 0x4000,
  MAP_FIXED_NOREPLACE: 0x100000,
}
const ADVICE: Readonly<Record<string, number>> = {
  MADV_DONTNEED: 4,
  MADV_REMOVE: 9,
  MADV_DONTFORK: 10,
  MADV_DOFORK: 11,
  MADV_HUGEPAGE: 14,
  MADV_DONTDUMP: 16,
  MADV_WIPEONFORK: 18,
  MADV_PAGEOUT: 21,
  MADV_POPULATE_READ: 22,
  MADV_POPULATE_WRITE: 23,
  MADV_GUARD_INSTALL: 102,
  MADV_GUARD_REMOVE: 103,
}

const hex = (value: number): string => `0x${value.toString(16)}`
const at = ({ page }: Call): number => BASE + page * PAGE_SIZE
const target = ({ to }: Call): number => BASE + to * PAGE_SIZE
const size = ({ pages }: Call): number => pages * PAGE_SIZE
const span = (call: Call): string => `${hex(at(call))}, ${hex(size(call))}`

function flagsOf({ shared, extra, backing }: Call): string[] {
  const fixed = extra === 'MAP_FIXED' ? [] : [extra]
  const kind = shared ? 'MAP_SHARED' : 'MAP_PRIVATE'
  const address = extra === 'MAP_FIXED_NOREPLACE' ? [] : ['MAP_FIXED']
  return [kind, ...address, ...fixed, ...(backing === null ? ['MAP_ANONYMOUS'] : [])]
}

function mmap(mm: Mm, call: Call, files: Readonly<Record<string, file>>): void {
  const named: Readonly<Record<string, number>> = {
    MAP_SHARED: 1,
    MAP_PRIVATE: 2,
    MAP_ANONYMOUS: 0x20,
    ...FLAGS,
  }
  const flags = flagsOf(call).reduce((all, name) => all | (named[name] as number), 0)
  const backing = call.backing === null ? undefined : files[call.backing]
  mm.mmap({
    addr: at(call),
    len: size(call),
    prot: call.prot,
    flags,
    ...(backing && { file: backing, offset: call.to * PAGE_SIZE }),
  })
}

interface Kind {
  readonly text: (mm: string, call: Call) => string
  readonly make: (mm: Mm, call: Call, files: Readonly<Record<string, file>>) => unknown
}

/** By name; what is rarer comes later, so that a smaller program is made of what comes first. */
export const CALLS = {
  mmap: {
    text: (mm, call) =>
      `${mm}.mmap({ addr: ${hex(at(call))}, len: ${hex(size(call))}, prot: ${PROTS[call.prot]}, flags: ${flagsOf(call).join(' | ')}${call.backing === null ? '' : `, file: ${call.backing}, offset: ${hex(call.to * PAGE_SIZE)}`} })`,
    make: mmap,
  },
  munmap: {
    text: (mm, call) => `${mm}.munmap(${span(call)})`,
    make: (mm, call) => mm.munmap(at(call), size(call)),
  },
  mprotect: {
    text: (mm, call) => `${mm}.mprotect(${span(call)}, ${PROTS[call.prot]})`,
    make: (mm, call) => mm.mprotect(at(call), size(call), call.prot),
  },
  touch: {
    text: (mm, call) => `${mm}.touch(${hex(at(call))}, ${call.shared})`,
    make: (mm, call) => mm.touch(at(call), call.shared),
  },
  fork: { text: (mm) => `${mm}.fork()`, make: (mm) => mm.fork() },
  mremap: {
    text: (mm, call) => `${mm}.mremap(${span(call)}, ${hex(call.to * PAGE_SIZE)}, MREMAP_MAYMOVE)`,
    make: (mm, call) => mm.mremap(at(call), size(call), call.to * PAGE_SIZE, 1),
  },
  move: {
    text: (mm, call) =>
      `${mm}.mremap(${span(call)}, ${hex(size(call))}, MREMAP_MAYMOVE | MREMAP_FIXED, ${hex(target(call))})`,
    make: (mm, call) => mm.mremap(at(call), size(call), size(call), 3, target(call)),
  },
  keep: {
    text: (mm, call) =>
      `${mm}.mremap(${span(call)}, ${hex(size(call))}, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, ${hex(target(call))})`,
    make: (mm, call) => mm.mremap(at(call), size(call), size(call), 7, target(call)),
  },
  setBrk: {
    text: (mm, call) => `${mm}.setBrk(${hex(call.to * PAGE_SIZE)})`,
    make: (mm, call) => mm.setBrk(call.to * PAGE_SIZE),
  },
  mlock: {
    text: (mm, call) => `${mm}.mlock(${span(call)})`,
    make: (mm, call) => mm.mlock(at(call), size(call)),
  },
  munlock: {
    text: (mm, call) => `${mm}.munlock(${span(call)})`,
    make: (mm, call) => mm.munlock(at(call), size(call)),
  },
  madvise: {
    text: (mm, call) => `${mm}.madvise(${span(call)}, ${call.advice})`,
    make: (mm, call) => mm.madvise(at(call), size(call), ADVICE[call.advice] as number),
  },
  mseal: {
    text: (mm, call) => `${mm}.mseal(${span(call)})`,
    make: (mm, call) => mm.mseal(at(call), size(call)),
  },
  msync: {
    text: (mm, call) => `${mm}.msync(${span(call)}, ${call.prot})`,
    make: (mm, call) => mm.msync(at(call), size(call), call.prot),
  },
  mincore: {
    text: (mm, call) => `${mm}.mincore(${span(call)})`,
    make: (mm, call) => mm.mincore(at(call), size(call)),
  },
  remapFilePages: {
    text: (mm, call) => `${mm}.remapFilePages(${span(call)}, ${call.to})`,
    make: (mm, call) => mm.remapFilePages(at(call), size(call), call.to),
  },
  mlockall: {
    text: (mm, call) => `${mm}.mlockall(${call.prot})`,
    make: (mm, call) => mm.mlockall(call.prot),
  },
  munlockall: { text: (mm) => `${mm}.munlockall()`, make: (mm) => mm.munlockall() },
  exit: { text: (mm) => `${mm}.exit()`, make: (mm) => mm.exit() },
} satisfies Readonly<Record<string, Kind>>

const COMMON = ['mmap', 'mmap', 'mmap', 'mmap', 'munmap', 'mprotect', 'touch'] as const

/** Any call. */
export const anyCall: fc.Arbitrary<Call> = fc.record({
  what: fc.constantFrom<keyof typeof CALLS>(
    ...COMMON,
    ...(Object.keys(CALLS) as (keyof typeof CALLS)[]),
  ),
  who: fc.nat(2),
  page: fc.nat(ARENA),
  pages: fc.nat(10),
  to: fc.nat(ARENA),
  prot: fc.constantFrom(3, 1, 0, 5),
  shared: fc.boolean(),
  extra: fc.constantFrom('MAP_FIXED', 'MAP_FIXED', 'MAP_FIXED', ...Object.keys(FLAGS)),
  backing: fc.option(fc.constantFrom(...Object.keys(FILES))),
  advice: fc.constantFrom(...Object.keys(ADVICE)),
  failing: fc.option(fc.tuple(fc.constantFrom(...KERNEL_SITES), fc.integer({ min: 1, max: 3 })), {
    freq: 4,
  }),
})
