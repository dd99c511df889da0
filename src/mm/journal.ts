// SPDX-License-Identifier: GPL-2.0-only
// What the model tells the history of an address space, when it keeps one.

import type { address_space, file, mm_struct, vm_area_struct } from './mm_types.ts'

/**
 * The VMA is about to be written to. vma_start_write() says so, as Linux asks for that lock ahead of a write; what is
 * written under other locks, or by a hook, says it itself.
 */
export function before_write(vma: vm_area_struct): void {
  const { history } = vma.vm_mm
  if (history !== null && vma.kept !== history.stamp) history.keep(vma)
}

/** The address space holds `by` references to the file more. */
export function count_references({ history }: mm_struct, file: file, by: number): void {
  if (history !== null) history.counts(file, by)
}

/** The address space has `by` writable mappings of the file more. */
export function count_writers({ history }: mm_struct, mapping: address_space, by: number): void {
  if (history !== null && by !== 0) history.counts(mapping, by)
}
