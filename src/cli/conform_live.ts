// SPDX-License-Identifier: GPL-2.0-only
// Runs sequences of the `live` format: recorded from running kernels. Lists there are in pages relative to an arena.
import {
  do_madvise,
  do_mlock,
  do_mprotect_pkey,
  do_mremap,
  do_shmat,
  do_truncate,
  dup_mmap,
  EBADF,
  EINVAL,
  errno_name,
  errno_number,
  type file,
  ksm_merge_any,
  ksys_shmdt,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  Mm,
  newseg,
  openFile,
  PAGE_SIZE,
  pkey_alloc,
  type Release,
  type Result,
  remap_file_pages,
  sys_brk,
  sys_mincore,
  sys_mlockall,
  sys_mseal,
  sys_msync,
  sys_munlock,
  sys_munlockall,
  touch,
  userfaultfd_register,
  userfaultfd_unregister,
  VM_LOCKED,
  VM_LOCKONFAULT,
  type vm_area_struct,
  vm_flags_codes,
  vma_name,
  vma_perms,
  vma_pkey,
  X86_64_RANGE,
} from '../mm/index.ts'
import { Skip } from './conform_outcome.ts'
import { NOT_OPEN, type OpenSlots, openSlots } from './conform_slots.ts'
import type { LiveExpectation, LiveVma } from './conform_vectors.ts'

/** The arena: 4 GiB in which a sequence works, with everything above it plugged. Bytes. */
const ARENA = 0x7ffe00000000
const ARENA_SIZE = 2 ** 32
const HEAP = 0x555555560000
const READ_IMPLIES_EXEC = 0x400000
const PR_SET_THP_DISABLE = 41
const PR_SET_MDWE = 65
const PR_SET_MEMORY_MERGE = 67
const PR_SET_VMA = 0x53564d41
/** Addresses above this one are negative errnos to the kernel. */
const TOP_PAGE = 2 ** 64 - PAGE_SIZE
const HEAP_SIZE = 2 ** 30
/** Memory of the recording machines, in pages. */
const RAM_PAGES = 24_684_096 / 4
/** VMAs that the recorded process had before its first operation. */
const VMAS_BEFORE = 40

/** The model's state in the words of the format. */
export interface LiveObserved {
  readonly r: number | string
  readonly v: readonly LiveVma[]
  readonly h: readonly LiveVma[]
  /** A forked child's list. */
  readonly c: readonly LiveVma[] | null
  readonly s: readonly number[]
}

/** One sequence's process. */
export class LiveWorld {
  private mm: Mm
  /** The child of a `fork`, whose list is recorded. */
  private child: Mm | null = null
  private readonly slots: OpenSlots
  /** Files that the kernel made, by order of appearance. */
  private readonly made = new Map<unknown, number>()
  /** What a list shows, in bytes of the arena. */
  private window: readonly [number, number] = [0, ARENA_SIZE]
  /** System V segments, by the operation that made them. */
  private readonly segments = new Map<number, file | null>()
  private readonly results: number[] = []
  private readonly before: readonly number[]

  constructor(release: Release) {
    this.mm = new Mm(release, X86_64_RANGE)
    this.mm.start_brk = HEAP
    this.mm.brk = HEAP
    this.mm.limits.ram = RAM_PAGES
    this.plug()
    this.slots = openSlots(release)
    this.before = this.counters()
  }

  /** Everything around the arena is taken, as it was when recorded. */
  private plug(): void {
    const { mmap_base } = X86_64_RANGE
    const filler = openFile('/memfd:filler', {}, {})
    const top = ARENA + ARENA_SIZE
    this.mm.adopt({ start: top, end: mmap_base, perms: 'r--s', file: filler })
    this.mm.adopt({ start: ARENA - 2 * PAGE_SIZE, end: ARENA, perms: 'r--s', file: filler })
    for (let n = this.mm.map_count; n < VMAS_BEFORE; n++) {
      const start = mmap_base + 2 * n * PAGE_SIZE
      this.mm.adopt({ start, end: start + PAGE_SIZE, perms: 'r--s', file: filler })
    }
  }

  /** Runs an operation. Throws {@link Skip} when the model does not do it. */
  run(op: string): LiveObserved {
    const r = this.perform(op.split(' '))
    // A failed call returned its negative errno, which later operations may count from.
    this.results.push(typeof r === 'number' ? r : -(errno_number(r) ?? Number.NaN))
    const shown = typeof r === 'number' && /^(mmap|brk|mremap|shmat) /.test(op) ? this.place(r) : r
    const [low, high] = this.window
    const v = this.list(this.mm, ARENA, ARENA_SIZE).filter(
      ([start, end]) => end * PAGE_SIZE > low && start * PAGE_SIZE < high,
    )
    const h = this.list(this.mm, HEAP, HEAP_SIZE)
    const c = this.child && this.list(this.child, ARENA, ARENA_SIZE)
    this.child = null
    const s = this.counters().map((count, i) => count - (this.before[i] as number))
    return { r: shown, v, h, c, s }
  }

  private perform([name, ...tokens]: readonly string[]): number | string {
    const value = (i: number) => this.valueOf(tokens[i] ?? '0')
    const addr = () => value(0)
    switch (name) {
      case 'mmap': {
        const [len, offset] = [value(1), value(5)]
        const [prot, flags] = [this.word(tokens[2]), this.word(tokens[3])]
        const file = this.descriptor(tokens[4] ?? '-1', flags)
        if (file === null) return errno_name(offset % PAGE_SIZE === 0 ? EBADF : EINVAL)
        return told(
          this.mm.maybeMmap({
            addr: this.address(tokens[0] ?? '0'),
            len: exact(len),
            prot,
            flags,
            offset: exact(offset),
            ...(file && { file }),
          }),
        )
      }
      case 'munmap':
        return told(this.mm.maybeMunmap(exact(addr()), exact(value(1))))
      case 'mprotect':
        return told(this.mm.maybeMprotect(exact(addr()), exact(value(1)), this.word(tokens[2])))
      case 'mremap':
        return this.code(
          do_mremap(this.mm, addr(), value(1), value(2), this.word(tokens[3]), value(4)),
        )
      case 'pkey_mprotect':
        return this.code(
          do_mprotect_pkey(this.mm, addr(), value(1), this.word(tokens[2]), this.key(tokens[3])),
        )
      case 'pkey_alloc':
        return this.code(pkey_alloc(this.mm))
      case 'personality':
        this.mm.read_implies_exec = (value(0) & READ_IMPLIES_EXEC) !== 0
        return 0
      case 'prctl':
        return this.prctl(value(0), value(1))
      case 'uffd_register':
        return this.code(
          userfaultfd_register(this.mm, addr(), value(1), this.word(tokens[2]), 'uffd'),
        )
      case 'uffd_unregister':
        return this.code(userfaultfd_unregister(this.mm, addr(), value(1)))
      case 'shmget':
        this.segments.set(this.results.length, newseg(this.mm, value(0)))
        return 'shmid'
      case 'shmat':
        return this.attach(tokens[0] ?? '', value(1), this.word(tokens[2]))
      case 'shmdt':
        return this.code(ksys_shmdt(this.mm, addr()))
      case 'shmrm':
        return 0
      case 'mlock':
        return this.code(do_mlock(this.mm, addr(), value(1), VM_LOCKED))
      case 'mlock2': {
        const flags = this.word(tokens[2])
        if (flags & ~1) return errno_name(EINVAL)
        const lock = flags ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED
        return this.code(do_mlock(this.mm, addr(), value(1), lock))
      }
      case 'munlock':
        return this.code(sys_munlock(this.mm, addr(), value(1)))
      case 'madvise': {
        const behavior = this.word(tokens[2])
        return this.code(do_madvise(this.mm, addr(), value(1), behavior))
      }
      case 'mlockall':
        return this.code(sys_mlockall(this.mm, this.word(tokens[0])))
      case 'munlockall':
        return this.code(sys_munlockall(this.mm))
      case 'msync':
        return this.code(sys_msync(this.mm, addr(), value(1), this.word(tokens[2])))
      case 'mincore':
        return this.code(sys_mincore(this.mm, addr(), value(1)))
      case 'mseal':
        return this.code(sys_mseal(this.mm, addr(), value(1), this.word(tokens[2])))
      case 'fork':
        this.child = this.forked()
        return 0
      case 'forkin':
        this.mm = this.forked()
        return 0
      case 'brk':
        return sys_brk(this.mm, addr())
      case 'touchw':
      case 'touchr':
        return this.code(touch(this.mm, addr(), name === 'touchw'))
      case 'dropcap':
        if (tokens[0] === '14') this.mm.cap_ipc_lock = false
        else if (tokens[0] === '17') this.mm.cap_sys_rawio = false
        else throw new Skip(`dropcap ${tokens[0]}`)
        return 0
      case 'remap_file_pages':
        return this.code(
          remap_file_pages(
            this.mm,
            addr(),
            value(1),
            this.word(tokens[2]),
            value(3),
            this.word(tokens[4]),
          ),
        )
      case 'fillalt':
        return this.fill(addr(), value(1), [this.word(tokens[2]), this.word(tokens[3])])
      case 'ftruncate':
        return this.truncate(tokens[0] ?? '', value(1))
      case 'setwin':
        this.window = [value(0) - ARENA, value(1) - ARENA]
        return 0
      case 'softrlimit':
      case 'rlimit':
        return this.limit(Number(tokens[0]), value(1))
      default:
        throw new Skip(String(name))
    }
  }

  private forked(): Mm {
    const child = new Mm(this.mm.release, X86_64_RANGE)
    if (dup_mmap(child, this.mm) !== 0) throw new Error('fork failed')
    return child
  }

  /** One-page mappings of alternating protections until one is refused: how many were made. */
  private fill(start: number, count: number, prots: readonly [number, number]): number {
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
    for (let i = 0; i < count; i++) {
      const prot = prots[i % 2] as number
      const made = this.mm.maybeMmap({ addr: start + i * PAGE_SIZE, len: PAGE_SIZE, prot, flags })
      if (!made.ok) return i
    }
    return count
  }

  private truncate(token: string, size: number): number | string {
    const file = this.slots.files.get(Number(token.slice(1)))
    if (!token.startsWith('F') || !file) throw new Skip(`ftruncate ${token}`)
    do_truncate(file, size)
    return 0
  }

  private code(ret: number): number | string {
    return ret < 0 ? nameOf(ret) : ret
  }

  private limit(resource: number, bytes: number): number {
    const names: Readonly<Record<number, 'as' | 'data' | 'memlock' | 'stack'>> = {
      3: 'stack',
      2: 'data',
      8: 'memlock',
      9: 'as',
    }
    const name = names[resource]
    if (!name) throw new Skip(`rlimit ${resource}`)
    this.mm.limits[name] = Math.floor(bytes / PAGE_SIZE)
    return 0
  }

  private list(mm: Mm, from: number, size: number): LiveVma[] {
    const lines: LiveVma[] = []
    for (const vma of mm.vmas())
      if (vma.vm_start >= from && vma.vm_end <= from + size) lines.push(this.line(vma, from))
    return lines
  }

  /** The file of a descriptor; undefined with MAP_ANONYMOUS, null for a descriptor that is not open. */
  private descriptor(token: string, flags: number): file | undefined | null {
    if (flags & MAP_ANONYMOUS) return undefined
    const descriptor = Number(token.slice(1))
    if (!token.startsWith('F') || NOT_OPEN.has(descriptor)) return null
    const file = this.slots.files.get(descriptor)
    if (!file) throw new Skip(`file slot ${token}`)
    return file
  }

  /** An address of mmap(): in the last page, where one reads as a negative errno, every bit counts. */
  private address(token: string): number | bigint {
    const value = this.valueOf(token)
    if (value <= TOP_PAGE) return exact(value)
    const [, index, plus = '0'] = /^#(\d+)(?:\+(.*))?$/.exec(token) ?? []
    return distance(index === undefined ? token : plus) + (this.results[Number(index)] ?? 0)
  }

  private valueOf(token: string): number {
    if (token.startsWith('@')) return ARENA + distance(token.slice(1))
    if (token.startsWith('$')) return HEAP + distance(token.slice(1))
    if (token.startsWith('#')) {
      const [index = '', plus = '0'] = token.slice(1).split('+')
      const result = this.results[Number(index)]
      if (result === undefined || Number.isNaN(result)) throw new Skip('an unknown result')
      return plain(String(result + distance(plus)))
    }
    if (token.startsWith('V+')) return this.atStart(0) + distance(token.slice(2))
    if (token.startsWith('D+')) return this.atStart(2) + distance(token.slice(2))
    return plain(token)
  }

  /** A counter as it was before the first operation, in bytes. */
  private atStart(counter: number): number {
    return (this.before[counter] ?? 0) * PAGE_SIZE
  }

  /** A protection key: a number, or the result of the operation that allocated it. */
  private key(token = '-1'): number {
    return token.startsWith('#') ? this.valueOf(token) : this.word(token)
  }

  private attach(token: string, at: number, flags: number): number | string {
    const segment = this.segments.get(Number(token.slice(1)))
    if (!segment) throw new Skip('a segment that is not there')
    return this.code(do_shmat(this.mm, segment, at, flags))
  }

  private prctl(option: number, argument: number): number | string {
    if (option === PR_SET_MDWE) this.mm.deny_write_exec = argument !== 0
    else if (option === PR_SET_MEMORY_MERGE) ksm_merge_any(this.mm, argument !== 0)
    // The recorded kernels were built without names for anonymous memory.
    else if (option === PR_SET_VMA) return errno_name(EINVAL)
    else if (option !== PR_SET_THP_DISABLE) throw new Skip(`prctl ${option}`)
    return 0
  }

  private word(token: string | undefined): number {
    return Number(BigInt.asIntN(32, bigintOf(token ?? '0')))
  }

  private place(addr: number): string {
    if (addr < HEAP || addr >= ARENA + ARENA_SIZE) return `0x${addr.toString(16)}`
    if (addr < HEAP + HEAP_SIZE) return `$0x${(addr - HEAP).toString(16)}`
    const offset = addr - ARENA
    return offset < 0 ? `@-0x${(-offset).toString(16)}` : `@0x${offset.toString(16)}`
  }

  private line(vma: vm_area_struct, base: number): LiveVma {
    const page = (addr: number) => (addr - base) / PAGE_SIZE
    const { vm_start, vm_end, vm_file, vm_pgoff } = vma
    return [
      page(vm_start),
      page(vm_end),
      vma_perms(vma),
      vm_file ? offsetOf(vm_pgoff) : 0,
      vm_file ? this.shown(vm_file) : vma_name(vma.vm_mm, vma) || null,
      vm_flags_codes(vma.vm_flags, vma.vm_flags_high),
      vma.vm_mm.pages.count(vm_start, vm_end, 'anon'),
      vma_pkey(vma),
    ]
  }

  /** `f` and the slot of an open file, `s` and a number for one that the kernel made. */
  private shown({ f_inode }: file): string {
    const slot = this.slots.shown.get(f_inode)
    if (slot !== undefined) return `f${slot}`
    const number = this.made.get(f_inode) ?? this.made.size
    this.made.set(f_inode, number)
    return `s${number}`
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
  if (BigInt(number) === unsigned) return number
  // Every answer depends on the page and on whether the value is aligned: the middle of the page stands for it.
  const page = unsigned - (unsigned % BigInt(PAGE_SIZE))
  return Number(page + BigInt(PAGE_SIZE / 2))
}

/** The same, but small negative ones stay so: offsets from a place. */
function distance(token: string): number {
  return Number(BigInt.asIntN(64, bigintOf(token)))
}

/** Offsets that name a place in the arena are recorded relative to it. */
function offsetOf(pgoff: number): number | string {
  const relative = pgoff - ARENA / PAGE_SIZE
  return relative >= 0 && relative <= ARENA_SIZE / PAGE_SIZE ? `@${relative}` : pgoff
}

/** For the front door, which doubts numbers above 2^53. */
function exact(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value : BigInt(value)
}

function told(result: Result<number>): number | string {
  return result.ok ? result.value : nameOf(result.error.errno)
}

/** An errno as recorded: one that the model gives no name is `E77`. */
function nameOf(errno: number): string {
  return errno_name(errno).replace(/^errno /, 'E')
}

/** What the expectations say so far: an absent list or count is the one before. */
export class LiveExpected {
  private v: readonly LiveVma[] = []
  private h: readonly LiveVma[] = []
  private s: readonly (number | null)[] = [0, 0, 0, 0, 0]

  /** The differences between what an operation must give and what it gave, in words; none is good. */
  compare(expected: LiveExpectation, got: LiveObserved): string[] {
    // The two lists are recorded together: a heap that is not listed beside an arena is empty.
    if (expected.v) this.h = expected.h ?? []
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
    if (JSON.stringify(this.h.map(comparable)) !== JSON.stringify(got.h.map(comparable)))
      differences.push(`the heap:\n  expected\n${lines(this.h)}\n  got\n${lines(got.h)}`)
    const child = [expected.c ?? [], got.c ?? []] as const
    if (JSON.stringify(child[0].map(comparable)) !== JSON.stringify(child[1].map(comparable)))
      differences.push(`the child:\n  expected\n${lines(child[0])}\n  got\n${lines(child[1])}`)
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
      ([start, end, perms, pgoff, file, flags, pages, pkey]) =>
        `    ${start.toString(16)}-${end.toString(16)} ${perms} ${pgoff} ${file ?? ''} (${flags}) anonymous pages ${pages}${pkey ? `, pkey ${pkey}` : ''}`,
    )
    .join('\n')
}
