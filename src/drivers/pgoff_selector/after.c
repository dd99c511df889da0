// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The offset selects what is mapped. It is only read: mm maps after the hook,
 * so that a value put back before the hook returns would have had no effect.
 * VMA_DONTEXPAND_BIT keeps two things with adjacent offsets from merging.
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
static int pgoff_selector_mmap_prepare(struct vm_area_desc *desc)
{
	struct page **pages;
	unsigned long nr;

	if (desc->pgoff == 0) {
		pages = data;
		nr = DATA_PAGES;
	} else if (desc->pgoff == STATUS_PGOFF) {
		pages = status;
		nr = 1;
	} else {
		return -ENXIO;
	}
	if (vma_desc_pages(desc) > nr)
		return -ENXIO;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT);
	mmap_action_map_kernel_pages_full(desc, pages);
	return 0;
}

static const struct file_operations pgoff_selector_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = pgoff_selector_mmap_prepare,
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
