// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each mapping is given a buffer of its own: the legacy hook allocates it,
 * maps its pages, and frees it when that fails; close() frees it otherwise.
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

static int allocate_populate_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct buffer *buffer;
	int err;

	if (vma->vm_pgoff || vma_pages(vma) > PAGES)
		return -EINVAL;
	buffer = alloc_buffer(vma_pages(vma));
	if (!buffer)
		return -ENOMEM;
	vm_flags_set(vma, VM_DONTEXPAND);
	err = vm_map_pages(vma, buffer->pages, buffer->nr);
	if (err) {
		free_buffer(buffer);
		return err;
	}
	vma->vm_private_data = buffer;
	vma->vm_ops = &allocate_populate_vm_ops;
	return 0;
}

static const struct file_operations allocate_populate_fops = {
	.owner = THIS_MODULE,
	.mmap = allocate_populate_mmap,
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
