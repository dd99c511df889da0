// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Each mapping counts as a user of the device, of which there are at most two:
 * the hook takes the first reference itself, open() those of the copies.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>

#define PAGES 4UL
#define MAX_USERS 2	/* mmap() asks: a fork or a split cannot be refused */

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

static int reference_counted_get(void)
{
	int err = 0;

	mutex_lock(&users_lock);
	if (users < MAX_USERS)
		users++;
	else
		err = -EBUSY;
	mutex_unlock(&users_lock);
	return err;
}

/* The part that matters begins here. */
static void reference_counted_vma_open(struct vm_area_struct *vma)
{
	mutex_lock(&users_lock);
	users++;
	mutex_unlock(&users_lock);
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

static int reference_counted_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err;

	if (!fits(vma->vm_pgoff, vma_pages(vma)))
		return -EINVAL;
	err = reference_counted_get();
	if (err)
		return err;
	vma->vm_ops = &reference_counted_vm_ops;
	return 0;
}

static const struct file_operations reference_counted_fops = {
	.owner = THIS_MODULE,
	.mmap = reference_counted_mmap,
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
