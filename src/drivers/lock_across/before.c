// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The region must not go away while it is being mapped: the legacy hook holds
 * the lock from the check until its pages are in place.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>

#define ORDER 2
#define PAGES (1UL << ORDER)

static char *buffer;
static DEFINE_MUTEX(region_lock);
static bool online = true;

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

/* Takes the region offline (0), or back (1). */
static long lock_across_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	mutex_lock(&region_lock);
	online = arg;
	mutex_unlock(&region_lock);
	return 0;
}

/* The part that matters begins here. */
static int lock_across_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err;

	if (!fits(vma->vm_pgoff, vma_pages(vma)))
		return -EINVAL;
	mutex_lock(&region_lock);
	if (!online) {
		mutex_unlock(&region_lock);
		return -ENODEV;
	}
	err = remap_pfn_range(vma, vma->vm_start,
			      PHYS_PFN(virt_to_phys(buffer)) + vma->vm_pgoff,
			      vma->vm_end - vma->vm_start,
			      vma->vm_page_prot);
	mutex_unlock(&region_lock);
	return err;
}

static const struct file_operations lock_across_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = lock_across_ioctl,
	.mmap = lock_across_mmap,
};

/* The part that matters ends here. */

static struct miscdevice lock_across_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lock_across",
	.fops = &lock_across_fops,
	.mode = 0666,
};

static int __init lock_across_init(void)
{
	unsigned long i;
	int err;

	buffer = (char *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, ORDER);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&lock_across_misc);
	if (err)
		free_pages((unsigned long)buffer, ORDER);
	return err;
}

static void __exit lock_across_exit(void)
{
	misc_deregister(&lock_across_misc);
	free_pages((unsigned long)buffer, ORDER);
}
module_init(lock_across_init);
module_exit(lock_across_exit);

MODULE_DESCRIPTION("The region must not go away while it is being mapped");
MODULE_LICENSE("Dual MIT/GPL");
