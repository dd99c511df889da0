// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Zeroes, as /dev/zero gives: a private mapping becomes anonymous memory, a
 * shared one maps a shmem file made for it. desc->vm_file takes the reference
 * over: no fput() follows.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>

/* The part that matters begins here. */
static int dev_zero_mmap_prepare(struct vm_area_desc *desc)
{
	struct vm_area_desc inner = *desc;
	struct file *zeroes;
	int err;

	if (!vma_desc_test(desc, VMA_MAYSHARE_BIT)) {
		vma_desc_set_anonymous(desc);
		return 0;
	}
	zeroes = shmem_file_setup("dev_zero", vma_desc_size(desc),
				  EMPTY_VMA_FLAGS);
	if (IS_ERR(zeroes))
		return PTR_ERR(zeroes);
	inner.file = zeroes;
	err = vfs_mmap_prepare(zeroes, &inner);
	if (err) {
		fput(zeroes);
		return err;
	}
	desc->vm_ops = inner.vm_ops;
	desc->vm_file = zeroes;
	desc->pgoff = 0;
	return 0;
}

static const struct file_operations dev_zero_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = dev_zero_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice dev_zero_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dev_zero",
	.fops = &dev_zero_fops,
	.mode = 0666,
};
module_misc_device(dev_zero_misc);

MODULE_DESCRIPTION("Zeroes: anonymous when private, shmem when shared");
MODULE_LICENSE("Dual MIT/GPL");
