// SPDX-License-Identifier: GPL-2.0-only
import {
  fput,
  shmem_zero_setup,
  shmem_zero_setup_desc,
  VM_MAYSHARE,
  VMA_MAYSHARE_BIT,
  type vm_area_desc,
  vma_desc_set_anonymous,
  vma_desc_test,
} from '../../mm/index.ts'
import type { Hooks, Pattern } from '../pattern.ts'

const legacy: Hooks<null> = () => ({
  mmap: (file, vma) => {
    if ((vma.vm_flags & VM_MAYSHARE) === 0) {
      vma.vm_ops = null
      return 0
    }
    vma.vm_pgoff = 0
    const error = shmem_zero_setup(vma.vm_mm, vma)
    if (error === 0) fput(vma.vm_mm, file)
    return error
  },
})

/** The shared half: a file of its own, whose reference the description takes over. */
function share(desc: vm_area_desc): number {
  desc.pgoff = 0
  return shmem_zero_setup_desc(desc)
}

const described: Hooks<null> = () => ({
  mmap_prepare: (desc) => {
    if (vma_desc_test(desc, VMA_MAYSHARE_BIT)) return share(desc)
    vma_desc_set_anonymous(desc)
    return 0
  },
})

/** Zeroes: private mappings are anonymous memory, shared ones map a file made for them. */
export const devZero: Pattern<'legacy' | 'complete' | 'action' | 'mapped', null> = {
  name: 'dev_zero',
  text: 'Zeroes: a private mapping becomes anonymous memory, a shared one maps a file made for it.',
  cannot: {
    proto:
      'No hooks in the description means that the VMA keeps the empty table: it stays a file mapping.',
    prepare:
      'No hooks in the description means that the VMA keeps the empty table: it stays a file mapping.',
    mapped:
      '7.1 lacks anonymous descriptions: there the hooks of the action era are the right ones.',
  },
  device: () => null,
  legacy,
  complete: described,
  action: () => ({
    mmap_prepare: (desc) => {
      if (vma_desc_test(desc, VMA_MAYSHARE_BIT)) return share(desc)
      desc.action.success_hook = (vma) => {
        vma.vm_ops = null
        return 0
      }
      return 0
    },
  }),
  mapped: described,
}
