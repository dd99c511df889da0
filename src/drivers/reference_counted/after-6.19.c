// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each mapping counts as a user of the device, as 6.19 and 7.0 have it: there
 * is no mapped(), but a success_hook of the action, which runs when there is a
 * new VMA. It is called with nothing to store in, so close() cannot tell, and
 * the limit is not kept here: success_hook must not fail.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;
static DEFINE_MUTEX(users_lock);
static int users;	/* mappings of the device */
module_param(users, int, 0444);

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

static vm_fault_t reference_counted_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

/* The part that matters begins here. */
static void reference_counted_get(void)
{
	mutex_lock(&users_lock);
	users++;
	mutex_unlock(&users_lock);
}

static int reference_counted_mapped(const struct vm_area_struct *vma)
{
	reference_counted_get();
	return 0;
}

static void reference_counted_vma_open(struct vm_area_struct *vma)
{
	reference_counted_get();
}

static void reference_counted_vma_close(struct vm_area_struct *vma)
{
	mutex_lock(&users_lock);
	users--;
	mutex_unlock(&users_lock);
}

static const struct vm_operations_struct reference_counted_vm_ops = {
	.open = reference_counted_vma_open,
	.close = reference_counted_vma_close,
	.fault = reference_counted_fault,
};

static int reference_counted_mmap_prepare(struct vm_area_desc *desc)
{
	unsigned long pages = (desc->end - desc->start) >> PAGE_SHIFT;

	if (!fits(desc->pgoff, pages))
		return -EINVAL;
	desc->vm_ops = &reference_counted_vm_ops;
	desc->action.success_hook = reference_counted_mapped;
	return 0;
}

static const struct file_operations reference_counted_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = reference_counted_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice reference_counted_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "reference_counted",
	.fops = &reference_counted_fops,
	.mode = 0666,
};

static int __init reference_counted_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&reference_counted_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit reference_counted_exit(void)
{
	misc_deregister(&reference_counted_misc);
	vfree(buffer);
}
module_init(reference_counted_init);
module_exit(reference_counted_exit);

MODULE_DESCRIPTION("Each mapping counts as a user of the device");
MODULE_LICENSE("Dual MIT/GPL");
