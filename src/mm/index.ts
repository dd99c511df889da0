// SPDX-License-Identifier: GPL-2.0-only

export {
  mmap_action_complete,
  mmap_action_ioremap,
  mmap_action_ioremap_full,
  mmap_action_map_kernel_pages,
  mmap_action_map_kernel_pages_full,
  mmap_action_remap,
  mmap_action_remap_full,
  mmap_action_simple_ioremap,
} from './action.ts'
export { sys_brk } from './brk.ts'
export {
  range_in_vma_desc,
  vma_desc_clear_flags,
  vma_desc_is_cow_mapping,
  vma_desc_pages,
  vma_desc_set_anonymous,
  vma_desc_set_flags,
  vma_desc_size,
  vma_desc_test,
  vma_desc_test_all,
  vma_desc_test_any,
} from './desc.ts'
export {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  EIO,
  ENODEV,
  ENOENT,
  ENOMEM,
  ENXIO,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  ETXTBSY,
  errno_name,
  is_err,
} from './errno.ts'
export { handle_mm_fault, mm_populate, touch } from './fault.ts'
export { type FileOptions, file as openFile } from './file.ts'
export {
  MAP_32BIT,
  MAP_ABOVE4G,
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_DROPPABLE,
  MAP_EXECUTABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MAP_TYPE,
  PAGE_SHIFT,
  PAGE_SIZE,
  PMD_SIZE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_NONE,
  PROT_READ,
  PROT_SEM,
  PROT_WRITE,
  VM_ACCESS_FLAGS,
  VM_ACCOUNT,
  VM_DATA_DEFAULT_FLAGS,
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_DROPPABLE_HIGH,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_IO,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_LOCKONFAULT,
  VM_MAYBE_GUARD,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_MIXEDMAP,
  VM_NORESERVE,
  VM_PFNMAP,
  VM_READ,
  VM_SEALED_HIGH,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SPECIAL,
  VM_UFFD_MISSING,
  VM_WRITE,
  VMA_ACCOUNT_BIT,
  VMA_ARCH_1_BIT,
  VMA_DONTCOPY_BIT,
  VMA_DONTDUMP_BIT,
  VMA_DONTEXPAND_BIT,
  VMA_DROPPABLE_BIT,
  VMA_EXEC_BIT,
  VMA_GROWSDOWN_BIT,
  VMA_HUGEPAGE_BIT,
  VMA_HUGETLB_BIT,
  VMA_IO_BIT,
  VMA_LOCKED_BIT,
  VMA_LOCKONFAULT_BIT,
  VMA_MAYBE_GUARD_BIT,
  VMA_MAYEXEC_BIT,
  VMA_MAYREAD_BIT,
  VMA_MAYSHARE_BIT,
  VMA_MAYWRITE_BIT,
  VMA_MERGEABLE_BIT,
  VMA_MIXEDMAP_BIT,
  VMA_NOHUGEPAGE_BIT,
  VMA_NORESERVE_BIT,
  VMA_PFNMAP_BIT,
  VMA_RAND_READ_BIT,
  VMA_READ_BIT,
  VMA_SEALED_BIT,
  VMA_SEQ_READ_BIT,
  VMA_SHARED_BIT,
  VMA_SOFTDIRTY_BIT,
  VMA_SYNC_BIT,
  VMA_UFFD_MINOR_BIT,
  VMA_UFFD_MISSING_BIT,
  VMA_UFFD_RWP_BIT,
  VMA_UFFD_WP_BIT,
  VMA_WIPEONFORK_BIT,
  VMA_WRITE_BIT,
  vm_flags_codes,
  vm_flags_names,
} from './flags.ts'
export { dup_mmap } from './fork.ts'
export { call_hook, call_void_hook, rethrow } from './hooks.ts'
export { KernelError, type Result } from './kernel_error.ts'
export {
  do_madvise,
  knows_advice,
  madvise_set_anon_name,
  madvise_update_flags,
  userfaultfd_set_ctx,
} from './madvise.ts'
export { is_cow_mapping, remap_pfn_range, remap_pfn_range_complete } from './memory.ts'
export { vma_merge_new_range, type vma_merge_struct } from './merge.ts'
export {
  apply_vma_lock_flags,
  do_mlock,
  sys_mlockall,
  sys_munlock,
  sys_munlockall,
} from './mlock.ts'
export { type AdoptedVma, type Bytes, Mm, type MmapArguments, X86_64_RANGE } from './mm.ts'
export {
  type AddressRange,
  type AllocationSite,
  address_space,
  anon_vma,
  FMODE_READ,
  FMODE_WRITE,
  type file,
  type file_operations,
  inode,
  type Limits,
  mm_struct,
  type mmap_action,
  type mmap_action_type,
  type Refusal,
  type ShouldFail,
  VM_FAULT_SIGBUS,
  vm_area_desc,
  vm_area_struct,
  type vm_fault,
  type vm_operations_struct,
  vma_dummy_vm_ops,
  vma_is_anonymous,
  vma_pages,
} from './mm_types.ts'
export { check_map_count, do_mmap, vm_mmap_pgoff } from './mmap.ts'
export {
  call_mmap_prepare,
  merge_proposal,
  mmap_region,
  type mmap_state,
  set_vma_user_defined_fields,
} from './mmap_region.ts'
export { do_mprotect_pkey } from './mprotect.ts'
export {
  do_mremap,
  expand_vma_in_place,
  MREMAP_DONTUNMAP,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  unlock_range,
  unlock_whole,
} from './mremap.ts'
export { do_mseal, sys_mincore, sys_msync } from './mseal.ts'
export { do_vmi_munmap } from './munmap.ts'
export { vma_pkey } from './pkeys.ts'
export { maps_line, vma_name, vma_perms } from './procfs.ts'
export type { AnonVmaTest, Era, Release } from './release.ts'
export { anon_vma_prepare } from './rmap.ts'
export { shmem_get_unmapped_area, shmem_zero_setup, shmem_zero_setup_desc } from './shmem.ts'
export type { StepListener, StepName } from './steps.ts'
export { refuse, step } from './steps.ts'
export { thp_get_unmapped_area } from './unmapped_area.ts'
export { compat_vma_mmap, mmap_file, vfs_mmap, vma_set_file } from './util.ts'
export { validate_mm } from './validate.ts'
export { fput, get_file, pgprot_noncached, pgprot_writecombine } from './vma.ts'
