// SPDX-License-Identifier: GPL-2.0-only
// Which file of a recipe is meant.

import type { RecipeSource, SourceFile } from './source.ts'
import { isFor } from './table.ts'

/** What is asked for: a file by what it is, and the release that it is for. */
export interface Choice {
  readonly which: 'before' | 'after'
  /** Such as 7.1 (its newest point release) or 7.2.10; undefined: today's. */
  readonly release?: string | undefined
}

/**
 * The file that is meant. RangeError for a release that is none, or that no such file is for: it lists what there is.
 */
export function chooseFile({ name, files }: RecipeSource, { which, release }: Choice): SourceFile {
  const roles = which === 'before' ? ['before'] : ['after', 'variant']
  const candidates = files.filter(({ role }) => roles.includes(role))
  const [first] = candidates
  if (!first) throw new Error(`${name} has no ${which}.c`)
  if (release === undefined) return first
  const numbers = releaseNumbers(release)
  const found = candidates.find((file) => isFor(file, numbers))
  if (found) return found
  const known = candidates.map((file) => `${file.name} is for ${file.releases}`).join(', ')
  throw new RangeError(`${name} has no ${which} for Linux ${release}: ${known}`)
}

/** `7.1` is its newest point release. */
function releaseNumbers(release: string): readonly number[] {
  if (!/^\d+\.\d+(\.\d+)?$/.test(release))
    throw new RangeError(`release ${release}: give a number such as 7.2 or 7.2.10`)
  const numbers = release.split('.').map(Number)
  return numbers.length === 2 ? [...numbers, Number.POSITIVE_INFINITY] : numbers
}
