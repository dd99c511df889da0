// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { provenance, type Report, readRecipe, sha256Of } from '../../src/recipes/index.ts'

const { files } = readRecipe('reference_counted')
const proposed = readRecipe('lock_across').files.find(({ role }) => role === 'proposed')!
const [file] = files

/** A report of one run: `passed`, `failed` and the bytes it was of. */
function report(passed: readonly string[], failed: readonly string[] = [], text = 'C'): Report {
  const outcome = { sha256: sha256Of(text), passed, failed }
  return { skipped: null, outcomes: { 'r/f.c': outcome } }
}
const skipped: Report = { skipped: 'there is no apt here', outcomes: {} }
const none: Report = { skipped: null, outcomes: {} }
const both = ['7.3.4+deb13', '6.12.117+deb12']

it.each<[what: string, compiled: Report | null, booted: Report | null, words: string | null]>([
  ['nothing was run', null, null, null],
  [
    'it compiled',
    report(both),
    null,
    'compiled without a warning for Linux 7.3.4+deb13 and 6.12.117+deb12',
  ],
  [
    'it compiled and ran',
    report(['7.3.4']),
    report(['7.3.4']),
    'compiled without a warning for Linux 7.3.4; run in Linux 7.3.4, as in the model',
  ],
  [
    'it ran otherwise than the model',
    report(['7.3.4']),
    report([], ['7.3.4']),
    'compiled without a warning for Linux 7.3.4',
  ],
  [
    'it compiled, and booting was skipped',
    report(['7.3.4']),
    skipped,
    'compiled without a warning for Linux 7.3.4',
  ],
  ['it did not compile', report(['6.12'], ['7.3.4']), null, 'does not compile for Linux 7.3.4'],
  ['no kernel covers it', none, none, 'not compiled: there are no headers of these releases'],
  ['nothing could be fetched', skipped, null, 'not compiled here: there is no apt here'],
  ['it has changed since', report(['7.3.4'], [], 'other'), null, 'not compiled since it changed'],
  [
    'it has changed since it ran',
    report(['7.3.4']),
    report(['7.3.4'], [], 'other'),
    'compiled without a warning for Linux 7.3.4',
  ],
])('tells when %s', (_what, compiled, booted, words) => {
  expect(provenance(file!, 'r/f.c', 'C', { compiled, booted })).toBe(words)
})

it('tells of what never landed whatever was run', () => {
  for (const compiled of [null, skipped, report(both)])
    expect(provenance(proposed, 'r/f.c', 'C', { compiled, booted: null })).toBe(
      'never landed, does not compile on any release',
    )
})
