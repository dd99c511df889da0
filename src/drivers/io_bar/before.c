// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The registers of a device: vm_iomap_memory() checks the size, honours
 * vm_pgoff and maps, with the protection that the hook leaves in
 * vma->vm_page_prot.
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
static int io_bar_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	return vm_iomap_memory(vma, phys, PAGES * PAGE_SIZE);
}

static const struct file_operations io_bar_fops = {
	.owner = THIS_MODULE,
	.mmap = io_bar_mmap,
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
