// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages scattered over memory: the legacy hook puts them in one by one.
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
static int insert_pages_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start;
	char *from;
	int err;

	if (!fits(vma->vm_pgoff, vma_pages(vma)))
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND);
	from = buffer + vma->vm_pgoff * PAGE_SIZE;
	for (; addr < vma->vm_end; addr += PAGE_SIZE, from += PAGE_SIZE) {
		err = vm_insert_page(vma, addr, vmalloc_to_page(from));
		if (err)
			return err;
	}
	return 0;
}

static const struct file_operations insert_pages_fops = {
	.owner = THIS_MODULE,
	.mmap = insert_pages_mmap,
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
