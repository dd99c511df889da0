// SPDX-License-Identifier: GPL-2.0-only
import {
  type AllocationSite,
  type FileOptions,
  type file,
  type file_operations,
  KernelError,
  Mm,
  openFile,
  PAGE_SIZE,
  type Release,
  type StepListener,
  type StepName,
  unmap_mapping_range,
  type vm_area_struct,
} from '../mm/index.ts'
import { failNth } from './faults.ts'
import { Ledger } from './ledger.ts'
import { addressOf, mapFlags, mremapFlags, type Op, PROGRAM_PAGES } from './program.ts'

/**
 * A driver to be tried: its hooks, or better a function that makes them, so that each case gets a driver without a
 * past.
 */
export type Driver = file_operations | (() => file_operations)

/** A call may take so many steps before it is called endless. */
const STEP_LIMIT = 10_000

/** How a call ended. */
export interface CallEnd {
  /** 0 or positive, or a negative errno. */
  readonly ret: number
  /** The kernel function that refused; empty when none did. */
  readonly at: string
  /** What a hook threw, in words; empty when none did. */
  readonly thrown: string
}

/** What the steps of the last call told. */
export interface CallFacts {
  /** A legacy hook ran. */
  asksMmap: boolean
  /** mmap_prepare returned an error. */
  prepareRefuses: boolean
  /** A VMA took in another range. */
  merges: boolean
  /** What the kernel would print as warnings, each once; empty when nothing. */
  warnings: string
  /**
   * Where the fault plan made an attempt fail, after which attempts for VMAs: `vm_area_alloc vma_iter_prealloc`; or
   * empty.
   */
  injected: string
}

/** Sites whose attempts mean something else where another number of VMAs is made. */
const VMA_SITES: readonly string[] = [
  'vm_area_alloc',
  'vma_iter_prealloc',
  'anon_vma_clone',
  'mas_store_gfp',
]

function injectionPoint(attempts: readonly string[], site: string): string {
  if (!VMA_SITES.includes(site)) return site
  return attempts.filter((name) => VMA_SITES.includes(name)).join(' ')
}

const noFacts = (): CallFacts => ({
  asksMmap: false,
  prepareRefuses: false,
  merges: false,
  warnings: '',
  injected: '',
})

/** An address space with one driver's file, and everything that is watched about it. */
export class World {
  readonly mm: Mm
  readonly file: file
  readonly ledger: Ledger = new Ledger()
  readonly children: Mm[] = []
  /** Every attempt at something that may fail, in order, during the last call. */
  attempts: AllocationSite[] = []
  facts: CallFacts = noFacts()
  /** A legacy hook has changed what a merge compares: flags, offset or file. */
  hookChangedMerge = false
  private steps = 0
  private plan: ((site: AllocationSite) => boolean | number) | null = null
  private asked: { flags: number; high: number; pgoff: number; file: file | null } | null = null

  constructor(driver: Driver, release: Release, options: FileOptions) {
    this.mm = new Mm(release)
    const f_op = typeof driver === 'function' ? driver() : driver
    this.file = openFile('/dev/demo', f_op, options)
    this.mm.listener = this.hear
    this.mm.should_fail = this.shouldFail
  }

  private readonly shouldFail = (site: AllocationSite): boolean | number => {
    this.attempts.push(site)
    const fails = this.plan?.(site) ?? false
    if (fails !== false) this.facts.injected = injectionPoint(this.attempts, site)
    return fails
  }

  private readonly hear: StepListener = (name, subject, a) => {
    if (++this.steps > STEP_LIMIT)
      throw new Error(`the call takes more than ${STEP_LIMIT} steps: a hook loops`)
    this.note(name, subject, a)
  }

  private note(name: StepName, subject: Parameters<StepListener>[1], a: number): void {
    switch (name) {
      case 'call_mmap': {
        const { vm_flags, vm_flags_high, vm_pgoff, vm_file } = subject as vm_area_struct
        this.facts.asksMmap = true
        this.asked = { flags: vm_flags, high: vm_flags_high, pgoff: vm_pgoff, file: vm_file }
        return
      }
      case 'return_mmap': {
        const { asked } = this
        const vma = subject as vm_area_struct
        if (
          asked &&
          (asked.flags !== vma.vm_flags ||
            asked.high !== vma.vm_flags_high ||
            asked.pgoff !== vma.vm_pgoff ||
            asked.file !== vma.vm_file)
        )
          this.hookChangedMerge = true
        return
      }
      case 'return_mmap_prepare':
        if (a < 0) this.facts.prepareRefuses = true
        return
      case 'warn':
        this.warned(String(subject))
        return
      case 'oops':
        this.warned('the kernel calls a null pointer')
        return
      case 'commit_merge':
        this.facts.merges = true
        return
      default:
        this.ledger.hear(name, subject, a)
    }
  }

  private warned(text: string): void {
    const { facts } = this
    const known = facts.warnings.split('; ')
    if (!known.includes(text)) facts.warnings = [...known.filter(Boolean), text].join('; ')
  }

  /** Makes one call. Never throws. */
  perform(op: Op): CallEnd {
    this.steps = 0
    this.attempts = []
    this.facts = noFacts()
    this.mm.refusal = null
    return endOf(() => this.call(op))
  }

  private call(op: Op): number {
    const { mm } = this
    switch (op.call) {
      case 'mmap': {
        const anonymous = op.pgoff === null
        return mm.mmap({
          addr: addressOf(op.page),
          len: op.pages * PAGE_SIZE,
          prot: op.prot,
          flags: mapFlags(op.shared, anonymous),
          ...(!anonymous && { file: this.file, offset: (op.pgoff ?? 0) * PAGE_SIZE }),
        })
      }
      case 'munmap':
        mm.munmap(addressOf(op.page), op.pages * PAGE_SIZE)
        return 0
      case 'mprotect':
        mm.mprotect(addressOf(op.page), op.pages * PAGE_SIZE, op.prot)
        return 0
      case 'mremap':
        return mm.mremap(
          addressOf(op.page),
          op.pages * PAGE_SIZE,
          op.newPages * PAGE_SIZE,
          mremapFlags(op.to),
          op.to === undefined ? 0 : addressOf(op.to),
        )
      case 'touch':
        mm.touch(addressOf(op.page), op.write)
        return 0
      case 'fork': {
        const child = mm.fork()
        child.listener = this.hear
        this.children.push(child)
        return 0
      }
      case 'unmap_mapping_range':
        unmap_mapping_range(this.file.f_mapping, op.pgoff * PAGE_SIZE, op.pages * PAGE_SIZE, true)
        return 0
      case 'failNth':
        this.plan = failNth(op.site, op.nth)
        return 0
    }
  }

  /** Unmaps everything, in children too: what a driver holds then, nobody will give back. Never throws. */
  end(): CallEnd {
    this.plan = null
    let last: CallEnd = { ret: 0, at: '', thrown: '' }
    for (const mm of [...this.children, this.mm]) {
      this.steps = 0
      const end = endOf(() => {
        mm.munmap(addressOf(0), PROGRAM_PAGES * PAGE_SIZE)
        return 0
      })
      if (end.ret !== 0 || end.thrown !== '') last = end
    }
    return last
  }
}

/** V8's; other engines leave it alone. */
const errors: ErrorConstructor & { stackTraceLimit?: number | undefined } = Error

/** How a call ends. Nobody sees the stacks of what is caught here, and to take them is a tenth of the work. */
function endOf(call: () => number): CallEnd {
  const limit = errors.stackTraceLimit
  errors.stackTraceLimit = 0
  try {
    return { ret: call(), at: '', thrown: '' }
  } catch (error) {
    if (error instanceof KernelError) return { ret: -error.errno, at: error.at, thrown: '' }
    return { ret: 0, at: '', thrown: wordsOf(error) }
  } finally {
    errors.stackTraceLimit = limit
  }
}

function wordsOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `threw ${String(error)}`
  } catch {
    return 'threw what has no text'
  }
}
