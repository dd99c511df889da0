// SPDX-License-Identifier: GPL-2.0-only
// What a driver does, in a line: `0-2rws f@0 pf io de dd | pfn+0 pfn+1 | mmap_prepare mapped open close | all given back`.
import {
  type file_operations,
  Mm,
  openFile,
  PAGE_SIZE,
  type Release,
  vm_flags_codes,
} from '../../src/mm/index.ts'
import { BASE, describeVma, perform } from '../mm/program.ts'

/** Flags that tell nothing about a driver. */
const ORDINARY = new Set(['rd', 'wr', 'ex', 'sh', 'mr', 'mw', 'me', 'ms', 'ac', 'sd'])
const GIVEN: Readonly<Record<string, [taken: string, by: number]>> = {
  driver_lock: ['locks', 1],
  driver_unlock: ['locks', -1],
  driver_get: ['references', 1],
  driver_put: ['references', -1],
  driver_alloc: ['objects', 1],
  driver_free: ['objects', -1],
}

/** Runs a program on a file with these hooks, which it calls f, and tells what came of it. */
export function tell(release: Release, hooks: file_operations, program: string): string {
  const mm = new Mm(release)
  const f = openFile('f', hooks, { size: 4 * PAGE_SIZE })
  const called: string[] = []
  const held = new Map<string, number>()
  mm.listener = (name, subject) => {
    const [taken, by] = GIVEN[name] ?? []
    if (taken && by) held.set(taken, (held.get(taken) ?? 0) + by)
    else if (name.startsWith('call_')) called.push(name.slice(5))
    else if (name === 'oops') called.push('oops')
    else if (name === 'warn') called.push(`(${subject})`)
  }
  const errors = program.split('; ').flatMap((op) => {
    const [call = '', plan] = op.split(' !')
    mm.should_fail = plan ? (site) => site === plan : null
    const result = perform(mm, call, { f })
    return result.ok ? [] : [result.error.code]
  })
  mm.should_fail = null
  const vmas = mm.vmas().map((vma) => {
    const codes = vm_flags_codes(vma.vm_flags, vma.vm_flags_high).split(' ')
    const flags = codes.filter((code) => !ORDINARY.has(code))
    const clamped = (vma.vm_flags & 0x22) === 0 ? ['!mw'] : []
    const cache = { 0: [], 16: ['wc'], 32: ['uc'] }[vma.vm_page_prot & 0x30] ?? []
    return [describeVma(vma), ...flags, ...clamped, ...cache].join(' ')
  })
  const pages: string[] = []
  for (const { start, end, kind, frame } of mm.pages.within(BASE, BASE + 16 * PAGE_SIZE)) {
    for (let at = 0; at < (end - start) / PAGE_SIZE; at++)
      pages.push(
        typeof frame === 'number' ? `${kind} ${(frame + at).toString(16)}` : String(frame ?? kind),
      )
  }
  mm.munmap(0, mm.range.task_size)
  const kept = [...held]
    .filter(([, count]) => count !== 0)
    .map(([what, count]) => `${count} ${what}`)
  if (f.f_count !== 1) kept.push(`${f.f_count - 1} files`)
  if (mm.committed !== 0) kept.push(`${mm.committed} pages charged`)
  return [
    errors.concat(vmas).join(', ') || 'nothing',
    pages.join(', '),
    called.join(' '),
    ...(kept.length > 0 ? [`left: ${kept.join(', ')}`] : []),
  ].join(' | ')
}
