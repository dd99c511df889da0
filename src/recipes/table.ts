// SPDX-License-Identifier: GPL-2.0-only
// What there is in C: the recipes, their files, and the releases that each file is for.

/** What a file of a recipe is. */
export type RecipeRole = 'before' | 'after' | 'variant' | 'bridge' | 'proposed'

/** One C file of a recipe. Releases are numbers: [7, 2, 10]. */
export interface RecipeFile {
  /** Beside `driver.ts`, in the folder of the recipe. */
  readonly name: string
  readonly role: RecipeRole
  /** The releases that it is for, in words. */
  readonly releases: string
  /** The first release; null: it compiles on none. */
  readonly from: readonly number[] | null
  /** The first release that it is no longer for; null: there is none yet. */
  readonly until: readonly number[] | null
}

/** One recipe: a driver before and after its conversion. */
export interface RecipeEntry {
  /** The folder below src/drivers. */
  readonly name: string
  /** What is converted, in one line. */
  readonly title: string
  /** Which of the {@link twelve} it shows; 0: a system of its own. */
  readonly number: number
  /** Where after.c is for more releases than most. */
  readonly after?: Pick<RecipeFile, 'releases' | 'from'>
  /** Its files beyond before.c and after.c. */
  readonly more: readonly RecipeFile[]
}

/** The twelve recipes, the most frequent need first. */
export const twelve: readonly string[] = [
  'Set vm_ops, flags and private data through the description',
  'Check size, offset and flags, and return an errno',
  'Change the cacheability, before the action helper',
  "Read the driver's state under its lock",
  'Remap a whole range of page frames or device memory',
  'Teach a dispatcher to pass the description on, or bridge',
  'Refuse writing, now and later',
  'Count each mapping with vm_ops->mapped',
  'Allocate what is mapped',
  'Collapse every error of the remap to one errno',
  'Select by the offset, which stays as it is',
  'Give scattered pages one by one: by a fault handler',
]

const before: RecipeFile = {
  name: 'before.c',
  role: 'before',
  releases: '6.12 and later',
  from: [6, 12, 0],
  until: null,
}

const after: RecipeFile = {
  name: 'after.c',
  role: 'after',
  releases: '7.2.10 and later',
  from: [7, 2, 10],
  until: null,
}

const proposed: RecipeFile = {
  name: 'complete.c',
  role: 'proposed',
  releases: 'none: as the series of September 2025 would have had it',
  from: null,
  until: null,
}

function variant(name: string, releases: string, from: number[], until: number[]): RecipeFile {
  return { name, role: 'variant', releases, from, until }
}

/** Every recipe: first those of the {@link twelve}, in their order. */
export const recipes: readonly RecipeEntry[] = [
  { name: 'fault_driven', title: 'Pages are given one by one, on access', number: 1, more: [] },
  {
    name: 'validate',
    title: 'Size, offset and flags are checked, each with its errno',
    number: 2,
    more: [],
  },
  {
    name: 'write_combining',
    title: 'A frame buffer whose writes are combined',
    number: 3,
    more: [],
  },
  {
    name: 'state_lock',
    title: 'The state of the device is read under its lock',
    number: 4,
    more: [],
  },
  {
    name: 'dev_mem',
    title: 'A window of physical memory, copied on write when private',
    number: 5,
    more: [],
  },
  { name: 'io_bar', title: 'The registers of a device, uncached', number: 5, more: [] },
  {
    name: 'dispatcher',
    title: 'A subsystem that leaves the mapping to its drivers',
    number: 6,
    more: [
      {
        name: 'bridge.c',
        role: 'bridge',
        releases: '7.1 and later, while some drivers are not converted',
        from: [7, 1, 0],
        until: null,
      },
    ],
  },
  { name: 'read_only_clamp', title: 'A status page that stays read-only', number: 7, more: [] },
  {
    name: 'reference_counted',
    title: 'Each mapping counts as a user of the device',
    number: 8,
    more: [
      variant('after-7.1.c', '7.1 to 7.2.9', [7, 1, 0], [7, 2, 10]),
      variant('after-6.19.c', '6.19 and 7.0', [6, 19, 0], [7, 1, 0]),
    ],
  },
  {
    name: 'allocate_populate',
    title: 'Each mapping is given a buffer of its own',
    number: 9,
    more: [proposed],
  },
  {
    name: 'one_errno',
    title: 'Every failure of the remap is one errno',
    number: 10,
    after: { releases: '7.2 and later', from: [7, 2, 0] },
    more: [variant('after-6.19.c', '6.19 to 7.1', [6, 19, 0], [7, 2, 0])],
  },
  { name: 'pgoff_selector', title: 'The offset selects what is mapped', number: 11, more: [] },
  {
    name: 'insert_pages',
    title: 'Pages scattered over memory, put in one by one',
    number: 12,
    more: [],
  },
  {
    name: 'ring_buffer',
    title: 'The pages of a ring buffer, mapped ahead of any access',
    number: 0,
    more: [],
  },
  {
    name: 'page_cache_file',
    title: 'A file system whose file is mapped through the page cache',
    number: 0,
    more: [],
  },
  {
    name: 'secretmem',
    title: 'Memory that stays out of core dumps and of swap',
    number: 0,
    more: [],
  },
  {
    name: 'dev_zero',
    title: 'Zeroes: anonymous when private, shmem when shared',
    number: 0,
    more: [],
  },
  {
    name: 'lock_across',
    title: 'The region must not go away while it is being mapped',
    number: 0,
    more: [proposed],
  },
  {
    name: 'hugetlb_reservation',
    title: 'Pages of a pool are set aside for each mapping',
    number: 0,
    more: [proposed],
  },
  {
    name: 'stacked_file',
    title: 'A file that maps another file in its place',
    number: 0,
    more: [],
  },
]

/** Every file of a recipe: before.c, after.c, then what it has besides. */
export function filesOf(entry: RecipeEntry): readonly RecipeFile[] {
  return [before, { ...after, ...entry.after }, ...entry.more]
}

/** Is the file meant for this release, given as numbers? */
export function isFor({ from, until }: RecipeFile, release: readonly number[]): boolean {
  return (
    from !== null &&
    compareReleases(release, from) >= 0 &&
    (until === null || compareReleases(release, until) < 0)
  )
}

/** Negative where `a` is older than `b`; what is left out counts as 0. */
function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
