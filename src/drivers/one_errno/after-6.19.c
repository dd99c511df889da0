// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every failure of the remap is -EAGAIN for the caller, as 6.19 to 7.1 have
 * it: error_hook is given what failed and returns what the caller sees.
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
static int one_errno_error(int err)
{
	return -EAGAIN;
}

static int one_errno_mmap_prepare(struct vm_area_desc *desc)
{
	unsigned long pages = (desc->end - desc->start) >> PAGE_SHIFT;

	if (!fits(desc->pgoff, pages))
		return -EINVAL;
	desc->page_prot = pgprot_writecombine(desc->page_prot);
	mmap_action_ioremap_full(desc, PHYS_PFN(phys) + desc->pgoff);
	desc->action.error_hook = one_errno_error;
	return 0;
}

static const struct file_operations one_errno_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = one_errno_mmap_prepare,
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
