// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device whose pages are given one by one, on access: the hook describes
 * vm_ops, private_data and flags, and mm makes the VMA of them.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

static vm_fault_t fault_driven_fault(struct vm_fault *vmf)
{
	char *start = vmf->vma->vm_private_data;

	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(start + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct fault_driven_vm_ops = {
	.fault = fault_driven_fault,
};

/* The part that matters begins here. */
static int fault_driven_mmap_prepare(struct vm_area_desc *desc)
{
	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT);
	desc->vm_ops = &fault_driven_vm_ops;
	desc->private_data = buffer;
	return 0;
}

static const struct file_operations fault_driven_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = fault_driven_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice fault_driven_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "fault_driven",
	.fops = &fault_driven_fops,
	.mode = 0666,
};

static int __init fault_driven_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&fault_driven_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit fault_driven_exit(void)
{
	misc_deregister(&fault_driven_misc);
	vfree(buffer);
}
module_init(fault_driven_init);
module_exit(fault_driven_exit);

MODULE_DESCRIPTION("Pages are given one by one, on access");
MODULE_LICENSE("Dual MIT/GPL");
