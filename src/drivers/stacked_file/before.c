// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A file that maps another in its place: it calls the other's .mmap. On a
 * kernel where that file has only mmap_prepare, the mapping fails with
 * -ENODEV.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

static char *lower = "/lower";
module_param(lower, charp, 0444);
MODULE_PARM_DESC(lower, "the file that is mapped in the place of this one");

static int stacked_file_open(struct inode *inode, struct file *file)
{
	struct file *real = filp_open(lower, O_RDWR, 0);

	if (IS_ERR(real))
		return PTR_ERR(real);
	file->private_data = real;
	return 0;
}

static int stacked_file_release(struct inode *inode, struct file *file)
{
	fput(file->private_data);
	return 0;
}

/* The part that matters begins here. */
static int stacked_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct file *real = file->private_data;

	if (!real->f_op->mmap)
		return -ENODEV;
	vma_set_file(vma, real);
	return real->f_op->mmap(real, vma);
}

static const struct file_operations stacked_file_fops = {
	.owner = THIS_MODULE,
	.open = stacked_file_open,
	.release = stacked_file_release,
	.mmap = stacked_file_mmap,
};

/* The part that matters ends here. */

static struct miscdevice stacked_file_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "stacked_file",
	.fops = &stacked_file_fops,
	.mode = 0666,
};
module_misc_device(stacked_file_misc);

MODULE_DESCRIPTION("A file that maps another file in its place");
MODULE_LICENSE("Dual MIT/GPL");
