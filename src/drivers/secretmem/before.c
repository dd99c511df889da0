// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory for secrets: shared only, locked, and left out of core dumps, the
 * flags of memfd_secret() in 6.12. That of 7.3 counts locked pages itself and
 * leaves VM_LOCKED out. Setting it passes RLIMIT_MEMLOCK by: here the pages
 * are the driver's, and stay where they are in any case.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;

static vm_fault_t secretmem_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct secretmem_vm_ops = {
	.fault = secretmem_fault,
};

/* The part that matters begins here. */
static int secretmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	vm_flags_set(vma, VM_LOCKED | VM_DONTDUMP);
	vma->vm_ops = &secretmem_vm_ops;
	return 0;
}

static const struct file_operations secretmem_fops = {
	.owner = THIS_MODULE,
	.mmap = secretmem_mmap,
};

/* The part that matters ends here. */

static struct miscdevice secretmem_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "secretmem",
	.fops = &secretmem_fops,
	.mode = 0666,
};

static int __init secretmem_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&secretmem_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit secretmem_exit(void)
{
	misc_deregister(&secretmem_misc);
	vfree(buffer);
}
module_init(secretmem_init);
module_exit(secretmem_exit);

MODULE_DESCRIPTION("Memory that stays out of core dumps and of swap");
MODULE_LICENSE("Dual MIT/GPL");
