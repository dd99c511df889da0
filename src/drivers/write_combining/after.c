// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A frame buffer: the hook changes the cacheability before it calls the action
 * helper, which copies desc->page_prot.
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
static int write_combining_mmap_prepare(struct vm_area_desc *desc)
{
	if (!fits(desc->pgoff, vma_desc_pages(desc)))
		return -EINVAL;
	desc->page_prot = pgprot_writecombine(desc->page_prot);
	mmap_action_ioremap_full(desc, PHYS_PFN(phys) + desc->pgoff);
	return 0;
}

static const struct file_operations write_combining_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = write_combining_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice write_combining_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "write_combining",
	.fops = &write_combining_fops,
	.mode = 0666,
};
module_misc_device(write_combining_misc);

MODULE_DESCRIPTION("A frame buffer whose writes are combined");
MODULE_LICENSE("Dual MIT/GPL");
