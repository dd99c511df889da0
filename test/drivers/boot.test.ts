// SPDX-License-Identifier: GPL-2.0-only
// What two real kernels printed under the probes, and what the model prints under the same probes: every hook call in
// its order, every list of mappings with flags, every content, every result.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { drivers, probes, type Trial } from '../../src/drivers/index.ts'
import { linux } from '../../src/eras/index.ts'
import { BUFFER_PFN, Machine, type Modules } from './machine.ts'

const shared: Pick<Trial, 'described'> = { described: 0 }
const module =
  (hooks: (typeof probes)['plain'], counter: { described: number } = shared) =>
  (pr_info: (line: string) => void) =>
    hooks({
      pr_info,
      pfn: BUFFER_PFN,
      get described() {
        return counter.described
      },
      set described(count) {
        counter.described = count
      },
    })

const legacyModules: Modules = {
  vl_legacy: () => drivers.devMem.legacy({ pfn: BUFFER_PFN }),
  vl_leg: module(probes.legacyPlain),
  vl_legclose: module(probes.legacyCloses),
  vl_legfail: module(probes.legacyFails),
}

const modules: Modules = {
  ...legacyModules,
  vl_remap: () => drivers.devMem.mapped({ pfn: BUFFER_PFN }),
  vl_remap_part: module(probes.remapsPart),
  vl_ioremap: module(probes.ioremaps),
  vl_simpleio: () => drivers.ioBar.mapped({ phys: 0xf0000, size: 0x10000 }),
  vl_pages: module(probes.mapsKernelPages),
  vl_acfail: module(probes.actionFailsLate),
  vl_noclose: module(probes.plain),
  vl_close: module(probes.closes),
  vl_priv: module(probes.replacesPrivateData),
  vl_mfail: module(probes.mappedFails),
  vl_override: module(probes.overridesErrno),
  vl_dontexpand: module(probes.dontExpand),
  vl_pfail: module(probes.prepareFails),
  vl_afail: module(probes.actionFails),
  vl_both: module(probes.bothHooks),
  vl_legmapped: module(probes.legacyMapped),
  vl_badoverride: module(probes.overridesWithPositive),
  vl_oob: module(probes.remapsPastTheEnd),
  vl_start: module(probes.assignsStart),
}

/** What the kernel's log says of the probes: without the machine's own numbers and the bytes of its firmware. */
function recorded(name: string): string[] {
  const lines = readFileSync(`test/vectors/boot/${name}.log`, 'utf8').split(/\r?\n/)
  const from = lines.findIndex((line) => line.startsWith('== '))
  const end = lines.findIndex((line) => /^(VL-PROBES|uptime at end)/.test(line))
  return lines
    .slice(from, end)
    .filter((line) => line.trim() !== '' && !/^(ok - |\[ )/.test(line))
    .map((line) =>
      line
        .replace(/^( {4}\S+-\S+ \S+ \S+) \S+ \d+ +(\S*) ?\|/, (_, mapping, path) =>
          path ? `${mapping} ${path} |` : `${mapping} |`,
        )
        .replace(/^( {4}K! WARNING).*/, '$1')
        .trimEnd(),
    )
}

const firmware = /first page: "(C\$|ROM)/

describe.each([
  ['7.3.4', modules],
  ['6.12', legacyModules],
])('boot-%s.log', (name, loaded) => {
  const log = recorded(name)
  shared.described = 0
  const printed = new Machine(linux(name), loaded).run()
  const results = (lines: readonly string[]) => lines.filter((line) => line.startsWith('RESULT'))

  it.each(results(log))('%s', (line) => {
    expect(results(printed)).toContain(line)
  })

  it('has these results, in this order, and no other', () => {
    expect(results(printed)).toEqual(results(log))
  })

  it('line by line', () => {
    const comparable = (lines: readonly string[]) => lines.filter((line) => !firmware.test(line))
    expect(comparable(printed)).toEqual(comparable(log))
  })
})
