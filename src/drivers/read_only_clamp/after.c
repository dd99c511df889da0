// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A status page: writing is refused, and VMA_MAYWRITE_BIT cleared so that
 * mprotect() cannot ask for it later. Nothing warns when that line is missing.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define ORDER 2
#define PAGES (1UL << ORDER)

static char *buffer;

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

/* The part that matters begins here. */
static int read_only_clamp_mmap_prepare(struct vm_area_desc *desc)
{
	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	if (vma_desc_test(desc, VMA_WRITE_BIT))
		return -EPERM;
	vma_desc_clear_flags(desc, VMA_MAYWRITE_BIT);
	mmap_action_remap_full(desc, PHYS_PFN(virt_to_phys(buffer)) +
				     desc->pgoff);
	return 0;
}

static const struct file_operations read_only_clamp_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = read_only_clamp_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice read_only_clamp_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "read_only_clamp",
	.fops = &read_only_clamp_fops,
	.mode = 0666,
};

static int __init read_only_clamp_init(void)
{
	unsigned long i;
	int err;

	buffer = (char *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, ORDER);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&read_only_clamp_misc);
	if (err)
		free_pages((unsigned long)buffer, ORDER);
	return err;
}

static void __exit read_only_clamp_exit(void)
{
	misc_deregister(&read_only_clamp_misc);
	free_pages((unsigned long)buffer, ORDER);
}
module_init(read_only_clamp_init);
module_exit(read_only_clamp_exit);

MODULE_DESCRIPTION("A status page that stays read-only");
MODULE_LICENSE("Dual MIT/GPL");
