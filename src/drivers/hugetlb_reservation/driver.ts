// SPDX-License-Identifier: GPL-2.0-only
import {
  type driver_object,
  EINVAL,
  ENOMEM,
  ENOSPC,
  kfree,
  kzalloc,
  refcount_dec,
  refcount_inc,
  refcount_t,
  VM_DONTEXPAND,
  VM_FAULT_SIGBUS,
  VMA_DONTEXPAND_BIT,
  vm_flags_set,
  type vm_operations_struct,
  vma_desc_pages,
  vma_desc_set_flags,
  vma_pages,
} from '../../mm/index.ts'
import { bufferPages, fits, PAGES, type Pattern } from '../pattern.ts'

/** A pool of pages, of which mappings reserve as many as they have. */
export interface Pool {
  /** Pages that mappings hold; each reference is a page. */
  readonly reserved: refcount_t
}

/** The pages set aside for one mapping and its copies. */
interface Reservation extends driver_object {
  readonly pages: number
  readonly refs: refcount_t
}

const device = (): Pool => ({ reserved: new refcount_t('pool->reserved') })
const buffer = bufferPages()

/** Sets pages aside, or returns a negative errno. */
function reserve(pool: Pool, pages: number): Reservation | number {
  const held = kzalloc('reservation', { pages, refs: new refcount_t('reservation->ref', 1) })
  if (!held) return -ENOMEM
  if (pool.reserved.refs + pages > PAGES) {
    kfree(held)
    return -ENOSPC
  }
  for (let page = 0; page < pages; page++) refcount_inc(pool.reserved)
  return held
}

function give_back(pool: Pool, held: Reservation): void {
  if (held.refs.refs > 1) {
    refcount_dec(held.refs)
    return
  }
  for (let page = 0; page < held.pages; page++) refcount_dec(pool.reserved)
  kfree(held)
}

const holding = (pool: Pool): vm_operations_struct => ({
  open: (vma) => refcount_inc((vma.vm_private_data as Reservation).refs),
  close: (vma) => {
    // Nothing is held where mapped() failed.
    if (vma.vm_private_data) give_back(pool, vma.vm_private_data as Reservation)
  },
  fault: (vmf) => {
    vmf.page = buffer[vmf.pgoff]
    return vmf.page === undefined ? VM_FAULT_SIGBUS : 0
  },
})

/** Pages are set aside for each mapping when it is made. */
export const hugetlbReservation: Pattern<'legacy' | 'complete' | 'mapped', Pool> = {
  name: 'hugetlb_reservation',
  text: 'Pages of a pool are set aside for each mapping, as hugetlbfs does.',
  cannot: {
    proto:
      'The private data of the description replaces what .mmap stores: the reservation could not be found.',
    prepare: 'What the description reserves leaks when no VMA is made: the driver stays on .mmap.',
    action:
      'success_hook cannot store a reservation: hugetlbfs was converted in 6.19, leaked, and was reverted.',
    complete:
      'A merge calls neither mmap_complete nor mmap_abort: flags must keep the mapping from merging.',
  },
  device,
  legacy: (pool = device()) => ({
    mmap: (_file, vma) => {
      if (!fits(vma.vm_pgoff, vma_pages(vma))) return -EINVAL
      const held = reserve(pool, vma_pages(vma))
      if (typeof held === 'number') return held
      vm_flags_set(vma, VM_DONTEXPAND)
      vma.vm_ops = holding(pool)
      vma.vm_private_data = held
      return 0
    },
  }),
  complete: (pool = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      const held = reserve(pool, vma_desc_pages(desc))
      if (typeof held === 'number') return held
      desc.vm_flags |= VM_DONTEXPAND
      desc.vm_ops = holding(pool)
      desc.private_data = held
      return 0
    },
    mmap_complete: () => 0,
    mmap_abort: (_file, private_data) => give_back(pool, private_data as Reservation),
  }),
  mapped: (pool = device()) => ({
    mmap_prepare: (desc) => {
      if (!fits(desc.pgoff, vma_desc_pages(desc))) return -EINVAL
      const pages = vma_desc_pages(desc)
      vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT)
      desc.vm_ops = {
        ...holding(pool),
        mapped: (_start, _end, _pgoff, _file, vm_private_data) => {
          const held = reserve(pool, pages)
          if (typeof held === 'number') return held
          vm_private_data.value = held
          return 0
        },
      }
      return 0
    },
  }),
}
