// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The region must not go away while it is being mapped. mm maps it after the
 * hook, when the hook's lock has been released: so the hook pins the region,
 * once for each open file, until release(). That leaks nothing when the
 * mapping fails, and a mapping keeps its file open, hence the region pinned.
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
static unsigned int pins;	/* open files that have been mapped */

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

/* Takes the region offline (0), or back (1): not while it is pinned. */
static long lock_across_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	int ret = 0;

	mutex_lock(&region_lock);
	if (!arg && pins)
		ret = -EBUSY;
	else
		online = arg;
	mutex_unlock(&region_lock);
	return ret;
}

/* The part that matters begins here. */
static int lock_across_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* not pinned; misc_open() set it */
	return 0;
}

static int lock_across_release(struct inode *inode, struct file *file)
{
	mutex_lock(&region_lock);
	if (file->private_data)
		pins--;
	mutex_unlock(&region_lock);
	return 0;
}

static int lock_across_mmap_prepare(struct vm_area_desc *desc)
{
	struct file *file = desc->file;
	int err = 0;

	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	mutex_lock(&region_lock);
	if (!online) {
		err = -ENODEV;
	} else if (!file->private_data) {
		file->private_data = &pins;
		pins++;
	}
	mutex_unlock(&region_lock);
	if (err)
		return err;
	mmap_action_remap_full(desc, PHYS_PFN(virt_to_phys(buffer)) +
				     desc->pgoff);
	return 0;
}

static const struct file_operations lock_across_fops = {
	.owner = THIS_MODULE,
	.open = lock_across_open,
	.release = lock_across_release,
	.unlocked_ioctl = lock_across_ioctl,
	.mmap_prepare = lock_across_mmap_prepare,
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
