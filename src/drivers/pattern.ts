// SPDX-License-Identifier: GPL-2.0-only
// What the drivers of the gallery have in common.

import type { Era, file_operations, Release, vm_area_desc } from '../mm/index.ts'

/** The pages of each device here. */
export const PAGES = 4

/** The hooks of a driver, on a device: a new one for each call, unless it is given. */
export type Hooks<Device> = (device?: Device) => file_operations

/** What is said of a pattern. */
export type About = {
  /** The folder: its C recipes lie beside. */
  readonly name: string
  /** What the driver is, in one line. */
  readonly text: string
  /** By era: why it has no hooks there, or what those that it has cannot do. One line each. */
  readonly cannot: Readonly<Record<string, string>>
}

/** A kind of driver, with its hooks in the eras `E`. */
export type Pattern<E extends string, Device> = About & {
  /** A device that nothing has been done to. */
  readonly device: () => Device
} & { readonly [era in E]: Hooks<Device> }

/** A pattern of any eras and any device. */
export type AnyPattern = About & {
  readonly [member: string]: About[keyof About] | ((device?: never) => unknown)
}

/** The eras with a hook that describes a mapping. */
export type Describing = 'proto' | 'prepare' | 'complete' | 'action' | 'mapped'

/** One description for every era that has them. `describe` makes the hook for a device. */
export function describingIn<Device>(
  device: () => Device,
  describe: (device: Device) => (desc: vm_area_desc) => number,
): { readonly [era in Describing]: Hooks<Device> } {
  const prepare: Hooks<Device> = (made = device()) => ({ mmap_prepare: describe(made) })
  return {
    proto: (made = device()) => ({ mmap_proto: describe(made) }),
    prepare,
    complete: prepare,
    action: prepare,
    mapped: prepare,
  }
}

/** Do `pages` pages from `pgoff` on lie in a device of {@link PAGES} pages? */
export function fits(pgoff: number, pages: number): boolean {
  return pgoff < PAGES && pages <= PAGES - pgoff
}

/** The pages of a buffer, by what is written on them. */
export function bufferPages(count: number = PAGES): readonly string[] {
  return Array.from({ length: count }, (_, page) => `page ${page}`)
}

/**
 * The hooks that a driver of this pattern has in an era, or in a release's: its own where the era can express it, else
 * the legacy ones, which every release still calls. RangeError when it has neither; it says why.
 */
export function hooksIn(pattern: AnyPattern, where: Era | Release): file_operations {
  const { name } = 'era' in where ? where.era : where
  for (const era of [name, 'legacy']) {
    const hooks = pattern[era]
    if (typeof hooks === 'function') return hooks() as file_operations
  }
  throw new RangeError(
    `${pattern.name} in ${name}: ${pattern.cannot[name] ?? 'it has no hooks there'}`,
  )
}
