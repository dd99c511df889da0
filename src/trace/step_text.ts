// SPDX-License-Identifier: GPL-2.0-only
// A step in words.
import {
  errno_name,
  type file,
  maps_line,
  type mm_struct,
  type StepName,
  type vm_area_desc,
  type vm_area_struct,
} from '../mm/index.ts'
import { counted, hexText } from './units.ts'

/** What a step is about, as the model hands it to a listener. */
export type Subject = vm_area_struct | vm_area_desc | file | string | null

const range = (a: number, b: number): string => `[${hexText(a)}, ${hexText(b)})`
const pages = (n: number): string => counted(n, 'page')
const result = (a: number): string => (a < 0 ? `= -${errno_name(a)}` : `= ${a}`)

/** What happened at a step, beside its name. */
export function stepText(
  mm: mm_struct,
  fn: StepName,
  subject: Subject,
  a: number,
  b: number,
  c: number,
): string {
  if (typeof subject === 'string')
    return fn === 'refuse' ? `-${errno_name(a)}, from ${subject}()` : subject
  const vma = () => maps_line(mm, subject as vm_area_struct)
  switch (fn) {
    case 'call_mmap_proto':
    case 'call_mmap_prepare': {
      const desc = subject as vm_area_desc
      return `${desc.file.name}, ${range(desc.start, desc.end)}, pgoff ${desc.pgoff}`
    }
    case 'return_mmap_prepare':
    case 'return_mmap_proto':
    case 'return_mmap':
    case 'return_success_hook':
    case 'return_mapped':
    case 'return_mmap_complete':
    case 'return_may_split':
    case 'return_mprotect':
      return result(a)
    case 'call_mmap_abort':
    case 'oops':
      return (subject as file).name
    case 'munmap_failed':
      return `${vma()} stays, ${result(a)}`
    case 'get_file':
    case 'fput':
      return `${(subject as file).name}, ${(subject as file).f_count} references`
    case 'unmap_mapping_range':
    case 'unmap_region':
    case 'vms_gather_munmap_vmas':
    case 'reattach_vmas':
    case 'vms_clear_range':
    case 'vma_merge_new_range':
      return range(a, b)
    case 'vm_acct_memory':
      return a < 0 ? `${pages(-a)} given back` : `${pages(a)} charged`
    case '__split_vma':
    case 'call_may_split':
      return `${vma()}, cut at ${hexText(a)}`
    case 'call_mprotect':
      return `${vma()}, ${range(a, b)}, flags ${hexText(c >>> 0)}`
    case 'remap_pfn_range':
      return `${hexText(a)}, ${pages(c)} from page frame ${hexText(b)}`
    case 'vm_insert_pages':
      return `${hexText(a)}, ${pages(b)}`
    case 'commit_merge':
      return `${vma()}, was ${range(a, b)}`
    case 'mmap_write_lock':
    case 'mmap_write_unlock':
    case 'mmap_write_downgrade':
    case 'mmap_read_lock':
    case 'mmap_read_unlock':
      return ''
    case 'vma_end_write_all':
      return `${counted(a, 'VMA')} unlocked`
    case 'i_mmap_lock_write':
    case 'i_mmap_unlock_write':
      return (subject as file).name
    default:
      return vma()
  }
}
