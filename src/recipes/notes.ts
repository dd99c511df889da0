// SPDX-License-Identifier: GPL-2.0-only
// Why lines change in a conversion. A line is told by the first rule that fits it; every changed piece needs one.

/** Why lines like this one change. */
export interface NoteRule {
  /** What the line, added or removed, has in it. */
  readonly at: RegExp
  readonly why: string
  /** Only in these recipes, if given. */
  readonly recipes?: readonly string[]
  /** Only in this file, if given. */
  readonly file?: string
  /** Only for pieces in which no other rule fits a line. */
  readonly fallback?: true
}

const rule = (at: RegExp, why: string, recipes?: readonly string[], file?: string): NoteRule => ({
  at,
  why,
  ...(recipes && { recipes }),
  ...(file && { file }),
})

/** The rules that hold for one recipe or one file; they are asked first. */
const own: readonly NoteRule[] = [
  rule(
    /offline|_ioctl|arg|EBUSY|\bret\b|else$/,
    'Taking the region offline is refused while it is pinned: the lock no longer covers the remap.',
    ['lock_across'],
    'after.c',
  ),
  rule(
    /pins|private_data|struct file \*file = /,
    'The first mapping of an open file pins the region. The pin belongs to the file: mmap_prepare may run often, and may be followed by a failure.',
    ['lock_across'],
    'after.c',
  ),
  rule(
    /_open\(|_release\(|\.open|\.release/,
    'release() gives the pin back. A mapping keeps its file open, so the region stays until the last one is gone.',
    ['lock_across'],
    'after.c',
  ),
  rule(
    /!online|ENODEV|int err|err;$|if \(err\)/,
    'The lock covers check and pin: mm remaps after the hook has returned.',
    ['lock_across'],
    'after.c',
  ),
  rule(
    /mutex_unlock/,
    'The lock is released in mmap_complete, once the pages are in place, or in mmap_abort.',
    ['lock_across'],
    'complete.c',
  ),
  rule(
    /mmap_context|context/,
    'mmap_context is handed from mmap_prepare to the later hooks.',
    ['lock_across'],
    'complete.c',
  ),
  rule(
    /kref|release_buffer|free_buffer|_vma_open|_vma_close|vm_ops|container_of|struct buffer \*buffer = vma->/,
    'The buffer belongs to the open file now: it needs no reference for each VMA, hence neither open() nor close().',
    ['allocate_populate'],
    'after.c',
  ),
  rule(
    /_open\(|_release\(|\.open|\.release|private_data|alloc_buffer/,
    'open() allocates, release() frees. mmap_prepare must leave nothing behind, since making the VMA may fail after it.',
    ['allocate_populate'],
    'after.c',
  ),
  rule(
    /alloc_buffer|_abort|free_buffer/,
    'mmap_prepare allocates; mmap_abort frees when the VMA cannot be made.',
    ['allocate_populate'],
    'complete.c',
  ),
  rule(
    /vm_map_pages/,
    'mmap_complete is given the VMA, so it can fill it; an error unmaps it, and close() frees the buffer.',
    ['allocate_populate'],
    'complete.c',
  ),
  rule(
    /reserve\(|kref_put|held/,
    'mmap_prepare reserves, before there is a VMA; mmap_abort gives back when it cannot be made.',
    ['hugetlb_reservation'],
    'complete.c',
  ),
  rule(
    /if \(held\)|kref_put/,
    'close() also runs when mapped() failed: then there is no reservation to give back.',
    ['hugetlb_reservation'],
    'after.c',
  ),
  rule(
    /vm_private_data|mapped|reserve\(|held/,
    'mapped() reserves, and stores the reservation through its last argument: it runs for a new VMA only, after everything that could fail.',
    ['hugetlb_reservation'],
    'after.c',
  ),
  rule(
    /VMA_DONTEXPAND_BIT/,
    'Before 7.2.10 a merge overwrites the private data of the VMA that stays: this flag keeps the mapping from merging.',
    ['reference_counted'],
    'after-7.1.c',
  ),
  rule(
    /PAGE_SHIFT|fits\(/,
    'The size is counted by hand, of fields that every release has.',
    ['reference_counted', 'one_errno'],
    'after-6.19.c',
  ),
  rule(
    /success_hook|_mapped/,
    'Before 7.1 there is no mapped(): success_hook of the action runs when there is a new VMA.',
    ['reference_counted'],
    'after-6.19.c',
  ),
  rule(
    /MAX_USERS|EBUSY|\berr\b|int reference_counted_get|return 0/,
    'success_hook must not fail: the limit is not kept.',
    ['reference_counted'],
    'after-6.19.c',
  ),
  rule(
    /!vma->vm_private_data|\*vm_private_data =|return;/,
    'success_hook has nowhere to store what it took, so every close() drops a reference.',
    ['reference_counted'],
    'after-6.19.c',
  ),
  rule(
    /users|_get\(\)/,
    'open() and success_hook take a reference in one way: neither can be refused.',
    ['reference_counted'],
    'after-6.19.c',
  ),
  rule(
    /!vma->vm_private_data|return;/,
    'close() also runs when mapped() failed: then there is nothing to drop.',
    ['reference_counted'],
    'after.c',
  ),
  rule(
    /mapped|_get\(\)|vm_private_data/,
    'mapped() takes the reference: it runs once for each new VMA, and not when the mapping merges or fails.',
    ['reference_counted'],
    'after.c',
  ),
  rule(
    /error_hook|_error\(|EAGAIN|error_override/,
    'Before 7.2 a function is given the error and returns what the caller sees.',
    ['one_errno'],
    'after-6.19.c',
  ),
  rule(
    /error_override|EAGAIN/,
    'mm remaps after the hook: error_override replaces what fails there. The errno of the hook itself stays.',
    ['one_errno'],
  ),
  rule(
    /anonymous/,
    'No hooks in the description make the mapping anonymous, as no hooks in the VMA did.',
    ['dev_zero'],
  ),
  rule(
    /version|vfs_mmap call_mmap|EMPTY_VMA_FLAGS 0|#ifndef|#endif|LINUX_VERSION/,
    'What the older kernels called otherwise is not needed any more.',
    ['dev_zero', 'page_cache_file'],
  ),
  rule(/kill_anon_super/, 'Where after.c compiles, kill_anon_super() drops the dentries itself.', [
    'page_cache_file',
  ]),
  rule(
    /inner|vfs_mmap|int err/,
    'The hook of the shmem file reads desc->file: it is given a description of its own, of which the hooks are taken over.',
    ['dev_zero'],
  ),
  rule(
    /vm_file|vma_set_file|fput|return err|if \(err\)/,
    'desc->vm_file takes the reference over: fput() is for the error alone.',
    ['dev_zero'],
  ),
  rule(/pgoff = 0/, 'The new file is mapped from its beginning, whatever was asked for.', [
    'dev_zero',
  ]),
  rule(/shmem_file_setup|size|zeroes|EMPTY/, 'The size comes from the description.', ['dev_zero']),
  rule(
    /compat|struct vm_area_desc desc;|int err|return err|if \(err\)/,
    'The bridge: a description is made of the VMA, the converted driver fills it in, and the VMA takes it over. The error of either step is returned.',
    ['dispatcher'],
    'bridge.c',
  ),
  rule(
    /ops->mmap|\(\*mmap|One of/,
    'The table of the subsystem has a member for each kind of hook as long as both kinds of driver exist.',
    ['dispatcher'],
    'bridge.c',
  ),
  rule(
    /ops->mmap|\(\*mmap|leaf_mmap/,
    'The table of the subsystem has the new member, and the driver fills it in.',
    ['dispatcher'],
  ),
  rule(
    /f_op->mmap|can_mmap_file|vfs_mmap/,
    'The file below may have either hook: can_mmap_file() asks for both, and vfs_mmap() runs the one there is, an mmap_prepare through the compatibility layer.',
    ['stacked_file'],
  ),
  rule(
    /long selector|\(selector|= selector|vm_pgoff|STATUS_PGOFF|vm_map_pages|pages = |nr = |nr;|\*\*pages|> nr|err|else|ENXIO/,
    'The offset is only read. The pages and the bound follow from it, since the action knows neither: a value set for the call and put back would be back before the call.',
    ['pgoff_selector'],
  ),
  rule(
    /vm_insert_page|addr|from|err/,
    'No action takes scattered pages one by one: the loop goes.',
    ['insert_pages'],
  ),
  rule(
    /fault|vmf|get_page|vm_operations/,
    'A fault handler gives each page on its first access, with a reference of its own.',
    ['insert_pages'],
  ),
  rule(
    /ENXIO|pgoff >=/,
    'vm_map_pages() checked offset and size; the action does not, so the hook does.',
    ['ring_buffer'],
  ),
  rule(
    /vm_map_pages|map_kernel_pages/,
    'mm maps the pages after the hook. The action does not add the offset: the array is given from there on.',
    ['ring_buffer'],
  ),
  rule(
    /online|mutex/,
    'The check is the same, of the description; the lock is released before the hook returns.',
    ['state_lock'],
  ),
  rule(
    /vm_iomap_memory|simple_ioremap/,
    'The action checks the size and honours the offset, as vm_iomap_memory() did.',
    ['io_bar'],
  ),
  rule(
    /page_prot/,
    'The cacheability is part of the description. This action takes desc->page_prot as the hook leaves it.',
    ['io_bar'],
  ),
  rule(/file_accessed/, 'The file is that of the description.', ['page_cache_file']),
  rule(
    /MAYWRITE/,
    'mprotect() may ask for what a MAY flag allows: cleared here, writing stays refused. Nothing warns when this is missing.',
    ['read_only_clamp'],
  ),
  rule(/LOCKED/, 'The flags are set before the merge: adjacent mappings become one.', [
    'secretmem',
  ]),
]

/** The rules that hold wherever their line stands. */
const shared: readonly NoteRule[] = [
  rule(
    /\.mmap_complete|\.mmap_abort|_mmap_complete|_mmap_abort|struct vm_area_struct \*vma,$|const void \*/,
    'The series of September 2025 had these two besides: mmap_complete with the finished VMA, mmap_abort when it could not be made.',
    undefined,
    'complete.c',
  ),
  rule(
    /PAGE_SHIFT/,
    'The size is counted by hand: vma_desc_pages() came after that series.',
    undefined,
    'complete.c',
  ),
  rule(
    /vm_flags \|=/,
    'The series had the flags as one word. A flag that forbids merging is needed: after a merge neither later hook is called.',
    undefined,
    'complete.c',
  ),
  rule(
    /\.mmap(_prepare)? = /,
    'The other member of file_operations. With both set mmap() warns and fails with -ENODEV.',
  ),
  rule(
    /_mmap(_prepare)?\(/,
    'The hook is given a description of the mapping: there is no VMA yet, and nothing of it may be kept.',
  ),
  rule(
    /vm_(flags_set|flags_clear)|vma_desc_(set|clear)_flags/,
    'Flags are bits of the description, by number. They count when mm looks for a mapping to merge with.',
  ),
  rule(
    /vm_flags & |vma_desc_test/,
    'A test of one flag is vma_desc_test(), of any vma_desc_test_any(), of all vma_desc_test_all().',
  ),
  rule(
    /page_prot = /,
    'The cacheability is set before the action helper, which copies desc->page_prot.',
  ),
  rule(
    /remap|vm_start,|vm_end - |vm_page_prot|PHYS_PFN|desc->pgoff\);/,
    'The hook only says what to map; mm does it after the hook, checks the range, and sets the flags.',
  ),
  rule(/vm_ops = /, 'mm gives the hooks to the VMA that it makes.'),
  rule(
    /private_data = /,
    'It becomes vm_private_data of a new VMA, and is dropped when the mapping merges.',
  ),
  rule(/->(vm_)?pgoff|pages\((vma|desc)\)/, 'Offset and size are read from the description.'),
  {
    at: /return (0|err|vma_|PTR_ERR|-E)|int err|err = |if \(err\)|IS_ERR|held|^}$/,
    why: 'The result is the errno of the checks alone: what is done later fails on its own.',
    fallback: true,
  },
]

/** Every rule, the particular ones first. */
export const noteRules: readonly NoteRule[] = [...own, ...shared]

/** Why `lines`, one piece that changed in `file` of `recipe`, did: a rule for each line, or none. */
export function notesFor(
  recipe: string,
  file: string,
  lines: readonly string[],
): readonly (NoteRule | undefined)[] {
  const fitting = noteRules.filter(
    (one) => (!one.recipes || one.recipes.includes(recipe)) && (!one.file || one.file === file),
  )
  const told = (fallback: boolean) =>
    lines.map((line) =>
      fitting.find((one) => Boolean(one.fallback) === fallback && one.at.test(line)),
    )
  const sure = told(false)
  return sure.some((one) => one) ? sure : told(true)
}
