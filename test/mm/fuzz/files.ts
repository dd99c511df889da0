// SPDX-License-Identifier: GPL-2.0-only
// The drivers that random programs map, as a cell would write them: one of every kind of hook.
import * as vmalab from '../../../src/index.ts'
import type { file } from '../../../src/mm/index.ts'

/** By the name of the constant that a program calls it. */
export const FILES: Readonly<Record<string, string>> = {
  plain: "file('/dev/plain', { mmap_prepare: () => 0 })",
  legacy: "file('/dev/legacy', { mmap: () => 0 })",
  refuses: "file('/dev/refuses', { mmap_prepare: () => -EINVAL })",
  legacyRefuses: "file('/dev/legacy-refuses', { mmap: () => -EBUSY })",
  throws: "file('/dev/throws', { mmap_prepare: () => { throw new Error('thrown by a hook') } })",
  legacyThrows:
    "file('/dev/legacy-throws', { mmap: () => { throw new Error('thrown by a hook') } })",
  ops: "file('/dev/ops', { mmap_prepare: (desc) => { desc.vm_ops = { open: () => {}, close: () => {}, mapped: () => 0, fault: () => 0 }; return 0 } })",
  unmappable:
    "file('/dev/unmappable', { mmap_prepare: (desc) => { desc.vm_ops = { mapped: () => -ENOMEM, close: () => {} }; return 0 } })",
  hidden:
    "file('/dev/hidden', { mmap_prepare: (desc) => { desc.action.hide_from_rmap_until_complete = true; desc.vm_ops = { mapped: () => { throw new Error('thrown by a hook') } }; return 0 } })",
  vetoes:
    "file('/dev/vetoes', { mmap_prepare: (desc) => { desc.vm_ops = { may_split: () => -EINVAL, mprotect: () => -EACCES }; return 0 } })",
  remaps:
    "file('/dev/remaps', { mmap_prepare: (desc) => { mmap_action_remap_full(desc, 7); return 0 } })",
  inserts:
    "file('/dev/inserts', { mmap_prepare: (desc) => { mmap_action_map_kernel_pages_full(desc, []); return 0 } })",
  legacyRemaps:
    "file('/dev/legacy-remaps', { mmap: (_, vma) => remap_pfn_range(vma, vma.vm_start, 7, vma.vm_end - vma.vm_start) })",
  stacked:
    "file('/dev/stacked', { mmap: (_, vma) => { vma_set_file(vma, plain); return vfs_mmap(plain, vma) } })",
  faultThrows:
    "file('/dev/fault-throws', { mmap_prepare: (desc) => { desc.vm_ops = { fault: () => { throw new Error('thrown by a hook') } }; return 0 } })",
  openThrows:
    "file('/dev/open-throws', { mmap: (_, vma) => { vma.vm_ops = { open: () => { throw new Error('thrown by a hook') }, close: () => {} }; return 0 } })",
  unlocks:
    "file('/dev/unlocks', { mmap_prepare: (desc) => { mmap_write_unlock(desc.mm); return 0 } })",
  relocks: "file('/dev/relocks', { mmap: (_, vma) => { mmap_write_lock(vma.vm_mm); return 0 } })",
}

/** The files that a file's hooks name. */
export function namedBy(name: string): string[] {
  return Object.keys(FILES).filter(
    (other) =>
      other !== name && new RegExp(`\\b${other}\\b`).test((FILES[name] ?? '').replace(/'.*?'/, '')),
  )
}

/** Opens every file anew. */
export function openFiles(): Record<string, file> {
  const opened: Record<string, file> = {}
  const scope = { ...vmalab }
  for (const [name, text] of Object.entries(FILES)) {
    const made = new Function('vmalab', 'opened', `with (vmalab) with (opened) return ${text}`)
    opened[name] = made(scope, opened)
  }
  return opened
}
