// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages scattered over memory: no action takes them one by one, so a fault
 * handler gives each on its first access.
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

/* The part that matters begins here. */
static vm_fault_t insert_pages_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct insert_pages_vm_ops = {
	.fault = insert_pages_fault,
};

static int insert_pages_mmap_prepare(struct vm_area_desc *desc)
{
	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT);
	desc->vm_ops = &insert_pages_vm_ops;
	return 0;
}

static const struct file_operations insert_pages_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = insert_pages_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice insert_pages_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "insert_pages",
	.fops = &insert_pages_fops,
	.mode = 0666,
};

static int __init insert_pages_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&insert_pages_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit insert_pages_exit(void)
{
	misc_deregister(&insert_pages_misc);
	vfree(buffer);
}
module_init(insert_pages_init);
module_exit(insert_pages_exit);

MODULE_DESCRIPTION("Pages scattered over memory, put in one by one");
MODULE_LICENSE("Dual MIT/GPL");
