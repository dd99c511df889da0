// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each open file is given a buffer of its own, which its mappings share. What
 * mmap_prepare allocated would leak when the VMA cannot be made, and mapped()
 * runs after the pages are mapped: so the buffer is allocated by open() and
 * freed by release(), which the mappings hold off.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#define PAGES 4UL

struct buffer {
	unsigned long nr;
	struct page *pages[PAGES];
};

static void free_buffer(struct buffer *buffer)
{
	while (buffer->nr)
		__free_page(buffer->pages[--buffer->nr]);
	kfree(buffer);
}

static struct buffer *alloc_buffer(unsigned long nr)
{
	struct buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	if (!buffer)
		return NULL;
	while (buffer->nr < nr) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

		if (!page) {
			free_buffer(buffer);
			return NULL;
		}
		snprintf(page_address(page), PAGE_SIZE, "page %lu",
			 buffer->nr);
		buffer->pages[buffer->nr++] = page;
	}
	return buffer;
}

/* The part that matters begins here. */
static int allocate_populate_open(struct inode *inode, struct file *file)
{
	file->private_data = alloc_buffer(PAGES);
	return file->private_data ? 0 : -ENOMEM;
}

static int allocate_populate_release(struct inode *inode, struct file *file)
{
	free_buffer(file->private_data);
	return 0;
}

static int allocate_populate_mmap_prepare(struct vm_area_desc *desc)
{
	struct buffer *buffer = desc->file->private_data;

	if (desc->pgoff || vma_desc_pages(desc) > PAGES)
		return -EINVAL;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT);
	mmap_action_map_kernel_pages_full(desc, buffer->pages);
	return 0;
}

static const struct file_operations allocate_populate_fops = {
	.owner = THIS_MODULE,
	.open = allocate_populate_open,
	.release = allocate_populate_release,
	.mmap_prepare = allocate_populate_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice allocate_populate_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "allocate_populate",
	.fops = &allocate_populate_fops,
	.mode = 0666,
};
module_misc_device(allocate_populate_misc);

MODULE_DESCRIPTION("Each mapping is given a buffer of its own");
MODULE_LICENSE("Dual MIT/GPL");
