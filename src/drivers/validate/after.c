// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device that refuses what it cannot map: each check reads the description
 * and returns the same errno as before. Nothing has been taken yet, so there
 * is nothing to undo.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;

static vm_fault_t validate_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct validate_vm_ops = {
	.fault = validate_fault,
};

/* The part that matters begins here. */
static int validate_mmap_prepare(struct vm_area_desc *desc)
{
	/* The SHARED bit is clear where the file is open for reading only. */
	if (!vma_desc_test(desc, VMA_MAYSHARE_BIT))
		return -EINVAL;
	/* Of this call: only clearing the MAYEXEC bit would bind mprotect(). */
	if (vma_desc_test(desc, VMA_EXEC_BIT))
		return -EPERM;
	if (desc->pgoff >= PAGES || vma_desc_pages(desc) > PAGES - desc->pgoff)
		return -ENXIO;
	desc->vm_ops = &validate_vm_ops;
	return 0;
}

static const struct file_operations validate_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = validate_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice validate_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "validate",
	.fops = &validate_fops,
	.mode = 0666,
};

static int __init validate_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&validate_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit validate_exit(void)
{
	misc_deregister(&validate_misc);
	vfree(buffer);
}
module_init(validate_init);
module_exit(validate_exit);

MODULE_DESCRIPTION("Size, offset and flags are checked, each with its errno");
MODULE_LICENSE("Dual MIT/GPL");
