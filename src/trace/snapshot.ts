// SPDX-License-Identifier: GPL-2.0-only
import {
  type mm_struct,
  VM_ACCOUNT,
  VM_EXEC,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_WRITE,
  type vm_area_struct,
  vm_flags_names,
  vma_name,
  vma_perms,
} from '../mm/index.ts'
import type { FigureVma, LayoutFigure } from './figure.ts'

/** Flags that every mapping has or that its permissions tell already: the low lane. */
const UNREMARKABLE =
  VM_READ |
  VM_WRITE |
  VM_EXEC |
  VM_SHARED |
  VM_MAYREAD |
  VM_MAYWRITE |
  VM_MAYEXEC |
  VM_MAYSHARE |
  VM_ACCOUNT |
  VM_SOFTDIRTY

const primes = ['', '′', '″', '‴']

/**
 * The letter that a VMA keeps for life: A, B, ... Z, AA in order of birth; a piece split off A is A′, the next A″, and
 * from the fourth on A′4.
 */
export function vmaLetter(vma: vm_area_struct): string {
  let letters = ''
  for (let n = vma.id; n > 0; n = Math.floor((n - 1) / 26))
    letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters
  return letters + (primes[vma.piece] ?? `′${vma.piece}`)
}

/** A VMA as figures show it: a copy that later calls do not change. */
export function snapshotVma(mm: mm_struct, vma: vm_area_struct): FigureVma {
  const name = vma_name(mm, vma)
  const flags = vm_flags_names(vma.vm_flags & ~UNREMARKABLE, vma.vm_flags_high)
  return {
    id: vmaLetter(vma),
    start: vma.vm_start,
    end: vma.vm_end,
    perms: vma_perms(vma),
    pgoff: vma.vm_file ? vma.vm_pgoff : 0,
    ...(name && { name }),
    ...(flags.length > 0 && { flags }),
  }
}

/** All mappings of an address space as figures show them, in order of address. */
export function snapshot(mm: mm_struct): FigureVma[] {
  return [...mm.mm_mt].map((vma) => snapshotVma(mm, vma))
}

/**
 * The figure of where the mappings are: of an address space, of some of its VMAs (`mm.vmas().slice(0, 3)`), or of those
 * that a snapshot or a recording holds. `from`
 * and `to`, in bytes, show only what overlaps that range. RangeError when `from` is not below `to`.
 */
export function layout(
  shown: mm_struct | readonly (vm_area_struct | FigureVma)[],
  options: LayoutFigure['options'] = {},
): LayoutFigure {
  const { from = 0, to = Number.POSITIVE_INFINITY } = options
  if (!(from < to)) throw new RangeError(`from ${from}, to ${to}: from must lie below to`)
  const vmas =
    'mm_mt' in shown
      ? snapshot(shown)
      : shown.map((vma) => ('vm_mm' in vma ? snapshotVma(vma.vm_mm, vma) : vma))
  return { kind: 'layout', data: { vmas }, options }
}
