// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device that refuses what it cannot map: the checks of a legacy hook.
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
static int validate_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* VM_SHARED would be clear where the file is open for reading only. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	/* Of this call: only clearing VM_MAYEXEC would bind mprotect(). */
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	if (vma->vm_pgoff >= PAGES || vma_pages(vma) > PAGES - vma->vm_pgoff)
		return -ENXIO;
	vma->vm_ops = &validate_vm_ops;
	return 0;
}

static const struct file_operations validate_fops = {
	.owner = THIS_MODULE,
	.mmap = validate_mmap,
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
