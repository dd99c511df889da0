// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device whose memory may be taken offline: the hook reads that state under
 * the lock of the device.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;
static DEFINE_MUTEX(state_lock);
static unsigned long online = PAGES;	/* pages that may be mapped */

/* What was touched before stays mapped: zapping it is a matter of its own. */
static long state_lock_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	if (arg > PAGES)
		return -EINVAL;
	mutex_lock(&state_lock);
	online = arg;
	mutex_unlock(&state_lock);
	return 0;
}

static vm_fault_t state_lock_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = VM_FAULT_SIGBUS;

	mutex_lock(&state_lock);
	if (vmf->pgoff < online) {
		vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
		get_page(vmf->page);
		ret = 0;
	}
	mutex_unlock(&state_lock);
	return ret;
}

static const struct vm_operations_struct state_lock_vm_ops = {
	.fault = state_lock_fault,
};

/* The part that matters begins here. */
static int state_lock_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = 0;

	mutex_lock(&state_lock);
	if (vma->vm_pgoff >= online ||
	    vma_pages(vma) > online - vma->vm_pgoff)
		err = -ENXIO;
	mutex_unlock(&state_lock);
	if (err)
		return err;
	vm_flags_set(vma, VM_DONTEXPAND);
	vma->vm_ops = &state_lock_vm_ops;
	return 0;
}

static const struct file_operations state_lock_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = state_lock_ioctl,
	.mmap = state_lock_mmap,
};

/* The part that matters ends here. */

static struct miscdevice state_lock_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "state_lock",
	.fops = &state_lock_fops,
	.mode = 0666,
};

static int __init state_lock_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&state_lock_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit state_lock_exit(void)
{
	misc_deregister(&state_lock_misc);
	vfree(buffer);
}
module_init(state_lock_init);
module_exit(state_lock_exit);

MODULE_DESCRIPTION("The state of the device is read under its lock");
MODULE_LICENSE("Dual MIT/GPL");
