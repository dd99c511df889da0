// SPDX-License-Identifier: GPL-2.0-only
// The front door: system calls on an address space.

import { sys_brk } from './brk.ts'
import { ENOMEM } from './errno.ts'
import { exit_mmap } from './exit.ts'
import { touch } from './fault.ts'
import {
  MAP_ANONYMOUS,
  MAP_SHARED,
  MAP_TYPE,
  PAGE_SIZE,
  VM_ACCOUNT,
  VM_EXEC,
  VM_LOCKED,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_WRITE,
} from './flags.ts'
import { dup_mmap } from './fork.ts'
import { History } from './history.ts'
import { rethrow } from './hooks.ts'
import { KernelError, type Result } from './kernel_error.ts'
import { mmap_unlock, mmap_write_lock, vma_mark_attached, vma_start_write } from './locks.ts'
import { do_madvise } from './madvise.ts'
import { do_mlock, sys_mlockall, sys_munlock, sys_munlockall } from './mlock.ts'
import {
  type AddressRange,
  type file,
  mm_struct,
  type vm_area_struct,
  type vm_operations_struct,
} from './mm_types.ts'
import { remap_file_pages, vm_mmap_pgoff } from './mmap.ts'
import { do_mprotect_pkey } from './mprotect.ts'
import { do_mremap } from './mremap.ts'
import { sys_mincore, sys_mseal, sys_msync } from './mseal.ts'
import { __vm_munmap } from './munmap.ts'
import type { Release } from './release.ts'
import { vma_link_file } from './rmap.ts'
import { step } from './steps.ts'
import {
  accountable_mapping,
  get_file,
  vm_area_alloc,
  vm_stat_account,
  vma_lookup,
  vma_set_page_prot,
} from './vma.ts'

/** An address or a length in bytes. A bigint is good for what a number cannot hold exactly. */
export type Bytes = number | bigint

/** The arguments of mmap(2). */
export interface MmapArguments {
  /** A hint, or with MAP_FIXED the place; default 0: anywhere. */
  readonly addr?: Bytes
  readonly len: Bytes
  /** PROT_* bits. */
  readonly prot: number
  /** MAP_* bits: one of MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE. */
  readonly flags: number
  /** Absent with MAP_ANONYMOUS. */
  readonly file?: file
  /** Bytes, a multiple of PAGE_SIZE; default 0. */
  readonly offset?: Bytes
}

/** A mapping found somewhere else, as it is to stand in this address space: no hook runs for it. */
export interface AdoptedVma {
  /** Bytes, page aligned. */
  readonly start: Bytes
  readonly end: Bytes
  /** As in /proc/PID/maps: `r-xp`. */
  readonly perms: string
  /** Bytes; of file mappings only. */
  readonly offset?: Bytes
  readonly file?: file
  readonly vm_ops?: vm_operations_struct
  /** More VM_* flags of the low lane. */
  readonly vm_flags?: number
  /** What prctl(PR_SET_VMA_ANON_NAME) called it. */
  readonly anon_name?: string
}

/** How an address space is to be. */
export interface MmOptions extends Partial<AddressRange> {
  /** Keep every past state, for {@link Mm.at}; default false. A call then takes up to a fifth longer. */
  readonly history?: boolean
}

/** Where a process of x86-64 Linux without address randomisation puts its mappings. Bytes. */
export const X86_64_RANGE: AddressRange = {
  task_size: 0x7ffffffff000,
  mmap_base: 0x7ffff7fff000,
  mmap_min_addr: 0x10000,
}

function as_integer(what: string, value: Bytes): number {
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) return value
  const number = Number(value)
  // A number above 2^53 may have been rounded from another value; page multiples are what calls are made of.
  const exact =
    typeof value === 'bigint'
      ? BigInt(number) === value
      : Number.isSafeInteger(value) || (Number.isInteger(value) && value % PAGE_SIZE === 0)
  if (!exact)
    throw new RangeError(`${what} ${value}: give a whole number that a number holds exactly`)
  const unsigned = number < 0 ? number + 2 ** 64 : number
  const rounded = number < 0 && unsigned - 2 ** 64 !== number
  if (rounded || unsigned < 0 || unsigned >= 2 ** 64)
    throw new RangeError(`${what} ${value}: give an unsigned 64-bit value`)
  return unsigned
}

/** An address of mmap(): one in the last page reads as a negative errno, as in the kernel. */
function as_address(value: Bytes): number {
  const distance = Number(typeof value === 'bigint' ? BigInt.asIntN(64, value) : value)
  return Number.isInteger(distance) && distance < 0 && distance > -PAGE_SIZE
    ? distance
    : as_integer('addr', value)
}

function as_word(what: string, value: number): number {
  if (Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32) return value | 0
  throw new RangeError(`${what} ${value}: give a 32-bit word of flag bits`)
}

/**
 * An address space and its system calls. A call that Linux refuses throws {@link KernelError} and leaves what Linux
 * leaves; its `maybe...` twin returns the refusal instead. RangeError for what is no integer. What a hook throws is
 * thrown on, after the call is unwound.
 */
export class Mm extends mm_struct {
  /** An empty address space of a release of Linux. TypeError for what is no release, as linux() makes one. */
  constructor(release: Release, options: MmOptions = {}) {
    const { history = false, ...range } = options
    super(release, { ...X86_64_RANGE, ...range })
    if (history) this.history = new History(this)
  }

  /**
   * Shows the state after the `n`-th call, 0: before the first; without `n` the newest. Calls count that Linux refuses,
   * too. A call on a past state makes it the newest: what came after it is forgotten. Returns itself, so that a cell
   * can say `layout(mm.at(3))`. RangeError for a state there is none of; {@link History} tells what comes back and what
   * cannot. Needs `new Mm(linux(), { history: true })`.
   */
  at(n?: number): this {
    if (!this.history)
      throw new TypeError(
        `at(${n ?? ''}): this address space keeps no history; make it by new Mm(linux(), { history: true })`,
      )
    this.history.at(n)
    return this
  }

  /** mmap(2): the address of the new mapping. Lengths round up, hints round down. */
  mmap(request: MmapArguments): number {
    return unwrap(this.maybeMmap(request))
  }

  /** {@link Mm.mmap}, but a refusal is returned. */
  maybeMmap(request: MmapArguments): Result<number> {
    const addr = as_address(request.addr ?? 0)
    const len = as_integer('len', request.len)
    const offset = as_integer('offset', request.offset ?? 0)
    const prot = as_word('prot', request.prot)
    const flags = as_word('flags', request.flags)
    const file = request.file ?? null
    if (!file && !(flags & MAP_ANONYMOUS))
      throw new TypeError('mmap without a file: give file, or MAP_ANONYMOUS in flags')
    const ret = this.perform(() => vm_mmap_pgoff(this, file, addr, len, prot, flags, offset))
    const call = () => {
      const kind = (flags & MAP_TYPE) === MAP_SHARED ? 'MAP_SHARED' : 'MAP_PRIVATE'
      return `mmap(0x${addr.toString(16)}, ${len}, ${kind}, ${file?.name ?? 'anonymous'})`
    }
    return this.result(ret, call, ret < 0 ? addr : ret, len)
  }

  /** munmap(2). */
  munmap(addr: Bytes, len: Bytes): void {
    unwrap(this.maybeMunmap(addr, len))
  }

  /** {@link Mm.munmap}, but a refusal is returned. */
  maybeMunmap(addr: Bytes, len: Bytes): Result<number> {
    const start = as_integer('addr', addr)
    const length = as_integer('len', len)
    return this.result(
      this.perform(() => __vm_munmap(this, start, length)),
      () => `munmap(0x${start.toString(16)}, ${length})`,
      start,
      length,
    )
  }

  /** mprotect(2): `prot` is PROT_* bits. VMAs before the one that refuses keep the change. */
  mprotect(addr: Bytes, len: Bytes, prot: number): void {
    unwrap(this.maybeMprotect(addr, len, prot))
  }

  /** {@link Mm.mprotect}, but a refusal is returned. */
  maybeMprotect(addr: Bytes, len: Bytes, prot: number): Result<number> {
    const start = as_integer('addr', addr)
    const length = as_integer('len', len)
    const access = as_word('prot', prot)
    return this.result(
      this.perform(() => do_mprotect_pkey(this, start, length, access)),
      () => `mprotect(0x${start.toString(16)}, ${length}, ${access})`,
      start,
      length,
    )
  }

  /** mremap(2): the address of the mapping then. `flags` is MREMAP_* bits. */
  mremap(addr: Bytes, oldLen: Bytes, newLen: Bytes, flags = 0, newAddr: Bytes = 0): number {
    return unwrap(this.maybeMremap(addr, oldLen, newLen, flags, newAddr))
  }

  /** {@link Mm.mremap}, but a refusal is returned. */
  maybeMremap(
    addr: Bytes,
    oldLen: Bytes,
    newLen: Bytes,
    flags = 0,
    newAddr: Bytes = 0,
  ): Result<number> {
    const from = as_integer('addr', addr)
    const lengths = [as_integer('oldLen', oldLen), as_integer('newLen', newLen)] as const
    const to = as_integer('newAddr', newAddr)
    const bits = as_word('flags', flags)
    return this.result(
      this.perform(() => do_mremap(this, from, ...lengths, bits, to)),
      () => `mremap(0x${from.toString(16)}, ${lengths.join(', ')}, ${flags}, 0x${to.toString(16)})`,
      from,
      lengths[0],
    )
  }

  /** brk(2): moves the end of the heap and returns where it is then; a refusal leaves it. */
  setBrk(addr: Bytes): number {
    const asked = as_integer('addr', addr)
    const before = this.brk
    const end = this.perform(() => sys_brk(this, asked))
    rethrow(this)
    if (this.listener !== null) {
      this.called = () => `brk(0x${asked.toString(16)})`
      const [low, high] = [Math.min(before, asked), Math.max(before, asked)]
      step(this, 'syscall', null, end, low, high - low)
    }
    return end
  }

  /** mlock(2). */
  mlock(addr: Bytes, len: Bytes): void {
    unwrap(this.maybeMlock(addr, len))
  }

  /** {@link Mm.mlock}, but a refusal is returned. */
  maybeMlock(addr: Bytes, len: Bytes): Result<number> {
    return this.onRange('mlock', addr, len, (start, length) =>
      do_mlock(this, start, length, VM_LOCKED),
    )
  }

  /** munlock(2). */
  munlock(addr: Bytes, len: Bytes): void {
    unwrap(this.onRange('munlock', addr, len, (start, length) => sys_munlock(this, start, length)))
  }

  /** madvise(2): `advice` is a MADV_* number. */
  madvise(addr: Bytes, len: Bytes, advice: number): void {
    unwrap(this.maybeMadvise(addr, len, advice))
  }

  /** {@link Mm.madvise}, but a refusal is returned. */
  maybeMadvise(addr: Bytes, len: Bytes, advice: number): Result<number> {
    const behavior = as_word('advice', advice)
    return this.onRange('madvise', addr, len, (start, length) =>
      do_madvise(this, start, length, behavior),
    )
  }

  /** mlockall(2): `flags` are MCL_CURRENT (1), MCL_FUTURE (2) and MCL_ONFAULT (4). */
  mlockall(flags: number): void {
    const which = as_word('flags', flags)
    unwrap(this.whole(`mlockall(${which})`, () => sys_mlockall(this, which)))
  }

  /** munlockall(2). */
  munlockall(): void {
    unwrap(this.whole('munlockall()', () => sys_munlockall(this)))
  }

  /** msync(2): `flags` are MS_ASYNC (1), MS_INVALIDATE (2) and MS_SYNC (4). */
  msync(addr: Bytes, len: Bytes, flags: number): void {
    const how = as_word('flags', flags)
    unwrap(this.onRange('msync', addr, len, (start, length) => sys_msync(this, start, length, how)))
  }

  /**
   * mincore(2): KernelError where part of the range is not mapped. Which pages are present, {@link mm_struct.pages}
   * tells.
   */
  mincore(addr: Bytes, len: Bytes): void {
    unwrap(this.onRange('mincore', addr, len, (start, length) => sys_mincore(this, start, length)))
  }

  /** remap_file_pages(2): the pages of the file from page `pgoff` on, in place of what is mapped there. */
  remapFilePages(addr: Bytes, len: Bytes, pgoff: number, flags = 0): void {
    const [page, how] = [as_integer('pgoff', pgoff), as_word('flags', flags)]
    unwrap(
      this.onRange('remap_file_pages', addr, len, (start, length) =>
        remap_file_pages(this, start, length, 0, page, how),
      ),
    )
  }

  /** mseal(2). */
  mseal(addr: Bytes, len: Bytes): void {
    unwrap(this.onRange('mseal', addr, len, (start, length) => sys_mseal(this, start, length, 0)))
  }

  /**
   * Reads (or with `write` writes) the byte at `addr`, as the process would; KernelError for what is a signal there.
   */
  touch(addr: Bytes, write = false): void {
    const at = as_integer('addr', addr)
    const call = () => `${write ? 'write' : 'read'} 0x${at.toString(16)}`
    unwrap(
      this.result(
        this.perform(() => touch(this, at, write)),
        call,
        at,
        1,
      ),
    )
  }

  /** fork(2): the child's address space. KernelError when it cannot be copied. */
  fork(): Mm {
    const child = new Mm(this.release, { ...this.range, history: this.history !== null })
    const ret = this.perform(() => dup_mmap(child, this))
    this.refusal = child.refusal
    const { thrown } = child
    child.thrown = null
    if (thrown) {
      child.exit()
      this.thrown ??= thrown
    }
    unwrap(this.result(ret, () => 'fork()', 0, 0))
    return child
  }

  /** exit(2): every mapping is closed, and the address space is empty then. */
  exit(): void {
    this.perform(() => exit_mmap(this))
    rethrow(this)
  }

  /** The VMAs in order of address: the live objects. */
  vmas(): vm_area_struct[] {
    return [...this.mm_mt]
  }

  /** The VMA that holds `addr`, or null. */
  vmaAt(addr: Bytes): vm_area_struct | null {
    return vma_lookup(this, as_integer('addr', addr))
  }

  /**
   * Puts a mapping in place that was found elsewhere, say in /proc/PID/maps: no check, no hook, no merge. RangeError
   * when it overlaps another, is empty or is not page aligned.
   */
  adopt(found: AdoptedVma): vm_area_struct {
    const start = as_integer('start', found.start)
    const end = as_integer('end', found.end)
    const range = `[0x${start.toString(16)}, 0x${end.toString(16)})`
    if (start >= end || start % PAGE_SIZE !== 0 || end % PAGE_SIZE !== 0)
      throw new RangeError(
        `${range} is no range of pages: give two multiples of ${PAGE_SIZE}, the lower first`,
      )
    const after = this.mm_mt.find(start)
    if (after && after.vm_start < end)
      throw new RangeError(
        `${range} overlaps the mapping at 0x${after.vm_start.toString(16)}: unmap that first, or leave one out`,
      )
    const vma = vm_area_alloc(this, start, end)
    if (!vma)
      throw new KernelError('adopt', {
        errno: ENOMEM,
        at: 'vm_area_alloc',
        why: 'no memory for a VMA',
      })
    vma.vm_flags = adopted_flags(found)
    if (this.release.soft_dirty) vma.vm_flags |= VM_SOFTDIRTY
    vma.vm_pgoff = (found.file ? as_integer('offset', found.offset ?? 0) : start) / PAGE_SIZE
    vma.anon_pgoff = start / PAGE_SIZE
    if (found.file) vma.vm_file = get_file(this, found.file)
    if (found.vm_ops) vma.vm_ops = found.vm_ops
    else if (!found.file) vma.vm_ops = null
    vma.anon_name = found.anon_name ?? null
    vma_set_page_prot(vma)
    mmap_write_lock(this, 'adopt()')
    try {
      vma_start_write(vma)
      this.mm_mt.insert(vma)
      vma_mark_attached(vma)
      vma_link_file(vma)
    } finally {
      mmap_unlock(this)
    }
    this.map_count++
    const pages = (end - start) / PAGE_SIZE
    vm_stat_account(this, vma.vm_flags, pages)
    if (vma.vm_flags & VM_ACCOUNT) this.committed += pages
    if (vma.vm_flags & VM_LOCKED) this.locked_vm += pages
    return vma
  }

  /** A call about the whole address space. */
  private whole(text: string, call: () => number): Result<number> {
    return this.result(this.perform(call), () => text, 0, 0)
  }

  private onRange(
    name: string,
    addr: Bytes,
    len: Bytes,
    call: (start: number, length: number) => number,
  ): Result<number> {
    const start = as_integer('addr', addr)
    const length = as_integer('len', len)
    const text = () => `${name}(0x${start.toString(16)}, ${length})`
    return this.result(
      this.perform(() => call(start, length)),
      text,
      start,
      length,
    )
  }

  /** A call, which a history can go back to. */
  private perform<T>(act: () => T): T {
    return this.history === null ? act() : this.history.operation(act)
  }

  /** What a call came to; `start` and `length` are the bytes that it was about. */
  private result(ret: number, call: () => string, start: number, length: number): Result<number> {
    rethrow(this)
    if (this.listener !== null) {
      this.called = call
      step(this, 'syscall', null, ret, start, length)
    }
    if (ret >= 0) return { ok: true, value: ret }
    const unknown = { errno: -ret, at: 'unknown', why: 'no reason was recorded' }
    return { ok: false, error: new KernelError(call(), this.refusal ?? unknown) }
  }
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw result.error
}

function adopted_flags({ perms, vm_flags = 0 }: AdoptedVma): number {
  if (!/^[r-][w-][x-][sp]$/.test(perms))
    throw new RangeError(
      `permissions ${perms}: give four letters as in /proc/PID/maps, such as rw-p`,
    )
  let flags = vm_flags | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
  if (perms[0] === 'r') flags |= VM_READ
  if (perms[1] === 'w') flags |= VM_WRITE
  if (perms[2] === 'x') flags |= VM_EXEC
  if (perms[3] === 's') flags |= VM_SHARED | VM_MAYSHARE
  return accountable_mapping(flags) ? flags | VM_ACCOUNT : flags
}
