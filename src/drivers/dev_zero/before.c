// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Zeroes, as /dev/zero gives: a private mapping becomes anonymous memory, a
 * shared one maps a shmem file made for it.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
#include <linux/version.h>

#ifndef EMPTY_VMA_FLAGS
#define EMPTY_VMA_FLAGS 0	/* a plain word in older kernels */
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define vfs_mmap call_mmap
#endif

/* The part that matters begins here. */
static int dev_zero_mmap(struct file *file, struct vm_area_struct *vma)
{
	loff_t size = vma->vm_end - vma->vm_start;
	struct file *zeroes;

	if (!(vma->vm_flags & VM_MAYSHARE)) {
		vma_set_anonymous(vma);
		return 0;
	}
	zeroes = shmem_file_setup("dev_zero", size, EMPTY_VMA_FLAGS);
	if (IS_ERR(zeroes))
		return PTR_ERR(zeroes);
	vma->vm_pgoff = 0;
	vma_set_file(vma, zeroes);
	fput(zeroes);
	return vfs_mmap(vma->vm_file, vma);
}

static const struct file_operations dev_zero_fops = {
	.owner = THIS_MODULE,
	.mmap = dev_zero_mmap,
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
