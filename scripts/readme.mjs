// SPDX-License-Identifier: GPL-2.0-only
// Draws the figure at the top of README.md from the model: node scripts/readme.mjs [--check]
import { writeDerived } from './derive.mjs'
import { ensureBuilt } from './ready.mjs'

ensureBuilt()
const vmalab = await import('../dist/index.js')
const { toSvg } = await import('../dist/figures/index.js')
const { file, layout, linux, Mm, PAGE_SIZE, vma_desc_set_flags, VMA_DONTEXPAND_BIT, VMA_IO_BIT } =
  vmalab
const { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } = vmalab

const library = file('/usr/lib/libdemo.so', { mmap_prepare: () => 0 })
const device = file('/dev/demo', {
  mmap_prepare(desc) {
    vma_desc_set_flags(desc, VMA_IO_BIT, VMA_DONTEXPAND_BIT)
    return 0
  },
})
const mm = new Mm(linux('7.3'))
const prot = PROT_READ | PROT_WRITE
const stack = mm.mmap({ len: 6 * PAGE_SIZE, prot, flags: MAP_PRIVATE | MAP_ANONYMOUS })
mm.mmap({ len: 4 * PAGE_SIZE, prot: PROT_READ, flags: MAP_PRIVATE, file: library })
mm.mmap({ len: 2 * PAGE_SIZE, prot, flags: MAP_SHARED, file: device })
mm.mprotect(stack + 2 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ)

const svg = await toSvg(
  layout(mm, { title: 'mprotect() splits A in three, and a device keeps its VMA to itself' }),
)
writeDerived([['docs/figures/readme.svg', svg]])
