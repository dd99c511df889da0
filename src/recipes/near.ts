// SPDX-License-Identifier: GPL-2.0-only
// Which name was meant.

/** Those of `names` that `name` is close to: the same but for case and marks, a part of it, or two letters off. */
export function namesNear(name: string, names: readonly string[]): readonly string[] {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/\.c$/, '')
      .replaceAll(/[^a-z0-9]/g, '')
  const asked = plain(name)
  if (asked === '') return []
  const same = names.filter((one) => plain(one) === asked)
  if (same.length > 0) return same
  const part = names.filter((one) => asked.length > 2 && plain(one).includes(asked))
  if (part.length > 0) return part
  const distances = names.map((one) => distance(asked, plain(one)))
  const least = Math.min(...distances)
  return least > Math.min(2, asked.length / 3)
    ? []
    : names.filter((_, at) => distances[at] === least)
}

/** How many letters have to be put in, taken out or replaced, or neighbours swapped, to make `a` of `b`. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const at = (of: readonly number[], index: number) => of[index] ?? Number.POSITIVE_INFINITY
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(changed, at(last, j) + 1, at(row, j - 1) + 1, swapped))
    }
    before = last
    last = row
  }
  return last.at(-1) ?? 0
}
