// SPDX-License-Identifier: GPL-2.0-only
// What is done with a driver, in the kernel and in the model: one line a step.
//
//   open rw|r                            open the device anew
//   map AT PAGES PROT shared|private OFF map pages of the device at page AT of the window, over whatever is there
//   anon AT PAGES                        map private anonymous memory
//   conflict AT PAGES                    map the same physical memory with another cacheability
//   unmap AT PAGES
//   protect AT PAGES PROT                mprotect()
//   move AT PAGES TO PAGES               mremap() to a place
//   grow AT PAGES PAGES                  mremap() on the spot
//   fork                                 the child ends at once
//   read AT, write AT                    access to a page
//   ioctl NUMBER, value NAME             the device's own control, and a parameter of its module

const common = `
open rw
map 0 4 rw shared 0
read 0
read 3
write 1
fork
protect 1 1 r
unmap 2 1
move 0 1 8 1
grow 8 1 2
unmap 0 16
map 0 2 rw private 1
read 0
write 0
read 0
fork
unmap 0 16
map 0 1 r shared 0
map 1 1 r shared 1
read 1
unmap 0 16
map 0 1 r shared 0
map 2 1 r shared 2
map 1 1 r shared 1
unmap 1 1
unmap 0 16
anon 0 3
map 1 1 r shared 0
unmap 0 16
anon 0 3
map 1 8 r shared 0
unmap 0 16
anon 0 3
map 1 1 r shared 7
unmap 0 16
map 0 1 r shared 0
protect 0 1 rw
unmap 0 16
map 0 1 rx shared 0
unmap 0 16
map 0 1 r private 0
unmap 0 16
open r
anon 0 3
map 1 1 rw shared 0
unmap 0 16
map 0 1 r shared 0
protect 0 1 rw
unmap 0 16
open rw
`

/** What is told apart by the common steps only with a device's own ones. */
const own: Readonly<Record<string, string>> = {
  state_lock: `
map 0 4 r shared 0
ioctl 2
read 1
read 2
map 8 3 r shared 0
ioctl 9
ioctl 4
unmap 0 16
`,
  lock_across: `
ioctl 0
map 0 1 r shared 0
ioctl 1
map 0 1 r shared 0
read 0
ioctl 0
unmap 0 16
ioctl 0
open rw
ioctl 0
ioctl 1
`,
  reference_counted: `
map 0 1 r shared 0
value users
map 4 1 r shared 2
value users
map 8 1 r shared 3
value users
fork
value users
move 0 1 12 1
value users
unmap 0 16
value users
map 0 3 r shared 0
unmap 1 1
value users
unmap 0 16
value users
`,
  hugetlb_reservation: `
map 0 2 r shared 0
value reserved
map 4 3 r shared 0
value reserved
fork
value reserved
unmap 0 1
value reserved
move 1 1 12 1
value reserved
unmap 0 16
value reserved
`,
  pgoff_selector: `
map 0 1 r shared 256
read 0
map 4 1 r shared 0
map 5 1 r shared 0
map 8 2 r shared 256
unmap 0 16
`,
}

/** What has to come before anything else has mapped the memory. */
const first: Readonly<Record<string, string>> = {
  one_errno: `
open rw
conflict 20 1
anon 0 3
map 1 1 r shared 0
unmap 0 16
map 0 8 r shared 0
unmap 0 32
map 0 1 r shared 0
read 0
unmap 0 16
`,
}

/** The steps for one recipe, a line each. */
export function scenarioOf(recipe: string): readonly string[] {
  return `${first[recipe] ?? ''}${common}${own[recipe] ?? ''}`
    .split('\n')
    .filter((line) => line !== '')
}
