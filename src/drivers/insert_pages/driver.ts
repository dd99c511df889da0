// SPDX-License-Identifier: GPL-2.0-only
import {
  EINVAL,
  PAGE_SIZE,
  VM_DONTEXPAND,
  VM_FAULT_SIGBUS,
  VMA_DONTEXPAND_BIT,
  vm_flags_set,
  vm_insert_page,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, type Describing, describingIn, fits, type Pattern } from '../pattern.ts'

/** Pages scattered over memory. */
export interface ScatteredPages {
  readonly pages: readonly string[]
}

const device = (): ScatteredPages => ({ pages: bufferPages() })

const onAccess = 'No action takes scattered pages one by one: each is given on its first access.'

/** Pages that a loop puts in one by one. */
export const insertPages: Pattern<'legacy' | Describing, ScatteredPages> = {
  name: 'insert_pages',
  text: 'Pages scattered over memory: the legacy hook puts them in one by one.',
  cannot: {
    proto: onAccess,
    prepare: onAccess,
    complete: onAccess,
    action: onAccess,
    mapped: onAccess,
  },
  device,
  legacy: ({ pages } = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      vm_flags_set(vma, VM_DONTEXPAND)
      for (let page = 0; page < vma_pages(vma); page++) {
        const addr = vma.vm_start + page * PAGE_SIZE
        const error = vm_insert_page(vma, addr, pages[vma.vm_pgoff + page])
        if (error !== 0) return error
      }
      return 0
    },
  }),
  ...describingIn(device, ({ pages }) => (desc) => {
    if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
    vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
    desc.vm_ops = {
      fault: (vmf) => {
        vmf.page = pages[vmf.pgoff]
        return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
      },
    }
    return 0
  }),
}
