// SPDX-License-Identifier: GPL-2.0-only
// How a finding is tried: a driver as it was written for the release's era, a few calls, and what is left of them.

import {
  type AllocationSite,
  type file,
  type file_operations,
  Mm,
  openFile,
  PAGE_SIZE,
  type Release,
} from '../mm/index.ts'

/** What a finding came to. */
export interface Verdict {
  /** What one would rely on holds. */
  readonly ok: boolean
  /** What was seen, in words. */
  readonly seen: string
}

/** Something that goes wrong with a protocol. */
export interface Finding {
  /** What one would rely on. */
  readonly name: string
  /** Why it fails where it fails. */
  readonly text: string
  /** Releases where it does not hold, and where it does: names for linux(). */
  readonly fails: readonly string[]
  readonly holds: readonly string[]
  /** Tries it on a release. */
  run(release: Release): Verdict
}

/** An address space, and a driver's file to map at pages from a base. */
export class Trial {
  readonly mm: Mm
  readonly file: file

  constructor(release: Release, hooks: file_operations) {
    this.mm = new Mm(release)
    this.file = openFile('/dev/trial', hooks, { size: 16 * PAGE_SIZE })
  }

  /** Maps pages of the file, shared or (with `copies`) privately for writing. Returns what the caller is told. */
  map(page: number, pages = 1, from: number = page, copies = false): string {
    const result = this.mm.maybeMmap({
      addr: BASE + page * PAGE_SIZE,
      len: pages * PAGE_SIZE,
      prot: copies ? 3 : 1,
      flags: copies ? 0x12 : 0x11,
      file: this.file,
      offset: from * PAGE_SIZE,
    })
    return result.ok ? 'mapped' : result.error.code
  }

  /** The same, where every attempt at `site` fails. */
  mapFailing(site: AllocationSite, page: number, pages = 1): string {
    this.mm.should_fail = (attempted) => attempted === site
    const told = this.map(page, pages)
    this.mm.should_fail = null
    return told
  }

  /** Unmaps everything. */
  unmapAll(): void {
    this.mm.munmap(0, this.mm.range.task_size)
  }

  /** What is present at a page: the page that a driver gave, or a page frame number. */
  at(page: number): unknown {
    const start = BASE + page * PAGE_SIZE
    const [run] = this.mm.pages.within(start, start + PAGE_SIZE)
    return run?.frame ?? null
  }
}

const BASE = 0x10000000

/** A hook set for each era; an era that has none of its own gets the legacy one. */
export type ByEra = Readonly<Record<string, () => file_operations>> & {
  readonly legacy: () => file_operations
}

/** The hooks for a release, out of a table by era. */
export function hooksOf(table: ByEra, { era }: Release): file_operations {
  return (table[era.name] ?? table.legacy)()
}
