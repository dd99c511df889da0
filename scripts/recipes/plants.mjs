// SPDX-License-Identifier: GPL-2.0-only
// Bugs to put into a recipe: the boot check must see each of them.

/** By name: the recipe, what is wrong, and the replacement that makes it so. */
export const plants = {
  'missing-dontexpand': {
    recipe: 'fault_driven',
    file: 'after.c',
    what: 'VMA_DONTEXPAND_BIT is not set: neighbours merge and mremap() grows',
    from: 'VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT',
    to: 'VMA_DONTDUMP_BIT',
  },
  'missing-maywrite': {
    recipe: 'read_only_clamp',
    file: 'after.c',
    what: 'VMA_MAYWRITE_BIT stays: mprotect() may ask for writing',
    from: '	vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT);\n',
    to: '',
  },
  'close-assumes-mapped': {
    recipe: 'reference_counted',
    file: 'after.c',
    what: 'close() drops a reference that a failed mapped() never took',
    from: '	if (!vma->vm_private_data)	/* mapped() failed: nothing taken */\n		return;\n',
    to: '',
  },
  'close-dereferences-null': {
    recipe: 'hugetlb_reservation',
    file: 'after.c',
    what: 'close() follows the private data that a failed mapped() never set',
    from: '	if (held)	/* NULL when mapped() failed */\n		kref_put',
    to: '	kref_put',
  },
  'counted-in-prepare': {
    recipe: 'reference_counted',
    file: 'after.c',
    what: 'the reference is taken in mmap_prepare, which also runs for mappings that merge',
    from: '	desc->vm_ops = &reference_counted_vm_ops;',
    to: '	if (reference_counted_get())\n		return -EBUSY;\n	desc->vm_ops = &reference_counted_vm_ops;',
  },
  'forgotten-pgoff': {
    recipe: 'ring_buffer',
    file: 'after.c',
    what: 'the pages begin at the array, not at the offset',
    from: 'ring + desc->pgoff',
    to: 'ring',
  },
  'missing-pin': {
    recipe: 'lock_across',
    file: 'after.c',
    what: 'the hook pins nothing: the region goes away between its check and the remap',
    from: '		file->private_data = &pins;\n		pins++;\n',
    to: '',
  },
  'another-errno': {
    recipe: 'one_errno',
    file: 'after.c',
    what: 'the error of the remap is not replaced',
    from: '	desc->action.error_override = -EAGAIN;\n',
    to: '',
  },
}
