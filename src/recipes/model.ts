// SPDX-License-Identifier: GPL-2.0-only
// A scenario in the model: the driver of the gallery, the same words as the booted kernel writes.

import { drivers } from '../drivers/index.ts'
import {
  EBUSY,
  EINVAL,
  ENODEV,
  errno_name,
  type file,
  type file_operations,
  KernelError,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  openFile,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  type Release,
  type Result,
  vfs_mmap,
  type vm_area_struct,
  vm_flags_codes,
  type vm_operations_struct,
  vma_perms,
} from '../mm/index.ts'

/** Where the pages of a scenario lie. */
const WINDOW = 0x10000000
const WINDOW_PAGES = 64

/** The physical memory that no kernel uses: bytes. */
export const PHYS: number = 0xe000000

/** Physical memory that only one_errno maps: some kernels remember the cacheability of what was mapped before. */
export const FRESH_PHYS: number = PHYS + 4 * PAGE_SIZE

/** What a scenario needs to know of a driver beside its hooks. */
interface Machine {
  readonly hooks: file_operations
  readonly ioctl?: (arg: number) => number
  /** When the file is closed and no mapping of it is left. */
  readonly release?: (opened: file) => void
  readonly values?: Readonly<Record<string, () => number>>
  /** The first page frame of what it maps, if it maps frames. */
  readonly pfn?: number
  /** What is opened: a file of so many bytes; otherwise the device that is called like the recipe. */
  readonly file?: { readonly path: string; readonly size: number }
}

/** Builds the machine: `era` is the key of its hooks in the gallery. */
type Maker = (era: 'legacy' | 'mapped', which: Conversion, release: Release) => Machine

/** The file of a recipe that is run. */
export type Conversion = 'before' | 'after' | 'bridge'

const pfn = PHYS / PAGE_SIZE
const size = 4 * PAGE_SIZE

/** No such ioctl. */
const ENOTTY = 25

const machines: Readonly<Record<string, Maker>> = {
  fault_driven: (era) => ({ hooks: drivers.faultDriven[era]() }),
  validate: (era) => ({ hooks: drivers.validate[era]() }),
  write_combining: (era) => ({ hooks: drivers.writeCombining[era]({ pfn }), pfn }),
  state_lock: (era) => {
    const device = drivers.stateLock.device()
    const ioctl = (arg: number) => {
      if (arg > 4) return -EINVAL
      device.online = arg
      return 0
    }
    return { hooks: drivers.stateLock[era](device), ioctl }
  },
  dev_mem: (era) => ({ hooks: drivers.devMem[era]({ pfn }), pfn }),
  io_bar: (era) => ({ hooks: drivers.ioBar[era]({ phys: PHYS, size }), pfn }),
  dispatcher: (era, which) => {
    const hooks = drivers.dispatcher[era]()
    const leaf = openFile('leaf', hooks)
    return { hooks: which === 'bridge' ? { mmap: (_file, vma) => vfs_mmap(leaf, vma) } : hooks }
  },
  read_only_clamp: (era) => {
    const device = drivers.readOnlyClamp.device()
    return { hooks: drivers.readOnlyClamp[era](device), pfn: device.pfn }
  },
  reference_counted: (era) => {
    const device = drivers.referenceCounted.device()
    return {
      hooks: drivers.referenceCounted[era](device),
      values: { users: () => device.users.refs },
    }
  },
  allocate_populate: (era) => ({ hooks: drivers.allocatePopulate[era]() }),
  one_errno: (era) => {
    const fresh = { pfn: FRESH_PHYS / PAGE_SIZE }
    return { hooks: drivers.oneErrno[era](fresh), ...fresh }
  },
  pgoff_selector: (era) => ({ hooks: drivers.pgoffSelector[era]() }),
  insert_pages: (era) => ({ hooks: drivers.insertPages[era]() }),
  ring_buffer: (era) => ({ hooks: drivers.ringBuffer[era]() }),
  page_cache_file: (era) => ({
    hooks: drivers.pageCacheFile[era](),
    file: { path: '/mnt/data', size },
  }),
  secretmem: (era) => ({ hooks: drivers.secretmem[era]() }),
  dev_zero: (era) => ({ hooks: drivers.devZero[era]() }),
  lock_across: (era) => {
    const device = drivers.lockAcross.device()
    const ioctl = (arg: number) => {
      if (arg === 0 && device.pins.size > 0) return -EBUSY
      device.online = arg !== 0
      return 0
    }
    const release = (opened: file) => device.pins.delete(opened)
    return { hooks: drivers.lockAcross[era](device), ioctl, release, pfn: device.pfn }
  },
  hugetlb_reservation: (era) => {
    const device = drivers.hugetlbReservation.device()
    return {
      hooks: drivers.hugetlbReservation[era](device),
      values: { reserved: () => device.reserved.refs },
    }
  },
  stacked_file: (era, which, release) => {
    const open = (hooks: file_operations): file => openFile('/lower', hooks, { size })
    const converted = open(drivers.pageCacheFile.mapped())
    // What lies below is the kernel's own, of its time.
    const isConverted = release.era.can_mmap_file(converted)
    const lower = isConverted ? converted : open(drivers.pageCacheFile.legacy())
    // before.c asks for the other file's .mmap and knows of nothing else.
    if (which === 'before' && isConverted) return { hooks: { mmap: () => -ENODEV } }
    return { hooks: drivers.stackedFile[era]({ lower }) }
  },
}

/** Can the model run this recipe's before.c or after.c? */
export function isModelled(recipe: string): boolean {
  return Object.hasOwn(machines, recipe)
}

/**
 * Runs the steps on the driver of the gallery and writes down what happened, as the booted kernel does: `> STEP`,
 * `= RESULT`, `! HOOK START-END` for each hook, `: START-END PERMS OFFSET NAME FLAGS` for each VMA of the window.
 *
 * @throws RangeError for a recipe that the gallery lacks
 */
export function runInModel(
  recipe: string,
  which: Conversion,
  release: Release,
  steps: readonly string[],
): readonly string[] {
  const make = machines[recipe]
  if (!make || !isModelled(recipe)) throw new RangeError(`no recipe ${recipe} in the gallery`)
  const machine = make(which === 'before' ? 'legacy' : 'mapped', which, release)
  const run = new Run(recipe, machine, release)
  return ['> load', '= ok', ...steps.flatMap((step) => run.step(step)), '> unload', '= ok']
}

class Run {
  private readonly mm: Mm
  private readonly machine: Machine
  private readonly hooks: file_operations
  private readonly recipe: string
  private device: file
  private log: string[] = []
  /** What stood on a page before it was copied. */
  private readonly copied = new Map<number, string>()

  constructor(recipe: string, machine: Machine, release: Release) {
    this.recipe = recipe
    this.mm = new Mm(release)
    this.machine = machine
    this.hooks = watched(machine.hooks, (name, start, end) =>
      this.log.push(`! ${name} ${pageOf(start)}-${pageOf(end)}`),
    )
    this.device = this.open('rw')
  }

  private open(mode: 'r' | 'rw'): file {
    const { path = `/dev/${this.recipe}`, size = 0 } = this.machine.file ?? {}
    return openFile(path, this.hooks, { mode, size })
  }

  step(line: string): readonly string[] {
    const [verb = '', ...words] = line.split(' ')
    this.log = []
    const result = this.perform(verb, words)
    const quiet = ['open', 'read', 'write', 'ioctl', 'value', 'conflict'].includes(verb)
    return [`> ${line}`, `= ${result}`, ...this.log, ...(quiet ? [] : this.maps())]
  }

  private perform(verb: string, words: readonly string[]): string {
    const { mm, machine } = this
    const n = words.map(Number)
    const at = (index: number) => WINDOW + (n[index] ?? 0) * PAGE_SIZE
    const length = (index: number) => (n[index] ?? 0) * PAGE_SIZE
    const prot = protection(words[2] ?? '')
    switch (verb) {
      case 'open':
        machine.release?.(this.device)
        this.device = this.open(words[0] === 'rw' ? 'rw' : 'r')
        return 'ok'
      case 'map':
        return told(
          mm.maybeMmap({
            addr: at(0),
            len: length(1),
            prot,
            flags: (words[3] === 'shared' ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED,
            file: this.device,
            offset: length(4),
          }),
        )
      case 'anon':
        return told(
          mm.maybeMmap({
            addr: at(0),
            len: length(1),
            prot: PROT_READ | PROT_WRITE,
            flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
          }),
        )
      case 'conflict':
        return this.conflict(at(0), length(1))
      case 'unmap':
        return told(mm.maybeMunmap(at(0), length(1)))
      case 'protect':
        return told(mm.maybeMprotect(at(0), length(1), prot))
      case 'move':
        return told(
          mm.maybeMremap(at(0), length(1), length(3), MREMAP_MAYMOVE | MREMAP_FIXED, at(2)),
        )
      case 'grow':
        return told(mm.maybeMremap(at(0), length(1), length(2)))
      case 'fork':
        mm.fork().exit()
        return 'ok'
      case 'read':
        return this.access(at(0), false)
      case 'write':
        return this.access(at(0), true)
      case 'ioctl': {
        const ret = machine.ioctl?.(n[0] ?? 0) ?? -ENOTTY
        return ret < 0 ? errno_name(-ret) : 'ok'
      }
      case 'value':
        return String(machine.values?.[words[0] ?? '']?.() ?? 'unreadable')
      default:
        return 'unknown'
    }
  }

  /** As long as this mapping stays, the processor refuses its memory in another cacheability. */
  private conflict(addr: number, len: number): string {
    const other = openFile('/dev/dev_mem', drivers.devMem.legacy({ pfn }))
    const ret = this.mm.maybeMmap({
      addr,
      len,
      prot: PROT_READ,
      flags: MAP_SHARED | MAP_FIXED,
      file: other,
    })
    this.mm.should_fail = (site) =>
      site === 'remap_pfn_range' && this.mm.vmaAt(addr) !== null && -EINVAL
    return told(ret)
  }

  private access(addr: number, write: boolean): string {
    const before = this.contents(addr)
    try {
      this.mm.touch(addr)
      const text = this.contents(addr) ?? before
      if (!write) return text || 'empty'
      this.mm.touch(addr, true)
      if (this.mm.pages.at(addr) === 'anon') this.copied.set(addr, text ?? '')
      return 'ok'
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      return error.at === 'fault' || error.at === 'do_fault' ? 'SIGBUS' : 'SIGSEGV'
    }
  }

  /** What is written on the page at `addr`; null where there is none. */
  private contents(addr: number): string | null {
    const [run] = this.mm.pages.within(addr, addr + PAGE_SIZE)
    if (!run) return null
    if (run.kind === 'anon') return this.copied.get(addr) ?? ''
    if (run.kind === 'pfn' && typeof run.frame === 'number')
      return `page ${run.frame - (this.machine.pfn ?? 0)}`
    return typeof run.frame === 'string' ? run.frame : ''
  }

  private maps(): readonly string[] {
    return this.mm
      .vmas()
      .filter(
        ({ vm_start, vm_end }) => vm_start >= WINDOW && vm_end <= WINDOW + WINDOW_PAGES * PAGE_SIZE,
      )
      .map((vma) => this.mapsLine(vma))
  }

  private mapsLine(vma: vm_area_struct): string {
    const { vm_start, vm_end, vm_file, vm_flags, vm_flags_high } = vma
    const name = vm_file ? (vm_file.name === this.device.name ? 'device' : 'other') : '-'
    const flags = vm_flags_codes(vm_flags, vm_flags_high)
      .split(' ')
      .filter((code) => code !== 'ar')
    return [
      ':',
      `${pageOf(vm_start)}-${pageOf(vm_end)}`,
      vma_perms(vma),
      offsetOf(vma),
      name,
      ...flags,
    ].join(' ')
  }
}

function offsetOf({ vm_file, vm_pgoff }: vm_area_struct): string {
  if (!vm_file) return '0'
  if (vm_pgoff >= pfn && vm_pgoff < pfn + 16) return `frame+${vm_pgoff - pfn}`
  return vm_pgoff >= 4096 ? 'frame' : String(vm_pgoff)
}

function pageOf(addr: number): number {
  return (addr - WINDOW) / PAGE_SIZE
}

function protection(word: string): number {
  const bit = (letter: string, value: number) => (word.includes(letter) ? value : 0)
  return bit('r', PROT_READ) | bit('w', PROT_WRITE) | bit('x', PROT_EXEC)
}

function told(result: Result<unknown>): string {
  return result.ok ? 'ok' : errno_name(result.error.errno)
}

type Tell = (hook: string, start: number, end: number) => void

/** The same hooks, which tell of each call before they do their work. */
function watched(hooks: file_operations, tell: Tell): file_operations {
  const tables = new WeakMap<vm_operations_struct, vm_operations_struct>()
  const watchedOps = (ops: vm_operations_struct | null): vm_operations_struct | null => {
    if (!ops || !(ops.open || ops.close || ops.mapped)) return ops
    const known = tables.get(ops)
    if (known) return known
    const made = watchedTable(ops, tell)
    tables.set(ops, made)
    tables.set(made, made)
    return made
  }
  const { mmap, mmap_prepare } = hooks
  return {
    ...hooks,
    ...(mmap && {
      mmap: (file, vma) => {
        tell('mmap', vma.vm_start, vma.vm_end)
        const ret = mmap(file, vma)
        vma.vm_ops = watchedOps(vma.vm_ops)
        return ret
      },
    }),
    ...(mmap_prepare && {
      mmap_prepare: (desc) => {
        tell('mmap_prepare', desc.start, desc.end)
        const ret = mmap_prepare(desc)
        desc.vm_ops = watchedOps(desc.vm_ops)
        return ret
      },
    }),
  }
}

function watchedTable(ops: vm_operations_struct, tell: Tell): vm_operations_struct {
  const { open, close, mapped } = ops
  return {
    ...ops,
    ...(open && {
      open: (vma) => {
        tell('vma_open', vma.vm_start, vma.vm_end)
        open(vma)
      },
    }),
    ...(close && {
      close: (vma) => {
        tell('vma_close', vma.vm_start, vma.vm_end)
        close(vma)
      },
    }),
    ...(mapped && {
      mapped: (start, end, pgoff, file, vm_private_data) => {
        tell('mapped', start, end)
        return mapped(start, end, pgoff, file, vm_private_data)
      },
    }),
  }
}
