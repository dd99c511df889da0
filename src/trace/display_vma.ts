// SPDX-License-Identifier: GPL-2.0-only
import {
  maps_line,
  PAGE_SIZE,
  type vm_area_struct,
  vm_flags_names,
  vma_pages,
} from '../mm/index.ts'
import { markupForms, tableMarkup } from './markup.ts'
import { vmaLetter } from './snapshot.ts'
import { textTable } from './told.ts'
import { counted, hexText, sizeText } from './units.ts'

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
  const { vm_pgoff, vm_file, vm_ops, anon_vma, anon_vma_chain } = vma
  const pages = vma_pages(vma)
  const hooks = Object.entries(vm_ops ?? {}).flatMap(([name, hook]) =>
    typeof hook === 'function' ? [name] : [],
  )
  return [
    ['size', `${counted(pages, 'page')}, ${sizeText(pages * PAGE_SIZE)}`],
    ['vm_flags', vm_flags_names(vma.vm_flags, vma.vm_flags_high).join(' ') || 'none'],
    ['vm_pgoff', hexText(vm_pgoff)],
    ['vm_file', vm_file?.name ?? 'null'],
    ['vm_ops', vm_ops ? `{ ${hooks.join(', ')} }`.replace('{  }', '{}') : 'null: anonymous'],
    ['anon_vma', anon_vma ? `#${anon_vma.id}, ${counted(anon_vma_chain, 'link')}` : 'null'],
    ...(vma.detached ? [['detached', 'it is in no address space any more']] : []),
  ]
}
