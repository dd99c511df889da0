// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Never landed: does not compile on any release.
 *
 * Each mapping is given a buffer of its own, as the series of September 2025
 * would have had it: mmap_prepare allocates, mmap_complete maps the pages, and
 * mmap_abort frees when the VMA cannot be made.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#define PAGES 4UL

struct buffer {
	struct kref ref;
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
	kref_init(&buffer->ref);
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
static void release_buffer(struct kref *ref)
{
	free_buffer(container_of(ref, struct buffer, ref));
}

static void allocate_populate_vma_open(struct vm_area_struct *vma)
{
	struct buffer *buffer = vma->vm_private_data;

	kref_get(&buffer->ref);
}

static void allocate_populate_vma_close(struct vm_area_struct *vma)
{
	struct buffer *buffer = vma->vm_private_data;

	kref_put(&buffer->ref, release_buffer);
}

static const struct vm_operations_struct allocate_populate_vm_ops = {
	.open = allocate_populate_vma_open,
	.close = allocate_populate_vma_close,
};

static int allocate_populate_mmap_prepare(struct vm_area_desc *desc)
{
	unsigned long pages = (desc->end - desc->start) >> PAGE_SHIFT;
	struct buffer *buffer;

	if (desc->pgoff || pages > PAGES)
		return -EINVAL;
	buffer = alloc_buffer(pages);
	if (!buffer)
		return -ENOMEM;
	desc->vm_flags |= VM_DONTEXPAND | VM_MIXEDMAP;
	desc->vm_ops = &allocate_populate_vm_ops;
	desc->private_data = buffer;
	return 0;
}

static int allocate_populate_mmap_complete(struct file *file,
					   struct vm_area_struct *vma,
					   const void *context)
{
	struct buffer *buffer = vma->vm_private_data;

	return vm_map_pages(vma, buffer->pages, buffer->nr);
}

static void allocate_populate_mmap_abort(const struct file *file,
					 const void *vm_private_data,
					 const void *context)
{
	free_buffer((void *)vm_private_data);
}

static const struct file_operations allocate_populate_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = allocate_populate_mmap_prepare,
	.mmap_complete = allocate_populate_mmap_complete,
	.mmap_abort = allocate_populate_mmap_abort,
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
