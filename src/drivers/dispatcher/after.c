// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A subsystem that leaves the mapping to its drivers: its own operations have
 * a member that passes the description on. As long as some drivers lack it,
 * see bridge.c.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

struct widget {
	const struct widget_ops *ops;
	char *buffer;
};

/* What a driver of the subsystem fills in. */
struct widget_ops {
	int (*mmap_prepare)(struct widget *widget, struct vm_area_desc *desc);
};

static vm_fault_t dispatcher_fault(struct vm_fault *vmf)
{
	struct widget *widget = vmf->vma->vm_private_data;

	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(widget->buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct dispatcher_vm_ops = {
	.fault = dispatcher_fault,
};

/* The part that matters begins here. */
/* The driver's half. */
static int leaf_mmap_prepare(struct widget *widget, struct vm_area_desc *desc)
{
	if (desc->pgoff >= PAGES || vma_desc_pages(desc) > PAGES - desc->pgoff)
		return -EINVAL;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT);
	desc->vm_ops = &dispatcher_vm_ops;
	desc->private_data = widget;
	return 0;
}

static const struct widget_ops leaf_ops = {
	.mmap_prepare = leaf_mmap_prepare,
};

static struct widget leaf = { .ops = &leaf_ops };

/* The subsystem's half. */
static int dispatcher_mmap_prepare(struct vm_area_desc *desc)
{
	struct widget *widget = &leaf;

	if (!widget->ops->mmap_prepare)
		return -ENODEV;
	return widget->ops->mmap_prepare(widget, desc);
}

static const struct file_operations dispatcher_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = dispatcher_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice dispatcher_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dispatcher",
	.fops = &dispatcher_fops,
	.mode = 0666,
};

static int __init dispatcher_init(void)
{
	unsigned long i;
	int err;

	leaf.buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!leaf.buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(leaf.buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu",
			 i);
	err = misc_register(&dispatcher_misc);
	if (err)
		vfree(leaf.buffer);
	return err;
}

static void __exit dispatcher_exit(void)
{
	misc_deregister(&dispatcher_misc);
	vfree(leaf.buffer);
}
module_init(dispatcher_init);
module_exit(dispatcher_exit);

MODULE_DESCRIPTION("A subsystem that leaves the mapping to its drivers");
MODULE_LICENSE("Dual MIT/GPL");
