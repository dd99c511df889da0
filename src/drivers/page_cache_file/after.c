// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A file system whose file is mapped through the page cache. The hook sees
 * every mmap() of the file, also one that a neighbouring mapping takes in. It
 * is spelled out; generic_file_mmap_prepare() does the same.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>

#define PAGES 4UL
#define MAGIC 0x766d616c

static const struct vm_operations_struct page_cache_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = filemap_page_mkwrite,
};

/* The part that matters begins here. */
static int page_cache_file_mmap_prepare(struct vm_area_desc *desc)
{
	file_accessed(desc->file);
	desc->vm_ops = &page_cache_file_vm_ops;
	return 0;
}

static const struct file_operations page_cache_file_fops = {
	.owner = THIS_MODULE,
	.read_iter = generic_file_read_iter,
	.mmap_prepare = page_cache_file_mmap_prepare,
};

/* The part that matters ends here. */

static int page_cache_file_fill_super(struct super_block *sb,
				      struct fs_context *fc)
{
	static const struct tree_descr files[] = {
		[2] = { "data", &page_cache_file_fops, 0666 },
		{ "" },
	};
	struct qstr name = QSTR_INIT("data", 4);
	struct dentry *data;
	int err;

	err = simple_fill_super(sb, MAGIC, files);
	if (err)
		return err;
	name.hash = full_name_hash(sb->s_root, name.name, name.len);
	data = d_lookup(sb->s_root, &name);
	if (!data)
		return -ENOENT;
	d_inode(data)->i_mapping->a_ops = &ram_aops;
	i_size_write(d_inode(data), PAGES * PAGE_SIZE);
	dput(data);
	return 0;
}

static int page_cache_file_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, page_cache_file_fill_super);
}

static const struct fs_context_operations page_cache_file_context_ops = {
	.get_tree = page_cache_file_get_tree,
};

static int page_cache_file_init_context(struct fs_context *fc)
{
	fc->ops = &page_cache_file_context_ops;
	return 0;
}

static struct file_system_type page_cache_file_type = {
	.owner = THIS_MODULE,
	.name = "page_cache_file",
	.init_fs_context = page_cache_file_init_context,
	.kill_sb = kill_anon_super,
};

static int __init page_cache_file_init(void)
{
	return register_filesystem(&page_cache_file_type);
}

static void __exit page_cache_file_exit(void)
{
	unregister_filesystem(&page_cache_file_type);
}
module_init(page_cache_file_init);
module_exit(page_cache_file_exit);

MODULE_DESCRIPTION("A file system whose file is mapped through the page cache");
MODULE_LICENSE("Dual MIT/GPL");
