// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { describe, expect, it, vi } from 'vitest'
import { command, measureAll, table } from '../../src/cli/bench.ts'
import { KernelBench } from '../../src/cli/bench_kernel.ts'
import { median, ratio } from '../../src/cli/bench_loop.ts'
import { measures } from '../../src/cli/bench_measures.ts'
import { type Kind, world } from '../../src/cli/bench_worlds.ts'
import { type Mm, PAGE_SIZE, vma_pages, vma_perms } from '../../src/mm/index.ts'

const hasCompiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0
const sizes = {
  few: 20,
  usual: 60,
  many: 200,
  filled: 100,
  figure: 50,
  effort: { rounds: 2, count: 30 },
}
const tell = () => {}
const alone = [
  'bytes_per_vma',
  'fault_ns_1k',
  'fault_ns_60k',
  'figure_bytes_65530',
  'figure_ms_65530',
  'gap_us_1m',
  'growth_fault_60k',
  'growth_hole_1m',
  'growth_top_1m',
  'hole_ns_1k',
  'hole_ns_1m',
  'hole_ns_60k',
  'journal_ratio',
  'mprotect_ns_60k',
  'restore_ms_64k',
  'top_ns_1k',
  'top_ns_1m',
  'top_ns_60k',
  'trace_ratio',
]
const beside = ['hole', 'mprotect', 'top'].flatMap((kind) => [
  `${kind}_kernel_ns_60k`,
  `${kind}_ratio_60k`,
])

describe('vmalab bench', () => {
  it('measures everything but what needs the kernel without a compiler', async () => {
    const kernel = KernelBench.compile('no-such-compiler')
    expect(kernel).toMatch(/no C compiler .*no-such-compiler/)
    const results = await measureAll({ sizes, kernel: null, tell }, Object.keys(measures))
    expect(Object.keys(results).sort()).toEqual(alone)
    expect(Object.entries(results).filter(([, value]) => !Number.isFinite(value))).toEqual([])
    expect(table(results).trim().split('\n')).toHaveLength(alone.length + 3)
  })

  it.runIf(hasCompiler)('measures the kernel too', async () => {
    const kernel = KernelBench.compile() as KernelBench
    const results = await measureAll({ sizes, kernel, tell }, ['top', 'hole', 'mprotect'])
    kernel.close()
    expect(Object.keys(results)).toEqual(expect.arrayContaining(beside))
    expect(Object.entries(results).filter(([, value]) => !(value > 0))).toEqual([])
  })

  it.runIf(hasCompiler)('tells when the kernel refuses', async () => {
    const kernel = KernelBench.compile() as KernelBench
    await expect(kernel.start('hole', 2 ** 40)).rejects.toThrow(
      'the kernel refused hole at 1099511627776 VMAs: mmap: Cannot allocate memory',
    )
    kernel.close()
  })

  it('goes without the ratio then', async () => {
    const kernel = { start: () => Promise.reject(new Error('the kernel refused')) }
    const told = vi.fn()
    const results = await measureAll({ sizes, kernel, tell: told }, ['top'])
    expect(Object.keys(results)).toEqual(['top_ns_60k'])
    expect(told).toHaveBeenLastCalledWith('no ratio to the kernel: the kernel refused')
  })

  it('marks a goal that is missed', () => {
    const missed = (results: Record<string, number>) => table(results).includes('not met')
    expect([missed({ top_ratio_60k: 0.9 }), missed({ trace_ratio: 1.4 })]).toEqual([true, true])
    expect([missed({ top_ratio_60k: 1 }), missed({ trace_ratio: 1.3 })]).toEqual([false, false])
  })

  it('refuses a measure that it does not have', async () => {
    await expect(command.run(['speed'])).rejects.toThrow('no measure speed: there are top, hole')
  })
})

it.each<[Kind, string]>([
  ['top', 'r--p 1|---p 1|r--p 1|---p 1'],
  ['hole', '---p 1|free 1|r--p 1|free 1|---p 1|free 1|r--p 1'],
  ['mprotect', '---p 3|r--p 3|---p 3|r--p 3'],
])('an operation on the world %s leaves it as it was', (kind, expected) => {
  const { mm, operate } = world(kind, 4)
  expect(pages(mm)).toBe(expected)
  for (let i = 0; i < 20; i++) operate()
  expect(pages(mm)).toBe(expected)
})

/** The mappings and the free ranges between them, each with its number of pages. */
function pages(mm: Mm): string {
  const shown: string[] = []
  let end = 0
  for (const vma of mm.vmas()) {
    if (end !== 0 && vma.vm_start > end) shown.push(`free ${(vma.vm_start - end) / PAGE_SIZE}`)
    shown.push(`${vma_perms(vma)} ${vma_pages(vma)}`)
    end = vma.vm_end
  }
  return shown.join('|')
}

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle)
})

it('a ratio is the median of the ratios of the rounds', () => {
  expect(ratio([2, 30, 9], [1, 10, 3])).toBe(3)
})
