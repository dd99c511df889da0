// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The pages of a ring buffer, mapped ahead of any access: vm_map_pages()
 * checks offset and size, and begins at vm_pgoff.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define PAGES 4UL

static struct page *ring[PAGES];

/* The part that matters begins here. */
static int ring_buffer_mmap(struct file *file, struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	return vm_map_pages(vma, ring, PAGES);
}

static const struct file_operations ring_buffer_fops = {
	.owner = THIS_MODULE,
	.mmap = ring_buffer_mmap,
};

/* The part that matters ends here. */

static struct miscdevice ring_buffer_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring_buffer",
	.fops = &ring_buffer_fops,
	.mode = 0666,
};

static void free_ring(void)
{
	unsigned long i;

	for (i = 0; i < PAGES; i++)
		if (ring[i])
			__free_page(ring[i]);
}

static int __init ring_buffer_init(void)
{
	unsigned long i;
	int err;

	for (i = 0; i < PAGES; i++) {
		ring[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!ring[i]) {
			free_ring();
			return -ENOMEM;
		}
		snprintf(page_address(ring[i]), PAGE_SIZE, "page %lu", i);
	}
	err = misc_register(&ring_buffer_misc);
	if (err)
		free_ring();
	return err;
}

static void __exit ring_buffer_exit(void)
{
	misc_deregister(&ring_buffer_misc);
	free_ring();
}
module_init(ring_buffer_init);
module_exit(ring_buffer_exit);

MODULE_DESCRIPTION("The pages of a ring buffer, mapped ahead of any access");
MODULE_LICENSE("Dual MIT/GPL");
