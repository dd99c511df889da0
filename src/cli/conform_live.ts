// SPDX-License-Identifier: GPL-2.0-only
// Runs sequences of the `live` format: recorded from running kernels. Lists there are in pages relative to an arena.
import {
  EBADF,
  errno_name,
  type file,
  type file_operations,
  MAP_ANONYMOUS,
  Mm,
  openFile,
  PAGE_SIZE,
  type Release,
  type Result,
  thp_get_unmapped_area,
  type vm_area_struct,
  vm_flags_codes,
  type vm_operations_struct,
  vma_name,
  vma_perms,
  X86_64_RANGE,
} from '../mm/index.ts'
import { Skip } from './conform_outcome.ts'
import type { LiveExpectation, LiveVma } from './conform_vectors.ts'

/** The arena: 4 GiB in which a sequence works, with everything above it plugged. Bytes. */
const ARENA = 0x7ffe00000000
const ARENA_SIZE = 2 ** 32
const HEAP = 0x555555560000
/** VMAs that the recorded process had before its first operation. */
const VMAS_BEFORE = 40

interface Slot {
  readonly name: string
  readonly pages: number
  readonly mode: 'r' | 'w' | 'rw'
  /** The slot of the same inode that is listed. */
  readonly inode: number
}

/** The file slots that the model has, by descriptor. */
const slots: Readonly<Record<number, Slot>> = {
  0: { name: '/a', pages: 16, mode: 'rw', inode: 0 },
  1: { name: '/a', pages: 16, mode: 'r', inode: 0 },
  2: { name: '/a', pages: 16, mode: 'w', inode: 0 },
  3: { name: '/b', pages: 4, mode: 'rw', inode: 3 },
}

const page_cache_vm_ops: vm_operations_struct = {}

/** Hooks of a page-cache file in the protocol that the release speaks. */
function pageCacheHooks(release: Release): file_operations {
  const forms: file_operations[] = [
    {
      get_unmapped_area: thp_get_unmapped_area,
      mmap_prepare: (desc) => {
        desc.vm_ops = page_cache_vm_ops
        return 0
      },
    },
    {
      get_unmapped_area: thp_get_unmapped_area,
      mmap: (_file, vma) => {
        vma.vm_ops = page_cache_vm_ops
        return 0
      },
    },
  ]
  const usable = forms.find((f_op) => release.era.can_mmap_file(openFile('probe', f_op)))
  if (!usable) throw new Error(`no hook of a page-cache file suits ${release.name}`)
  return usable
}

/** The model's state in the words of the format. */
export interface LiveObserved {
  readonly r: number | string
  readonly v: readonly LiveVma[]
  readonly s: readonly number[]
}

/** One sequence's process. */
export class LiveWorld {
  private readonly mm: Mm
  private readonly files = new Map<number, file>()
  private readonly slotOf = new Map<unknown, number>()
  private readonly results: number[] = []
  private readonly before: readonly number[]

  constructor(release: Release) {
    this.mm = new Mm(release, X86_64_RANGE)
    this.plug()
    this.addFiles()
    this.before = this.counters()
  }

  /** Everything around the arena is taken, as it was when recorded. */
  private plug(): void {
    const { mmap_base } = X86_64_RANGE
    const filler = openFile('/memfd:filler', {}, {})
    const top = ARENA + ARENA_SIZE
    this.mm.adopt({ start: top, end: mmap_base, perms: 'r--s', file: filler })
    this.mm.adopt({ start: ARENA - PAGE_SIZE, end: ARENA, perms: 'r--s', file: filler })
    for (let n = this.mm.map_count; n < VMAS_BEFORE; n++) {
      const start = mmap_base + 2 * n * PAGE_SIZE
      this.mm.adopt({ start, end: start + PAGE_SIZE, perms: 'r--s', file: filler })
    }
  }

  private addFiles(): void {
    const hooks = pageCacheHooks(this.mm.release)
    for (const [key, { name, pages, mode, inode }] of Object.entries(slots)) {
      const slot = Number(key)
      const same = this.files.get(inode)
      const made = openFile(name, hooks, {
        size: pages * PAGE_SIZE,
        mode,
        ...(same && { inode: same }),
      })
      this.files.set(slot, made)
      if (!same) this.slotOf.set(made.f_inode, slot)
    }
  }

  /** Runs an operation. Throws {@link Skip} when the model does not do it. */
  run(op: string): LiveObserved {
    const r = this.perform(op.split(' '))
    this.results.push(typeof r === 'number' ? r : Number.NaN)
    const shown = typeof r === 'number' && op.startsWith('mmap ') ? this.place(r) : r
    const v = this.mm.vmas().flatMap((vma) => (this.inArena(vma) ? [this.line(vma)] : []))
    const s = this.counters().map((count, i) => count - (this.before[i] as number))
    return { r: shown, v, s }
  }

  private perform([name, ...tokens]: readonly string[]): number | string {
    const value = (i: number) => this.valueOf(tokens[i] ?? '0')
    const addr = () => value(0)
    switch (name) {
      case 'mmap': {
        const [len, offset] = [value(1), value(5)]
        const [prot, flags] = [this.word(tokens[2]), this.word(tokens[3])]
        const file = this.descriptor(tokens[4] ?? '-1', flags)
        if (file === null) return errno_name(EBADF)
        return told(
          this.mm.maybeMmap({ addr: addr(), len, prot, flags, offset, ...(file && { file }) }),
        )
      }
      case 'munmap':
        return told(this.mm.maybeMunmap(addr(), value(1)))
      case 'mprotect':
        return told(this.mm.maybeMprotect(addr(), value(1), this.word(tokens[2])))
      default:
        throw new Skip(String(name))
    }
  }

  /** The file of a descriptor; undefined with MAP_ANONYMOUS, null for a descriptor that is not open. */
  private descriptor(token: string, flags: number): file | undefined | null {
    if (flags & MAP_ANONYMOUS) return undefined
    if (!token.startsWith('F')) return null
    const file = this.files.get(Number(token.slice(1)))
    if (!file) throw new Skip(`file slot ${token}`)
    return file
  }

  private valueOf(token: string): number {
    if (token.startsWith('@')) return ARENA + distance(token.slice(1))
    if (token.startsWith('$')) return HEAP + distance(token.slice(1))
    if (token.startsWith('#')) {
      const [index = '', plus = '0'] = token.slice(1).split('+')
      const result = this.results[Number(index)]
      if (result === undefined || Number.isNaN(result))
        throw new Skip('the result of a failed call')
      return result + distance(plus)
    }
    if (/^[VD]\+/.test(token)) throw new Skip('a limit relative to the process')
    return plain(token)
  }

  private word(token: string | undefined): number {
    return Number(BigInt.asIntN(32, bigintOf(token ?? '0')))
  }

  private place(addr: number): string {
    if (addr < HEAP) return `0x${addr.toString(16)}`
    const offset = addr - ARENA
    return offset < 0 ? `@-0x${(-offset).toString(16)}` : `@0x${offset.toString(16)}`
  }

  private inArena(vma: vm_area_struct): boolean {
    return vma.vm_start >= ARENA && vma.vm_end <= ARENA + ARENA_SIZE
  }

  private line(vma: vm_area_struct): LiveVma {
    const page = (addr: number) => (addr - ARENA) / PAGE_SIZE
    const file = vma.vm_file
    const slot = file && this.slotOf.get(file.f_inode)
    const shown = file ? (slot === undefined ? vma_name(this.mm, vma) : `f${slot}`) : null
    return [
      page(vma.vm_start),
      page(vma.vm_end),
      vma_perms(vma),
      file ? vma.vm_pgoff : 0,
      shown,
      vm_flags_codes(vma.vm_flags, vma.vm_flags_high),
      vma.anon_vma ? 1 : 0,
    ]
  }

  private counters(): number[] {
    const { mm } = this
    return [mm.total_vm, mm.locked_vm, mm.data_vm, mm.stack_vm, mm.exec_vm]
  }
}

function bigintOf(token: string): bigint {
  return token.startsWith('-') ? -BigInt(token.slice(1)) : BigInt(token)
}

/** A 64-bit value, negative ones in two's complement. */
function plain(token: string): number {
  const unsigned = BigInt.asUintN(64, bigintOf(token))
  const number = Number(unsigned)
  if (BigInt(number) !== unsigned) throw new Skip('a value that a number cannot hold')
  return number
}

/** The same, but small negative ones stay so: offsets from a place. */
function distance(token: string): number {
  return Number(BigInt.asIntN(64, bigintOf(token)))
}

function told(result: Result<number>): number | string {
  return result.ok ? result.value : result.error.code
}

/** What the expectations say so far: an absent list or count is the one before. */
export class LiveExpected {
  private v: readonly LiveVma[] = []
  private s: readonly (number | null)[] = [0, 0, 0, 0, 0]

  /** The differences between what an operation must give and what it gave, in words; none is good. */
  compare(expected: LiveExpectation, got: LiveObserved): string[] {
    this.v = expected.v ?? this.v
    this.s = expected.s ?? this.s
    const differences: string[] = []
    if (expected.r !== got.r) differences.push(`return: expected ${expected.r}, got ${got.r}`)
    const counted = this.s.map((want, i) => (want === null ? null : got.s[i]))
    if (JSON.stringify(this.s) !== JSON.stringify(counted))
      differences.push(
        `[total, locked, data, stack, exec]: expected ${JSON.stringify(this.s)}, got ${JSON.stringify(got.s)}`,
      )
    if (JSON.stringify(this.v.map(comparable)) !== JSON.stringify(got.v.map(comparable)))
      differences.push(`the list:\n  expected\n${lines(this.v)}\n  got\n${lines(got.v)}`)
    if (expected.h || expected.c) throw new Skip('heap or fork list')
    return differences
  }
}

/** The number of anonymous pages is told apart only as none or some. */
function comparable([start, end, perms, pgoff, file, flags, pages, pkey]: LiveVma): unknown[] {
  return [start, end, perms, pgoff, file, flags, pages > 0, pkey ?? 0]
}

/** VMAs as lines like those of /proc/PID/maps and smaps, in pages of the arena. */
function lines(vmas: readonly LiveVma[]): string {
  if (vmas.length === 0) return '    (nothing is mapped)'
  return vmas
    .map(
      ([start, end, perms, pgoff, file, flags, pages]) =>
        `    ${start.toString(16)}-${end.toString(16)} ${perms} ${pgoff} ${file ?? ''} (${flags}) anonymous pages ${pages}`,
    )
    .join('\n')
}
