// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pages of a pool are set aside for each mapping, as hugetlbfs does: mapped()
 * reserves, once nothing else can fail. A reservation taken in mmap_prepare
 * would leak whenever the VMA could not be made.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define PAGES 4UL

static char *buffer;
static DEFINE_MUTEX(pool_lock);
static int reserved;	/* pages of the pool that mappings hold */
module_param(reserved, int, 0444);

struct reservation {
	struct kref ref;
	int pages;
};

static vm_fault_t hugetlb_reservation_fault(struct vm_fault *vmf)
{
	if (vmf->pgoff >= PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(buffer + vmf->pgoff * PAGE_SIZE);
	get_page(vmf->page);
	return 0;
}

/* Sets pages aside for one mapping; they go back with the last reference. */
static struct reservation *reserve(int pages)
{
	struct reservation *held = kmalloc(sizeof(*held), GFP_KERNEL);

	if (!held)
		return ERR_PTR(-ENOMEM);
	kref_init(&held->ref);
	held->pages = pages;
	guard(mutex)(&pool_lock);
	if (reserved + pages > PAGES) {
		kfree(held);
		return ERR_PTR(-ENOSPC);
	}
	reserved += pages;
	return held;
}

static void give_back(struct kref *ref)
{
	struct reservation *held = container_of(ref, struct reservation, ref);

	scoped_guard(mutex, &pool_lock)
		reserved -= held->pages;
	kfree(held);
}

/* The part that matters begins here. */
static int hugetlb_reservation_mapped(unsigned long start, unsigned long end,
				      pgoff_t pgoff, const struct file *file,
				      void **vm_private_data)
{
	struct reservation *held = reserve((end - start) >> PAGE_SHIFT);

	if (IS_ERR(held))
		return PTR_ERR(held);
	*vm_private_data = held;
	return 0;
}

static void hugetlb_reservation_vma_open(struct vm_area_struct *vma)
{
	struct reservation *held = vma->vm_private_data;

	kref_get(&held->ref);
}

static void hugetlb_reservation_vma_close(struct vm_area_struct *vma)
{
	struct reservation *held = vma->vm_private_data;

	if (held)	/* NULL when mapped() failed */
		kref_put(&held->ref, give_back);
}

static const struct vm_operations_struct hugetlb_reservation_vm_ops = {
	.mapped = hugetlb_reservation_mapped,
	.open = hugetlb_reservation_vma_open,
	.close = hugetlb_reservation_vma_close,
	.fault = hugetlb_reservation_fault,
};

static int hugetlb_reservation_mmap_prepare(struct vm_area_desc *desc)
{
	if (desc->pgoff >= PAGES || vma_desc_pages(desc) > PAGES - desc->pgoff)
		return -EINVAL;
	vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT);
	desc->vm_ops = &hugetlb_reservation_vm_ops;
	return 0;
}

static const struct file_operations hugetlb_reservation_fops = {
	.owner = THIS_MODULE,
	.mmap_prepare = hugetlb_reservation_mmap_prepare,
};

/* The part that matters ends here. */

static struct miscdevice hugetlb_reservation_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hugetlb_reservation",
	.fops = &hugetlb_reservation_fops,
	.mode = 0666,
};

static int __init hugetlb_reservation_init(void)
{
	unsigned long i;
	int err;

	buffer = vmalloc_user(PAGES * PAGE_SIZE);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < PAGES; i++)
		snprintf(buffer + i * PAGE_SIZE, PAGE_SIZE, "page %lu", i);
	err = misc_register(&hugetlb_reservation_misc);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit hugetlb_reservation_exit(void)
{
	misc_deregister(&hugetlb_reservation_misc);
	vfree(buffer);
}
module_init(hugetlb_reservation_init);
module_exit(hugetlb_reservation_exit);

MODULE_DESCRIPTION("Pages of a pool are set aside for each mapping");
MODULE_LICENSE("Dual MIT/GPL");
