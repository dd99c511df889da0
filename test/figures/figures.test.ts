// SPDX-License-Identifier: GPL-2.0-only
// A figure is a function; its name is the file in output/ that a reviewer looks at.
import { expect, test } from 'vitest'
import { toSvg } from '../../src/figures/index.ts'
import type { LayoutFigure } from '../../src/trace/index.ts'
import { DEMO_MAPS, figure, many, maps, strip } from './vmas.ts'

const demo = { B: 'rw-s 0 /dev/demo IO,PFNMAP,DONTEXPAND,DONTDUMP', C: 'r--p 3 /etc/data' }

function layoutDriver(): LayoutFigure {
  const vmas = strip('AAAABBBBBB//CCCCC', demo, 0x7f2a40000000)
  return figure(vmas, { title: 'A driver mapping beside anonymous memory' })
}

function layoutEmpty(): LayoutFigure {
  return figure('', { from: 0x10000, to: 0x20000 })
}

function layoutSplit(): LayoutFigure {
  return figure(strip('AA..A′A′A′BB', { 'A′': 'r--p' }))
}

function layoutSameFlags(): LayoutFigure {
  const flags = '/dev/demo PFNMAP,IO,DONTEXPAND,DONTDUMP'
  const about = { A: 'r--p', B: `r--s 1 ${flags}`, 'B′': `rw-s 0 ${flags}`, C: `rw-s 2 ${flags}` }
  const vmas = strip('AAAB′BCCCCD', about, 0x7ffff7ff2000)
  return figure(vmas, { title: 'mprotect() splits a driver mapping in three' })
}

function layoutLogarithm(): LayoutFigure {
  const about = {
    B: 'r-xp 28 /usr/lib/libc.so.6',
    C: 'rw-s 0 /dev/demo IO,PFNMAP',
    E: 'r-xp 0 [vdso]',
  }
  return figure(strip('A..A′//Bx400C//Dx33//EE', about, 0x7f0000000000), {
    title: 'Four islands of very different sizes, under a title that breaks on a narrow screen',
  })
}

function layoutProcess(): LayoutFigure {
  return figure(maps(DEMO_MAPS), { title: 'A process that captures video' })
}

function layoutBins(): LayoutFigure {
  return figure(many(1000))
}

function layoutWindow(): LayoutFigure {
  return figure(many(1000), { from: 0x7f00000da000, to: 0x7f0000150000 })
}

const wide = {
  layoutDriver,
  layoutEmpty,
  layoutSplit,
  layoutSameFlags,
  layoutLogarithm,
  layoutProcess,
  layoutBins,
  layoutWindow,
}
const narrow = {
  layoutDriver,
  layoutSplit,
  layoutSameFlags,
  layoutLogarithm,
  layoutProcess,
  layoutBins,
}

test.each(Object.entries(wide))('%s', async (name, make) => {
  await expect(await toSvg(make())).toMatchFileSnapshot(`output/${name}.svg`)
})

test.each(Object.entries(narrow))('%s on a phone', async (name, make) => {
  await expect(await toSvg(make(), { width: 343 })).toMatchFileSnapshot(`output/${name}-343.svg`)
})
