// SPDX-License-Identifier: GPL-2.0-only
import { maps_line, PAGE_SIZE, type vm_area_struct, vm_flags_names, vma_name } from '../mm/index.ts'
import { markupForms, tableMarkup } from './markup.ts'
import { vmaLetter } from './snapshot.ts'
import { textTable } from './told.ts'

/** The forms of a VMA: its line of /proc/PID/maps, then its fields by their kernel names. */
export function displayVma(vma: vm_area_struct): { readonly 'text/plain': string } {
  const head = ['VMA', vmaLetter(vma)]
  const rows = [['maps', maps_line(vma.vm_mm, vma)], ...fields(vma)]
  return {
    'text/plain': textTable(head, rows, 120),
    ...markupForms([tableMarkup(head, rows)]),
  }
}

function fields(vma: vm_area_struct): string[][] {
  const { vm_start, vm_end, vm_pgoff, vm_file, vm_ops, anon_vma, anon_vma_chain } = vma
  const pages = (vm_end - vm_start) / PAGE_SIZE
  const hooks = Object.entries(vm_ops ?? {}).flatMap(([name, hook]) =>
    typeof hook === 'function' ? [name] : [],
  )
  const name = vma_name(vma.vm_mm, vma)
  return [
    ['size', `${pages} ${pages === 1 ? 'page' : 'pages'}, ${(pages * PAGE_SIZE) / 1024} KiB`],
    ['vm_flags', vm_flags_names(vma.vm_flags, vma.vm_flags_high).join(' ') || 'none'],
    ['vm_pgoff', `0x${vm_pgoff.toString(16)}`],
    ['vm_file', vm_file ? (name ?? 'a file') : 'null'],
    ['vm_ops', vm_ops ? `{ ${hooks.join(', ')} }`.replace('{  }', '{}') : 'null: anonymous'],
    ['anon_vma', anon_vma ? `one, linked ${anon_vma_chain} times` : 'null'],
    ...(vma.detached ? [['detached', 'it is in no address space any more']] : []),
  ]
}
