// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A window of physical memory, as /dev/mem gives: mm does the remap after the
 * hook. Of a private writable mapping it overwrites desc->pgoff with the
 * frame.
 */
#include <linux/fs.h>
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
static int dev_mem_mmap_prepare(struct vm_area_desc *desc)
{
	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	mmap_action_remap_full(desc, PHYS_PFN(phys) + desc->pgoff);
	return 0;
}

static const struct file_operations dev_mem_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = dev_mem_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice dev_mem_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dev_mem",
	.fops = &dev_mem_fops,
	.mode = 0666,
};
module_misc_device(dev_mem_misc);

MODULE_DESCRIPTION("A window of physical memory, copied on write when private");
MODULE_LICENSE("Dual MIT/GPL");
