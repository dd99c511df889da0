// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A window of physical memory, as /dev/mem gives: remap_pfn_range() in the
 * hook. Of a private writable mapping it overwrites vm_pgoff with the frame.
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
static int dev_mem_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!fits(vma->vm_pgoff, vma_pages(vma)))
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start,
			       PHYS_PFN(phys) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start,
			       vma->vm_page_prot);
}

static const struct file_operations dev_mem_fops = {
	.owner = THIS_MODULE,
	.mmap = dev_mem_mmap,
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
