// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every failure of the remap is -EAGAIN for the caller; the hook's own checks
 * keep their errno.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define PAGES 4UL

static unsigned long phys = 0xf0000;	/* the firmware's shadow in a PC */
module_param(phys, ulong, 0444);
MODULE_PARM_DESC(phys, "physical address of the device's memory");

static bool fits(pgoff_t pgoff, unsigned long pages)
{
	return pgoff < PAGES && pages <= PAGES - pgoff;
}

/* The part that matters begins here. */
static int one_errno_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!fits(vma->vm_pgoff, vma_pages(vma)))
		return -EINVAL;
	vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	if (io_remap_pfn_range(vma, vma->vm_start,
			       PHYS_PFN(phys) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start,
			       vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

static const struct file_operations one_errno_fops = {
	.owner = THIS_MODULE,
	.mmap = one_errno_mmap,
};

/* The part that matters ends here. */

static struct miscdevice one_errno_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "one_errno",
	.fops = &one_errno_fops,
	.mode = 0666,
};
module_misc_device(one_errno_misc);

MODULE_DESCRIPTION("Every failure of the remap is one errno");
MODULE_LICENSE("Dual MIT/GPL");
