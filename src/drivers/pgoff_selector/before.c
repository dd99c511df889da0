// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The offset selects what is mapped. vm_map_pages() would begin that many
 * pages into the array: the hook sets vm_pgoff to 0 for the call and restores
 * it.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define DATA_PAGES 4UL
#define STATUS_PGOFF 256	/* the offset, in pages, of the status page */

static struct page *data[DATA_PAGES];
static struct page *status[1];

/* The part that matters begins here. */
static int pgoff_selector_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long selector = vma->vm_pgoff;
	int err;

	vm_flags_set(vma, VM_DONTEXPAND);
	vma->vm_pgoff = 0;
	if (selector == 0)
		err = vm_map_pages(vma, data, DATA_PAGES);
	else if (selector == STATUS_PGOFF)
		err = vm_map_pages(vma, status, 1);
	else
		err = -ENXIO;
	vma->vm_pgoff = selector;
	return err;
}

static const struct file_operations pgoff_selector_fops = {
	.owner = THIS_MODULE,
	.mmap = pgoff_selector_mmap,
};

/* The part that matters ends here. */

static struct miscdevice pgoff_selector_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pgoff_selector",
	.fops = &pgoff_selector_fops,
	.mode = 0666,
};

static void pgoff_selector_free(void)
{
	unsigned long i;

	for (i = 0; i < DATA_PAGES; i++)
		if (data[i])
			__free_page(data[i]);
	if (status[0])
		__free_page(status[0]);
}

static int __init pgoff_selector_init(void)
{
	unsigned long i;
	int err = -ENOMEM;

	status[0] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!status[0])
		goto fail;
	snprintf(page_address(status[0]), PAGE_SIZE, "status");
	for (i = 0; i < DATA_PAGES; i++) {
		data[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!data[i])
			goto fail;
		snprintf(page_address(data[i]), PAGE_SIZE, "page %lu", i);
	}
	err = misc_register(&pgoff_selector_misc);
	if (!err)
		return 0;
fail:
	pgoff_selector_free();
	return err;
}

static void __exit pgoff_selector_exit(void)
{
	misc_deregister(&pgoff_selector_misc);
	pgoff_selector_free();
}
module_init(pgoff_selector_init);
module_exit(pgoff_selector_exit);

MODULE_DESCRIPTION("The offset selects what is mapped");
MODULE_LICENSE("Dual MIT/GPL");
