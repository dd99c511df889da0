// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The registers of a device: mmap_action_simple_ioremap() checks the size and
 * honours the offset; mm maps after the hook, with the protection that the
 * hook leaves in desc->page_prot.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#define PAGES 4UL

static unsigned long phys = 0xf0000;	/* the firmware's shadow in a PC */
module_param(phys, ulong, 0444);
MODULE_PARM_DESC(phys, "physical address of the device's memory");

/* The part that matters begins here. */
static int io_bar_mmap_prepare(struct vm_area_desc *desc)
{
	desc->page_prot = pgprot_noncached(desc->page_prot);
	mmap_action_simple_ioremap(desc, phys, PAGES * PAGE_SIZE);
	return 0;
}

static const struct file_operations io_bar_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = io_bar_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice io_bar_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "io_bar",
	.fops = &io_bar_fops,
	.mode = 0666,
};
module_misc_device(io_bar_misc);

MODULE_DESCRIPTION("The registers of a device, uncached");
MODULE_LICENSE("Dual MIT/GPL");
