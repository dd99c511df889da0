// SPDX-License-Identifier: GPL-2.0-only
// What a scenario of the `vma` format must give, and how the model's state differs from it.
import type { VmaExpectation, VmaScenario, VmaTuple } from './conform_vectors.ts'

/** The model's state in the words of the format. */
export interface Observed {
  readonly r: number
  readonly mc: number
  readonly st: readonly number[]
  readonly vmas: readonly VmaTuple[]
  readonly files: ReadonlyMap<number, readonly number[]>
  readonly hooks: readonly (readonly unknown[])[]
  readonly locks: readonly (readonly number[])[]
}

/** What the expectations say so far: the format records changes. */
export class VmaExpected {
  private readonly vmas = new Map<number, VmaTuple>()
  private readonly files = new Map<number, readonly number[]>()

  constructor(scenario: VmaScenario) {
    for (const spec of scenario.files) this.files.set(spec.id, [1, 0, spec.deny ? -1 : 0])
  }

  /** The differences between what an operation must give and what it gave, in words; none is good. */
  compare(expected: VmaExpectation, got: Observed): string[] {
    for (const start of expected.del ?? []) this.vmas.delete(start)
    for (const vma of expected.add ?? []) this.vmas.set(vma[0] as number, vma)
    for (const [id, ...counts] of expected.files ?? []) this.files.set(id as number, counts)
    const list = [...this.vmas.values()].sort((x, y) => (x[0] as number) - (y[0] as number))
    const differences: string[] = []
    const differ = (what: string, want: unknown, have: unknown) => {
      if (JSON.stringify(want) !== JSON.stringify(have))
        differences.push(`${what}: expected ${JSON.stringify(want)}, got ${JSON.stringify(have)}`)
    }
    differ('return', expected.r, got.r)
    differ('map_count', expected.mc, got.mc)
    differ('[total, locked, data, exec, stack, committed]', expected.st, got.st)
    differ('hooks', required(expected.hooks), required(got.hooks))
    differ('locks', expected.locks ?? [], got.locks)
    differ('files [id, references, VMAs, writers]', sorted(this.files), sorted(got.files))
    differences.push(...compareLists(expected.vmas ?? list, got.vmas))
    if (expected.vmas) differ('the list and its changes', expected.vmas, list)
    return differences
  }
}

/** Warnings are optional to model. */
function required(hooks: VmaExpectation['hooks']): readonly (readonly unknown[])[] {
  return (hooks ?? []).filter(([name]) => name !== 'warn' && name !== 'oops')
}

/** Files of shared anonymous memory live only while they are mapped. */
function sorted(files: ReadonlyMap<number, readonly number[]>): unknown[] {
  return [...files].filter(([, [references]]) => references !== 0).sort(([a], [b]) => a - b)
}

function compareLists(want: readonly VmaTuple[], got: readonly VmaTuple[]): string[] {
  if (JSON.stringify(want) === JSON.stringify(got)) return []
  return [`the list:\n  expected\n${lines(want)}\n  got\n${lines(got)}`]
}

/** VMAs as lines like those of /proc/PID/maps, with what else the format tells. */
function lines(vmas: readonly VmaTuple[]): string {
  if (vmas.length === 0) return '    (nothing is mapped)'
  return vmas
    .map(([start, end, flags, pgoff, anon_pgoff, file, ops, data, owner, chain, ...rest]) => {
      const bit = (n: number, letter: string) =>
        Math.floor(Number(flags) / 2 ** n) % 2 ? letter : '-'
      const perms = bit(0, 'r') + bit(1, 'w') + bit(2, 'x') + (bit(7, 's') === 's' ? 's' : 'p')
      const place = `${Number(start).toString(16)}-${Number(end).toString(16)}`
      return `    ${place} ${perms} pgoff ${pgoff} anon_pgoff ${anon_pgoff} file ${file} ops ${ops} private_data ${data} anon_vma ${owner}/${chain} flags 0x${Number(flags).toString(16)}${rest.length ? ` name, uffd ${rest}` : ''}`
    })
    .join('\n')
}
