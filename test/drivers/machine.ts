// SPDX-License-Identifier: GPL-2.0-only
// The program that ran as process 1 of the booted kernels, on the model: the same calls, the same words. It works in
// pages from BASE.
import {
  errno_name,
  type file,
  type file_operations,
  KernelError,
  Mm,
  openFile,
  PAGE_SIZE,
  type Release,
  type Result,
  vm_flags_codes,
  vma_perms,
} from '../../src/mm/index.ts'

const BASE = 0x10000000
const [PROT_READ, PROT_WRITE] = [1, 2]
const [SHARED, PRIVATE, ANONYMOUS, FIXED, NOREPLACE] = [1, 2, 0x20, 0x10, 0x100000]

/** The first page frame of the modules' buffers. */
export const BUFFER_PFN = 0x5808

/** What makes a device's hooks, given where its messages go. */
export type Modules = Readonly<Record<string, (pr_info: (line: string) => void) => file_operations>>

/** A booted kernel with these modules, and what it has printed. */
export class Machine {
  readonly lines: string[] = []
  private readonly mm: Mm
  private readonly devices = new Map<string, file_operations>()

  constructor(release: Release, modules: Modules) {
    this.mm = new Mm(release)
    this.mm.listener = (name, subject) => {
      // Debug kernels print more warnings than the recorded ones.
      if (name === 'warn' && !String(subject).includes('assigned')) this.say('    K! WARNING')
    }
    for (const [name, make] of Object.entries(modules))
      this.devices.set(
        name,
        make((line) => this.say(`    k| ${line}`)),
      )
  }

  private say(line: string): void {
    this.lines.push(line)
  }

  private open(device: string, mode: 'r' | 'rw' = 'rw'): file {
    const hooks = this.devices.get(device)
    if (!hooks) throw new Error(`no device ${device}`)
    return openFile(`/dev/${device}`, hooks, { mode })
  }

  private map(
    page: number,
    pages: number,
    prot: number,
    flags: number,
    backing?: file,
    from = 0,
  ): Result<number> {
    return this.mm.maybeMmap({
      addr: BASE + page * PAGE_SIZE,
      len: pages * PAGE_SIZE,
      prot,
      flags: flags & NOREPLACE ? flags : flags | FIXED,
      offset: from * PAGE_SIZE,
      ...(backing && { file: backing }),
    })
  }

  private unmap(page: number, pages: number): void {
    this.mm.munmap(BASE + page * PAGE_SIZE, pages * PAGE_SIZE)
  }

  private maps(title: string, pages: number): number {
    this.say(`  maps ${title}:`)
    const shown = this.mm.vmas().filter((vma) => vma.vm_start < BASE + pages * PAGE_SIZE)
    for (const vma of shown) {
      const offset = vma.vm_file ? vma.vm_pgoff * PAGE_SIZE : 0
      const hex = (value: number) => value.toString(16).padStart(8, '0')
      const codes = vm_flags_codes(vma.vm_flags, vma.vm_flags_high)
      const name = vma.vm_file ? ` ${vma.vm_file.name}` : ''
      this.say(
        `    ${hex(vma.vm_start)}-${hex(vma.vm_end)} ${vma_perms(vma)} ${hex(offset)}${name} | ${codes}`,
      )
    }
    if (shown.length === 0) this.say('    (nothing mapped)')
    return shown.length
  }

  /** What a read of the page gives: its text, or the signal. `label` names the buffer that frames are of. */
  private contents(page: number, label: string): string {
    const at = BASE + page * PAGE_SIZE
    try {
      this.mm.touch(at)
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      return error.at === 'fault' ? '<SIGBUS>' : '<SIGSEGV>'
    }
    const [run] = this.mm.pages.within(at, at + PAGE_SIZE)
    if (typeof run?.frame === 'number') return `${label} page ${run.frame - BUFFER_PFN}`
    return String(run?.frame ?? `old ${page}`)
  }

  basic(
    device: string,
    pages: number,
    prot: number,
    flags: number,
    from: number,
    label: string,
  ): void {
    const backing = this.open(device)
    this.say(`== ${device} len ${pages * PAGE_SIZE} off ${from * PAGE_SIZE}`)
    const result = this.map(0, pages, prot, flags | NOREPLACE, backing, from)
    this.say(`  mmap -> ${verdict(result)}`)
    if (!result.ok) return
    const [first, last] = [this.contents(0, label), this.contents(pages - 1, label)]
    this.say(`  first page: "${first}"  last page: "${last}"`)
    this.maps('now', pages)
    this.unmap(0, pages)
  }

  merge2(device: string): void {
    const backing = this.open(device)
    this.say(`== merge: ${device}, page 0 then the adjacent page 1`)
    const a = this.map(0, 1, PROT_READ, SHARED, backing)
    const b = this.map(1, 1, PROT_READ, SHARED, backing, 1)
    this.say(`  ${verdict(a)}, ${verdict(b)}`)
    const merged = this.maps('after 2 mmaps', 8)
    this.say(`RESULT merge2 ${device}: ${merged} vma`)
    this.unmap(0, 8)
    this.say('-- bridge: page 0, page 2, then page 1 between')
    this.map(0, 1, PROT_READ, SHARED, backing)
    this.map(2, 1, PROT_READ, SHARED, backing, 2)
    this.maps('before bridge', 8)
    this.map(1, 1, PROT_READ, SHARED, backing, 1)
    const bridged = this.maps('after bridge', 8)
    this.say(`RESULT bridge ${device}: ${bridged} vma`)
    this.say('-- munmap middle page (split)')
    this.unmap(1, 1)
    this.maps('after split', 8)
    this.unmap(0, 8)
  }

  life(device: string): void {
    const backing = this.open(device)
    this.say(`== life cycle: ${device}: map 3, fork, mremap-move, unmap`)
    this.map(0, 3, PROT_READ, SHARED, backing)
    this.say('-- fork')
    const child = this.mm.fork()
    child.munmap(0, child.range.task_size)
    this.say('-- mremap move')
    const moved = this.mm.maybeMremap(BASE, 3 * PAGE_SIZE, 3 * PAGE_SIZE, 3, BASE + 16 * PAGE_SIZE)
    this.say(`  mremap -> ${verdict(moved)}`)
    this.maps('after', 32)
    this.say('-- munmap')
    this.unmap(16, 3)
  }

  fixedErr(device: string, mode: 'r' | 'rw', prot: number, title: string): void {
    const backing = this.open(device, mode)
    this.say(`== MAP_FIXED over existing: ${device} (${title})`)
    this.map(0, 3, PROT_READ | PROT_WRITE, PRIVATE | ANONYMOUS)
    for (let page = 0; page < 3; page++) this.mm.touch(BASE + page * PAGE_SIZE, true)
    this.maps('before', 3)
    const result = verdict(this.map(1, 1, prot, SHARED, backing))
    this.say(`  mmap -> ${result}`)
    const count = this.maps('after', 3)
    const found = [0, 1, 2].map((page) => this.contents(page, ''))
    this.say(`  contents: ${found.map((text) => `"${text}"`).join(' ')}`)
    this.say(`RESULT fixed ${device} (${title}): errno ${result}, ${count} vma, middle ${found[1]}`)
    this.unmap(0, 3)
  }

  fixedDev(over: string): void {
    const [below, above] = [this.open('vl_close'), this.open(over)]
    this.say(`== MAP_FIXED of ${over} over the middle of a vl_close mapping: order of the hooks`)
    this.map(0, 3, PROT_READ, SHARED, below)
    this.say('-- overlay')
    this.say(`RESULT overlay ${over}: ${verdict(this.map(1, 1, PROT_READ, SHARED, above))}`)
    this.maps('after', 3)
    this.unmap(0, 3)
  }

  freeErr(device: string): void {
    const backing = this.open(device)
    this.say(`== error on a free range: ${device}`)
    this.maps('before', 3)
    const result = this.map(0, 2, PROT_READ, SHARED | NOREPLACE, backing)
    this.say(`RESULT free ${device}: mmap -> ${verdict(result)}`)
    this.maps('after', 3)
    this.unmap(0, 3)
  }

  /** Everything that process 1 did, as far as the modules for it are there. */
  run(): string[] {
    const both = PROT_READ | PROT_WRITE
    this.basic('vl_legacy', 2, both, SHARED, 1, 'legacy')
    this.basic('vl_legacy', 8, PROT_READ, SHARED, 0, 'legacy')
    if (this.devices.has('vl_remap')) {
      this.basic('vl_remap', 2, both, SHARED, 1, 'action')
      this.basic('vl_remap_part', 2, PROT_READ, SHARED, 0, 'action')
      this.basic('vl_ioremap', 2, PROT_READ, SHARED, 0, 'ROM')
      this.basic('vl_simpleio', 16, PROT_READ, SHARED, 0, 'ROM')
      this.basic('vl_simpleio', 17, PROT_READ, SHARED, 0, 'ROM')
      this.basic('vl_pages', 2, both, SHARED, 1, 'action')
      this.basic('vl_remap', 2, both, PRIVATE, 0, 'action')
      this.basic('vl_remap_part', 2, both, PRIVATE, 0, 'action')
      this.prepareProbes()
    }
    for (const device of ['vl_leg', 'vl_legclose', 'vl_legacy']) this.merge2(device)
    this.life('vl_legclose')
    this.fixedErr('vl_legfail', 'rw', PROT_READ, 'legacy .mmap returns -EBUSY')
    this.fixedErr('vl_leg', 'rw', PROT_READ, 'legacy .mmap success, for comparison')
    this.freeErr('vl_legfail')
    for (const device of ['vl_both', 'vl_legmapped', 'vl_badoverride', 'vl_oob', 'vl_start'])
      if (this.devices.has(device)) this.freeErr(device)
    return this.lines
  }

  private prepareProbes(): void {
    this.basic('vl_noclose', 2, PROT_READ, SHARED, 1, 'fault')
    this.basic('vl_dontexpand', 2, PROT_READ, SHARED, 0, 'fault')
    for (const device of ['vl_noclose', 'vl_close', 'vl_dontexpand', 'vl_remap'])
      this.merge2(device)
    for (const device of ['vl_close', 'vl_priv']) this.life(device)
    this.fixedErr('vl_pfail', 'rw', PROT_READ, 'mmap_prepare returns -EBUSY')
    this.fixedErr('vl_afail', 'rw', PROT_READ, 'action prepare half fails')
    this.fixedErr('vl_pfail', 'r', PROT_READ | PROT_WRITE, 'refused before the hook: EACCES')
    this.fixedErr('vl_mfail', 'rw', PROT_READ, 'vm_ops->mapped returns -ENXIO')
    this.fixedErr('vl_noclose', 'rw', PROT_READ, 'success, for comparison')
    for (const device of ['vl_pfail', 'vl_mfail', 'vl_noclose']) this.fixedDev(device)
    for (const device of ['vl_pfail', 'vl_mfail', 'vl_override', 'vl_acfail']) this.freeErr(device)
    this.fixedErr('vl_acfail', 'rw', PROT_READ, 'action complete half fails (slab page)')
  }
}

function verdict(result: Result<number>): string {
  return result.ok ? 'mapped' : (errno_name(result.error.errno) ?? '')
}
