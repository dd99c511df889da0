// SPDX-License-Identifier: GPL-2.0-only
// Runs scenarios of the `vma` format: recorded from mm/vma.c compiled in userland. Everything there is in pages.
import {
  type AllocationSite,
  anon_vma_prepare,
  apply_vma_lock_flags,
  check_map_count,
  do_mprotect_pkey,
  do_vmi_munmap,
  EFAULT,
  EINVAL,
  expand_vma,
  type file,
  type file_operations,
  get_file,
  Mm,
  madvise_set_anon_name,
  madvise_update_flags,
  mmap_action_ioremap_full,
  mmap_action_map_kernel_pages,
  mmap_action_map_kernel_pages_full,
  mmap_action_remap,
  mmap_action_remap_full,
  mmap_action_simple_ioremap,
  mmap_region,
  mmap_unlock,
  mmap_write_lock,
  OVERCOMMIT_ALWAYS,
  openFile,
  PAGE_SIZE,
  type Release,
  remap_pfn_range,
  remap_pfn_range_complete,
  rethrow,
  sys_brk,
  userfaultfd_set_ctx,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_SEALED_HIGH,
  VM_SHARED,
  VM_SOFTDIRTY,
  vfs_mmap,
  type vm_area_desc,
  type vm_area_struct,
  type vm_operations_struct,
  vma_dummy_vm_ops,
  vma_set_file,
} from '../mm/index.ts'
import { Skip } from './conform_outcome.ts'
import type { FileSpec, OpsSpec, VmaScenario, VmaTuple } from './conform_vectors.ts'
import type { Observed } from './conform_vma_expected.ts'

const HIGH = 2 ** 32
const DUMMY_OPS = 1000
const SHMEM_OPS = 1001
const FIRST_SHMEM_FILE = 100
const TASK_PAGES = 2 ** 35 - 1

/** The address space that every scenario starts with. Bytes. */
const range = {
  task_size: TASK_PAGES * PAGE_SIZE,
  mmap_base: TASK_PAGES * PAGE_SIZE,
  mmap_min_addr: 0,
}

function low(flags: number): number {
  return flags | 0
}

function high(flags: number): number {
  return Math.floor(flags / HIGH)
}

const joined = (lowLane: number, highLane: number): number => (lowLane >>> 0) + highLane * HIGH

const sites: Readonly<Record<string, AllocationSite>> = {
  alloc: 'vm_area_alloc',
  prealloc: 'vma_iter_prealloc',
  clone: 'anon_vma_clone',
  store: 'mas_store_gfp',
  shmem: 'shmem_kernel_file_setup',
}

/** One scenario's address space, with the drivers that it asks for. */
export class VmaWorld {
  private readonly mm: Mm
  private readonly files = new Map<number, file>()
  private readonly fileIds = new Map<file, number>()
  private readonly specs = new Map<number, FileSpec>()
  private readonly tables = new Map<number, vm_operations_struct>()
  private readonly tableIds = new Map<vm_operations_struct, number>([[vma_dummy_vm_ops, DUMMY_OPS]])
  private readonly failures = new Map<AllocationSite, number>()
  private hooks: unknown[][] = []
  private pending: unknown[] = []
  private privateData = 1000
  private context = 5000
  /** What the drivers of the proposed hooks hold of their own locks, by file. */
  private readonly locks = new Map<number, number>()
  /** The error of the page-table work that the last hook asked for. */
  private pageWork = 0

  constructor(release: Release, scenario: VmaScenario) {
    this.mm = new Mm(release, range)
    // The userland build has no page tables.
    this.mm.populates = false
    this.mm.start_brk = 0x8000 * PAGE_SIZE
    this.mm.brk = this.mm.start_brk
    for (const spec of scenario.vm_ops) this.addTable(spec)
    for (const spec of scenario.files) this.addFile(spec)
    this.mm.should_fail = (site) => this.fails(site)
    this.mm.listener = (name, subject, a, b, c) => this.observe(name, subject, a, b, c)
  }

  private fails(site: AllocationSite): boolean | number {
    if (site === 'remap_pfn_range' || site === 'vm_insert_pages') return this.pageWork
    const left = this.failures.get(site)
    if (left === undefined) return false
    this.failures.set(site, left - 1)
    return left === 1
  }

  /** Runs an operation. Throws {@link Skip} when the model does not do it. */
  run(op: readonly [string, ...number[]]): Observed {
    this.hooks = []
    const r = this.underLock(op)
    rethrow(this.mm)
    this.failures.clear()
    return { r, ...this.state(), hooks: this.hooks }
  }

  /** The functions under a system call want mmap_lock held; the system calls take it themselves. */
  private underLock(op: readonly [string, ...number[]]): number {
    if (op[0] === 'mprotect' || op[0] === 'brk') return this.perform(op)
    mmap_write_lock(this.mm, op[0])
    try {
      return this.perform(op)
    } finally {
      mmap_unlock(this.mm)
    }
  }

  private perform([name, ...args]: readonly [string, ...number[]]): number {
    const { mm } = this
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = args
    const start = a * PAGE_SIZE
    const len = b * PAGE_SIZE
    switch (name) {
      case 'mmap':
        return this.map(start, len, c, d, e)
      case 'munmap':
        return do_vmi_munmap(mm, start, len)
      case 'mprotect':
        return do_mprotect_pkey(mm, start, len, c)
      case 'mlock':
        return apply_vma_lock_flags(
          mm,
          start,
          len,
          [0, VM_LOCKED, VM_LOCKED | VM_LOCKONFAULT][c] ?? 0,
        )
      case 'fault':
        return anon_vma_prepare(mm, start)
      case 'softclear':
        for (const vma of mm.vmas()) vma.vm_flags &= ~VM_SOFTDIRTY
        return 0
      case 'brk':
        return sys_brk(mm, start) / PAGE_SIZE
      case 'madvise':
        return madvise_update_flags(mm, start, start + len, low(c), low(d))
      case 'name':
        return madvise_set_anon_name(mm, start, start + len, c === 0 ? null : String(c))
      case 'uffd':
        return userfaultfd_set_ctx(mm, start, start + len, c === 0 ? null : c)
      case 'extend':
        return expand_vma(mm, start, len)
      case 'forkchild':
        return this.forkChild(start)
      case 'end':
        for (const vma of mm.vmas()) vma.vm_flags_high &= ~VM_SEALED_HIGH
        return do_vmi_munmap(mm, 0, range.task_size)
      default:
        throw new Skip(name)
    }
  }

  /** An entry that is no operation: `inject` sets a failure of the next one, or a limit that stays. */
  prepare([name, key, n]: readonly [string, ...(number | string)[]]): void {
    if (name === 'inject') this.inject(String(key), Number(n))
    else if (name === 'rehook') this.specs.set(Number(key), this.specOf(Number(n)))
    else throw new Skip(name)
  }

  private inject(key: string, n: number): void {
    const site = Object.hasOwn(sites, key) ? sites[key] : undefined
    const limit = { mapcount: 'max_map_count', as: 'as', data: 'data' }[key]
    if (site) this.failures.set(site, n)
    else if (limit) this.mm.limits[limit as 'as'] = n
    // What they call a limit may be reached, and nothing is left to others.
    else if (key === 'commit')
      Object.assign(this.mm.limits, { overcommit_memory: 2, commit: n + 1, user_reserve: 0 })
    else throw new Skip(`inject ${key}`)
  }

  private map(start: number, len: number, flags: number, pgoff: number, id: number): number {
    const crowded = check_map_count(this.mm)
    if (crowded !== 0) return crowded
    const file = id === 0 ? null : this.fileOf(id)
    const { limits } = this.mm
    const { overcommit_memory } = limits
    // The recorded program has no shmem behind it: nobody asks whether there is room for a file of shared memory.
    if (!file && low(flags) & VM_SHARED) limits.overcommit_memory = OVERCOMMIT_ALWAYS
    const ret = mmap_region(this.mm, file, start, len, low(flags), high(flags), pgoff)
    limits.overcommit_memory = overcommit_memory
    return ret < 0 ? ret : ret / PAGE_SIZE
  }

  /** One link more, as a forked VMA has. */
  private forkChild(addr: number): number {
    const vma = this.mm.vmaAt(addr)
    if (!vma) return -EFAULT
    if (!vma.anon_vma) return -EINVAL
    vma.anon_vma_chain++
    this.mm.anon_vmas_made++
    return 0
  }

  private fileOf(id: number): file {
    const file = this.files.get(id)
    if (!file) throw new Error(`the scenario has no file ${id}`)
    return file
  }

  private addTable(spec: OpsSpec): void {
    const { mapped = 0, may_split = 0, mprotect = 0 } = spec
    const errno = (value: number) => Math.min(value, 0)
    const table: vm_operations_struct = {
      ...(spec.open && { open: () => {} }),
      ...(spec.close && { close: () => {} }),
      ...(may_split && { may_split: () => errno(may_split) }),
      ...(mprotect && { mprotect: () => errno(mprotect) }),
      ...(mapped && {
        mapped: (_s: number, _e: number, _p: number, _f: file, data: { value: unknown }) => {
          if (mapped > 0) data.value = this.nextData(spec.mapped_pd ?? 0, data.value)
          return errno(mapped)
        },
      }),
    }
    this.tables.set(spec.id, table)
    this.tableIds.set(table, spec.id)
  }

  private nextData(how: number, now: unknown): unknown {
    if (how === -2) return ++this.privateData
    return how > 0 ? how : now
  }

  private addFile(spec: FileSpec): void {
    const made = openFile(`file${spec.id}`, this.hooksOf(spec))
    if (spec.deny) made.f_mapping.i_mmap_writable = -1
    this.files.set(spec.id, made)
    this.fileIds.set(made, spec.id)
    this.specs.set(spec.id, spec)
  }

  private specOf(id: number): FileSpec {
    const spec = this.specs.get(id)
    if (!spec) throw new Error(`the scenario has no file ${id}`)
    return spec
  }

  private hooksOf({ id, kind, base = 'prepare', complete, abort }: FileSpec): file_operations {
    const legacy = kind === 'legacy' || (kind === 'rfc' && base === 'legacy')
    const prepares = !legacy && base !== 'none'
    return {
      ...(legacy && { mmap: (_file, vma) => this.legacyHook(this.specOf(id), vma) }),
      ...(prepares && { mmap_prepare: (desc) => this.prepareHook(this.specOf(id), desc) }),
      ...(complete && {
        mmap_complete: (_file, vma, context) => this.completeHook(this.specOf(id), vma, context),
      }),
      ...(abort && {
        mmap_abort: (_file, data, context) => this.abortHook(this.specOf(id), data, context),
      }),
    }
  }

  private lock(id: number, by: number): void {
    this.locks.set(id, (this.locks.get(id) ?? 0) + by)
  }

  private completeHook(spec: FileSpec, vma: vm_area_struct, context: unknown): number {
    const { vm_start, vm_end, vm_pgoff } = vma
    const ret = this.completeRemap(spec, vma) || Math.min(of(spec, 'complete', 0), 0)
    const where = [spec.id, vm_start / PAGE_SIZE, vm_end / PAGE_SIZE, vm_pgoff]
    this.hooks.push(['complete', ...where, context ?? 0, ret])
    const lock = of(spec, 'lock', 0)
    if (lock === 1 || lock === 2 || (lock === 3 && ret === 0)) this.lock(spec.id, -1)
    return ret
  }

  private completeRemap(spec: FileSpec, vma: vm_area_struct): number {
    const mode = of(spec, 'remap', 0)
    if (mode === 0) return 0
    const start = vma.vm_start + of(spec, 'roff', 0) * PAGE_SIZE
    const size = of(spec, 'rpages', 0) * PAGE_SIZE || vma.vm_end - start
    this.pageWork = of(spec, 'rerr', 0)
    const work = mode === 1 ? remap_pfn_range_complete : remap_pfn_range
    return work(vma, start, of(spec, 'rpfn', 0), size)
  }

  private abortHook(spec: FileSpec, data: unknown, context: unknown): void {
    this.hooks.push(['abort', spec.id, data ?? 0, context ?? 0])
    if (of(spec, 'lock', 0) > 0) this.lock(spec.id, -1)
  }

  private describe(spec: FileSpec, what: vm_area_desc | vm_area_struct): void {
    what.vm_flags = (what.vm_flags | low(of(spec, 'set', 0))) & ~low(of(spec, 'clr', 0))
    what.vm_flags_high = (what.vm_flags_high | high(of(spec, 'set', 0))) & ~high(of(spec, 'clr', 0))
    const ops = of(spec, 'ops', 1)
    if (ops >= 0) what.vm_ops = ops === 0 ? null : (this.tables.get(ops) ?? null)
  }

  private dataOf(spec: FileSpec, now: unknown): unknown {
    const data = of(spec, 'pd', -1)
    if (data === -1) return now
    return data === -2 ? ++this.privateData : data
  }

  private legacyHook(spec: FileSpec, vma: vm_area_struct): number {
    const backing = of(spec, 'backing', 0)
    if (backing) {
      vma_set_file(vma, this.fileOf(backing))
      return vfs_mmap(this.fileOf(backing), vma) || of(spec, 'bret', 0)
    }
    this.describe(spec, vma)
    vma.vm_private_data = this.dataOf(spec, vma.vm_private_data)
    vma.vm_pgoff = of(spec, 'pgoff', vma.vm_pgoff)
    const swap = of(spec, 'swap', 0)
    if (swap) vma_set_file(vma, this.fileOf(swap))
    return of(spec, 'ret', 0)
  }

  private prepareHook(spec: FileSpec, desc: vm_area_desc): number {
    const lock = of(spec, 'lock', 0)
    if (lock === 2) this.lock(spec.id, 1)
    const context = of(spec, 'ctx', -1)
    if (context !== -1) desc.mmap_context = context === -2 ? ++this.context : context
    this.describe(spec, desc)
    desc.private_data = this.dataOf(spec, desc.private_data)
    desc.pgoff = of(spec, 'pgoff', desc.pgoff)
    askForAction(spec, desc)
    this.pageWork = of(spec, 'aerr', 0)
    const ret = of(spec, 'ret', 0)
    if (ret !== 0) return ret
    if (lock === 1 || lock === 3) this.lock(spec.id, 1)
    const swap = of(spec, 'swap', 0)
    if (swap) desc.vm_file = get_file(this.mm, this.fileOf(swap))
    return 0
  }

  private idOfFile(file: file | null): number {
    if (!file) return 0
    const known = this.fileIds.get(file)
    if (known !== undefined) return known
    const id = FIRST_SHMEM_FILE + file.f_inode.i_ino - 1
    this.fileIds.set(file, id)
    this.files.set(id, file)
    return id
  }

  private idOfTable(table: vm_operations_struct | null): number {
    if (!table) return 0
    return this.tableIds.get(table) ?? SHMEM_OPS
  }

  private observe(name: string, subject: unknown, a: number, b: number, c: number): void {
    const page = (addr: number) => addr / PAGE_SIZE
    const vma = subject as vm_area_struct
    const where = () => [this.idOfTable(vma.vm_ops), page(vma.vm_start), page(vma.vm_end)]
    switch (name) {
      case 'call_mmap_prepare': {
        const desc = subject as vm_area_desc
        this.hooks.push([
          'prepare',
          this.idOfFile(desc.file),
          page(desc.start),
          page(desc.end),
          desc.pgoff,
          joined(desc.vm_flags, desc.vm_flags_high),
          this.idOfFile(desc.vm_file),
          this.idOfTable(desc.vm_ops),
        ])
        break
      }
      case 'call_mmap':
        this.hooks.push([
          'mmap',
          this.idOfFile(vma.vm_file),
          page(vma.vm_start),
          page(vma.vm_end),
          vma.vm_pgoff,
          joined(vma.vm_flags, vma.vm_flags_high),
          this.idOfTable(vma.vm_ops),
        ])
        break
      case 'call_open':
      case 'call_close':
        this.hooks.push([name.slice(5), ...where(), vma.vm_private_data ?? 0])
        break
      case 'call_mapped':
        this.pending = [
          'mapped',
          ...where(),
          vma.vm_pgoff,
          this.idOfFile(vma.vm_file),
          vma.vm_private_data ?? 0,
        ]
        break
      case 'call_may_split':
        this.pending = ['may_split', ...where(), page(a)]
        break
      case 'call_mprotect':
        this.pending = [
          'mprotect',
          this.idOfTable(vma.vm_ops),
          page(a),
          page(b),
          joined(c, vma.vm_flags_high),
        ]
        break
      case 'return_page_work':
      case 'return_mapped':
      case 'return_may_split':
      case 'return_mprotect':
        this.hooks.push([...this.pending, a])
        break
      case 'get_file':
        this.hooks.push(['get', this.idOfFile(subject as file)])
        break
      case 'fput':
        this.hooks.push(['put', this.idOfFile(subject as file)])
        break
      case 'remap_pfn_range':
        this.pending = ['remap', page(a), b, c]
        break
      case 'vm_insert_pages':
        this.pending = ['kpages', page(a), b]
        break
      case 'munmap_failed':
        this.hooks.push([name, a])
        break
      case 'unmap_region':
        this.hooks.push(['zap', page(a), page(b)])
        break
    }
  }

  private state(): Omit<Observed, 'r' | 'hooks'> {
    const { mm } = this
    const vmas = mm.vmas().map((vma) => this.tuple(vma))
    const files = new Map<number, readonly number[]>()
    for (const [id, { f_count, f_mapping }] of this.files)
      files.set(id, [f_count, f_mapping.i_mmap.size, f_mapping.i_mmap_writable])
    const st = [mm.total_vm, mm.locked_vm, mm.data_vm, mm.exec_vm, mm.stack_vm, mm.committed]
    const locks = [...this.locks].filter(([, held]) => held !== 0).sort(([a], [b]) => a - b)
    return { mc: mm.map_count, st, vmas, files, locks }
  }

  private tuple(vma: vm_area_struct): VmaTuple {
    const named = vma.anon_name !== null || vma.vm_userfaultfd_ctx !== null
    return [
      vma.vm_start / PAGE_SIZE,
      vma.vm_end / PAGE_SIZE,
      joined(vma.vm_flags, vma.vm_flags_high),
      vma.vm_pgoff,
      this.mm.release.separate_anon_pgoff ? vma.anon_pgoff : null,
      this.idOfFile(vma.vm_file),
      this.idOfTable(vma.vm_ops),
      Number(vma.vm_private_data ?? 0),
      vma.anon_vma?.id ?? 0,
      vma.anon_vma_chain,
      ...(named ? [Number(vma.anon_name ?? 0), Number(vma.vm_userfaultfd_ctx ?? 0)] : []),
    ]
  }
}

function of(spec: FileSpec, key: string, otherwise: number): number {
  return Number(spec[key] ?? otherwise)
}

/** The page-table work that a scenario's file asks for. */
function askForAction(spec: FileSpec, desc: vm_area_desc): void {
  const start = desc.start + of(spec, 'aoff', 0) * PAGE_SIZE
  const [pfn, pages] = [of(spec, 'apfn', 0), of(spec, 'apages', 0)]
  const kernelPages: readonly unknown[] = []
  const actions: Readonly<Record<number, () => void>> = {
    1: () => mmap_action_remap(desc, start, pfn, pages * PAGE_SIZE),
    2: () => mmap_action_remap_full(desc, pfn),
    3: () => mmap_action_ioremap_full(desc, pfn),
    4: () => mmap_action_simple_ioremap(desc, pfn * PAGE_SIZE, pages * PAGE_SIZE),
    5: () => mmap_action_map_kernel_pages(desc, start, kernelPages, pages),
    6: () => mmap_action_map_kernel_pages_full(desc, kernelPages),
  }
  actions[of(spec, 'act', 0)]?.()
  desc.action.error_override = of(spec, 'override', 0)
  desc.action.hide_from_rmap_until_complete = Boolean(spec.hide)
}
