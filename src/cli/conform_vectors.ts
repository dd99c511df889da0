// SPDX-License-Identifier: GPL-2.0-only
// Reading vector files: one JSON scenario a line, plain or gzipped, in one of two formats.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A VMA of the `vma` format: pages, flags as one number; see the format's own page for each place. */
export type VmaTuple = readonly (number | null)[]

/** A hook table of a scenario; an absent key is 0. */
export interface OpsSpec {
  readonly id: number
  readonly open?: number
  readonly close?: number
  readonly mapped?: number
  readonly mapped_pd?: number
  readonly may_split?: number
  readonly mprotect?: number
}

/** A file of a scenario and what its hook does; see the format's own page for each key. */
export type FileSpec = { readonly id: number; readonly kind?: string } & {
  readonly [key: string]: number | string | undefined
}

/** What an operation of the `vma` format must give. */
export interface VmaExpectation {
  readonly r: number
  readonly mc: number
  readonly st: readonly number[]
  readonly del?: readonly number[]
  readonly add?: readonly VmaTuple[]
  readonly vmas?: readonly VmaTuple[]
  readonly files?: readonly (readonly number[])[]
  readonly hooks?: readonly (readonly unknown[])[]
  readonly locks?: readonly (readonly number[])[]
  readonly bad?: string
}

/** A scenario recorded from mm/vma.c in userland. */
export interface VmaScenario {
  readonly format: 'vma'
  readonly id: string
  readonly fam: string
  readonly vm_ops: readonly OpsSpec[]
  readonly files: readonly FileSpec[]
  readonly ops: readonly (readonly [string, ...number[]])[]
  readonly exp: readonly (VmaExpectation | null)[]
}

/** A VMA of the `live` format: start, end, perms, pgoff, file, VmFlags, anonymous pages, pkey. */
export type LiveVma = readonly [
  number,
  number,
  string,
  number | string,
  string | null,
  string,
  number,
  number?,
]

/** What an operation of the `live` format must give; an absent list is unchanged. */
export interface LiveExpectation {
  readonly r: number | string
  readonly v?: readonly LiveVma[]
  readonly h?: readonly LiveVma[]
  readonly s?: readonly (number | null)[]
  readonly c?: readonly LiveVma[]
}

/** A sequence recorded from a running kernel. */
export interface LiveScenario {
  readonly format: 'live'
  readonly id: string
  readonly ops: readonly string[]
  readonly res: readonly LiveExpectation[]
}

/** One line of a vector file. */
export type Scenario = VmaScenario | LiveScenario

function open(path: string): Readable {
  const raw = createReadStream(path)
  if (!path.endsWith('.gz')) return raw
  const unzipped = createGunzip()
  raw.on('error', (error) => unzipped.destroy(error))
  return raw.pipe(unzipped)
}

/**
 * The scenarios of a file, in order. An Error names the file and line of what cannot be read: a damaged or truncated
 * file ends there.
 */
export async function* readVectors(path: string): AsyncGenerator<Scenario, void, undefined> {
  const input = open(path)
  let line = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      if (text.trim() !== '') yield scenarioOf(text, `${path}:${line}`)
    }
  } catch (error) {
    if (error instanceof DamagedLine) throw error
    throw new Error(`${path}: cannot be read to its end: ${(error as Error).message}`)
  }
  if (line === 0) throw new Error(`${path}: is empty; a vector file has one JSON scenario a line`)
}

/** Page offsets just below 2^64 are what a number cannot hold: the model has them as small negative ones. */
function signed(digits: string): string {
  return String(BigInt.asIntN(64, BigInt(digits)))
}

/** A line that is no scenario. */
class DamagedLine extends Error {}

function scenarioOf(text: string, where: string): Scenario {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/(?<=[[,:])\d{17,}(?=[\],}])/g, signed))
  } catch (error) {
    throw new DamagedLine(`${where}: not JSON, is the file damaged? ${(error as Error).message}`)
  }
  const fault = faultOf(value)
  if (fault !== undefined) throw new DamagedLine(`${where}: ${fault}, is the file damaged?`)
  const record = value as Record<string, unknown>
  return record.exp !== undefined
    ? { ...(record as unknown as VmaScenario), format: 'vma' }
    : {
        format: 'live',
        id: record.name as string,
        ops: record.ops as string[],
        res: record.res as LiveExpectation[],
      }
}

/** What is missing in a line; undefined when it is a scenario of either format. */
function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'not an object'
  const { ops, exp, res, ...rest } = value as Record<string, unknown>
  if (!Array.isArray(ops)) return 'no list `ops`'
  if (exp !== undefined) {
    if (!Array.isArray(exp) || typeof rest.id !== 'string') return 'no list `exp` with an `id`'
    if (exp.length !== ops.length) return `${ops.length} ops but ${exp.length} expectations`
    if (!Array.isArray(rest.files) || !Array.isArray(rest.vm_ops) || typeof rest.fam !== 'string')
      return 'no `files`, `vm_ops` or `fam`'
    return firstFault('exp', ops, exp, (one) => (one === null ? undefined : expectationFault(one)))
  }
  if (!Array.isArray(res) || typeof rest.name !== 'string')
    return 'neither `exp` nor `res` beside `ops`'
  if (res.length !== ops.length) return `${ops.length} ops but ${res.length} results`
  return firstFault('res', ops, res, (one) => (one?.r === undefined ? 'no `r`' : undefined))
}

function firstFault<T>(
  list: string,
  ops: readonly unknown[],
  entries: readonly T[],
  faultIn: (entry: T) => string | undefined,
): string | undefined {
  for (const [i, entry] of entries.entries()) {
    const fault = faultIn(entry)
    if (fault !== undefined) return `${list}[${i}] (${ops[i]}) has ${fault}`
  }
  return undefined
}

/** What every expectation of the `vma` format tells, whatever else changed; undefined when it does. */
function expectationFault({ r, mc, st }: Partial<VmaExpectation>): string | undefined {
  if (typeof r !== 'number') return 'no number `r`'
  if (typeof mc !== 'number') return 'no number `mc`'
  return Array.isArray(st) && st.length === 6 ? undefined : 'no list `st` of six counters'
}

/** What `--family` may name: `fam`, or a component of the name, but for the last, which is the scenario's own. */
export function familiesOf(scenario: Scenario): readonly string[] {
  return scenario.format === 'vma' ? [scenario.fam] : scenario.id.split('/').slice(0, -1)
}

/** Does the scenario belong to the family: its `fam`, or any component of its name? */
export function inFamily(scenario: Scenario, family: string): boolean {
  if (scenario.format === 'vma') return scenario.fam === family
  return scenario.id.split('/').includes(family)
}
