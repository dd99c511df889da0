// SPDX-License-Identifier: GPL-2.0-only
// The description of a mapping as a hook sees it: a class for each set of fields that a release or a posting had.
//
// Differs: 7.0 dropped `vm_flags` from the description; here its two lanes stay readable, being what the model keeps
// flags in. In 7.3.4 `start` and `end` can be assigned, and a remap helper that is called afterwards uses the new
// value; here the assignment is ignored. Vectors: 0.

import {
  type file,
  misuse,
  type mm_struct,
  type mmap_action,
  type vm_area_desc,
  type vm_operations_struct,
} from '../mm/index.ts'

/** What every release has. The setter of an immutable field and the absent fields complain. */
abstract class Description {
  protected readonly desc: vm_area_desc

  constructor(desc: vm_area_desc) {
    this.desc = desc
  }

  get mm(): mm_struct {
    return this.desc.mm
  }

  set mm(_: mm_struct) {
    this.immutable('mm')
  }

  get start(): number {
    return this.desc.start
  }

  set start(_: number) {
    this.immutable('start')
  }

  get end(): number {
    return this.desc.end
  }

  set end(_: number) {
    this.immutable('end')
  }

  get pgoff(): number {
    return this.desc.pgoff
  }

  set pgoff(pgoff: number) {
    this.desc.pgoff = pgoff
  }

  get vm_flags(): number {
    return this.desc.vm_flags
  }

  set vm_flags(flags: number) {
    this.desc.vm_flags = flags
  }

  get vm_flags_high(): number {
    return this.desc.vm_flags_high
  }

  set vm_flags_high(flags: number) {
    this.desc.vm_flags_high = flags
  }

  get page_prot(): number {
    return this.desc.page_prot
  }

  set page_prot(prot: number) {
    this.desc.page_prot = prot
  }

  get vm_ops(): vm_operations_struct | null {
    return this.desc.vm_ops
  }

  set vm_ops(ops: vm_operations_struct | null) {
    this.desc.vm_ops = ops
  }

  get private_data(): unknown {
    return this.desc.private_data
  }

  set private_data(data: unknown) {
    this.desc.private_data = data
  }

  get vm_file(): file {
    return this.absent('vm_file')
  }

  set vm_file(_: file) {
    this.absent('vm_file')
  }

  get vma_flags(): bigint {
    return this.absent('vma_flags')
  }

  set vma_flags(_: bigint) {
    this.absent('vma_flags')
  }

  get action(): mmap_action {
    return this.absent('action')
  }

  set action(_: mmap_action) {
    this.absent('action')
  }

  get mmap_context(): unknown {
    return this.absent('mmap_context')
  }

  set mmap_context(_: unknown) {
    this.absent('mmap_context')
  }

  protected immutable(field: string): void {
    const { mm, file } = this.desc
    misuse(mm, `the hook of ${file.name} assigned ${field} of its description: ignored`)
  }

  private absent(field: string): never {
    const { release } = this.desc.mm
    throw new TypeError(`struct vm_area_desc of Linux ${release.name} has no ${field}`)
  }
}

/** 6.16 and 6.17, and the RFC: `file` is the mutable file. */
class WithFile extends Description {
  get file(): file {
    return this.desc.vm_file
  }

  set file(file: file) {
    this.desc.vm_file = file
  }
}

/** 6.17 with the series of September 2025 on top. */
class WithFileAndContext extends WithFile {
  override get mmap_context(): unknown {
    return this.desc.mmap_context
  }

  override set mmap_context(context: unknown) {
    this.desc.mmap_context = context
  }
}

/** 6.18: `file` is the one whose hook runs, `vm_file` the mutable one. */
class WithVmFile extends Description {
  get file(): file {
    return this.desc.file
  }

  set file(_: file) {
    this.immutable('file')
  }

  override get vm_file(): file {
    return this.desc.vm_file
  }

  override set vm_file(file: file) {
    this.desc.vm_file = file
  }
}

/** 6.19 and later. */
class WithAction extends WithVmFile {
  override get vma_flags(): bigint {
    return this.desc.vma_flags
  }

  override set vma_flags(flags: bigint) {
    this.desc.vma_flags = flags
  }

  override get action(): mmap_action {
    return this.desc.action
  }

  override set action(action: mmap_action) {
    this.desc.action = action
  }
}

/** 7.3 with the series of September 2025 on top. */
class WithActionAndContext extends WithAction {
  override get mmap_context(): unknown {
    return this.desc.mmap_context
  }

  override set mmap_context(context: unknown) {
    this.desc.mmap_context = context
  }
}

type Describe = (desc: vm_area_desc) => vm_area_desc

/** 6.16 and 6.17, and the RFC of April 2025. */
export const with_file: Describe = (desc) => new WithFile(desc)
/** The series of September 2025 on 6.17. */
export const with_file_and_context: Describe = (desc) => new WithFileAndContext(desc)
/** 6.18. */
export const with_vm_file: Describe = (desc) => new WithVmFile(desc)
/** 6.19 to 7.3. */
export const with_action: Describe = (desc) => new WithAction(desc)
/** The series of September 2025 on 7.3. */
export const with_action_and_context: Describe = (desc) => new WithActionAndContext(desc)
