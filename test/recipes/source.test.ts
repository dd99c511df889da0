// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { chooseFile, patchOf, readRecipe, recipes } from '../../src/recipes/index.ts'

const files = recipes.flatMap(({ name }) =>
  readRecipe(name).files.map((file) => ({ what: `${name}/${file.name}`, recipe: name, file })),
)

/** How wide a line is where a tab goes to the next multiple of 8. */
function width(line: string): number {
  let columns = 0
  for (const letter of line) columns += letter === '\t' ? 8 - (columns % 8) : 1
  return columns
}

/** What breaks the style of the kernel, line by line. */
const styleRules: readonly (readonly [rule: string, breaks: (line: string) => boolean])[] = [
  ['80 columns', (line) => width(line) > 80],
  ['nothing at the end of a line', (line) => /\s$/.test(line)],
  ['tabs indent, spaces align', (line) => /^ (?! ?\*)|^\t* {8}| \t/.test(line)],
  ['a space after a keyword', (line) => /\b(if|for|while|switch)\(/.test(line)],
  ['a pointer keeps to its name', (line) => /\w\* \w/.test(line)],
  ['a comment has its own delimiters', (line) => /\/\//.test(line) && !/SPDX/.test(line)],
  ['plain ASCII', (line) => /[^\t -~]/.test(line)],
]

it.each(files)('$what looks like kernel code', ({ recipe, file: { text, name, role } }) => {
  expect(text).toBe(readFileSync(`src/drivers/${recipe}/${name}`, 'utf8'))
  expect(text.startsWith('// SPDX-License-Identifier: GPL-2.0 OR MIT\n/*\n')).toBe(true)
  expect(text).toMatch(/[^\n]\n$/)
  expect(text).toContain('\nMODULE_LICENSE("Dual MIT/GPL");\n')
  expect(text).not.toContain('\n\n\n')
  const lines = text.slice(0, -1).split('\n')
  for (const [rule, breaks] of styleRules) expect(lines.filter(breaks), rule).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(40)
  expect(lines.length).toBeLessThanOrEqual(role === 'proposed' ? 165 : 150)
  const includes = lines.filter((line) => line.startsWith('#include'))
  expect(includes).toEqual([...includes].sort())
})

it.each([
  ['80 columns', `\t${'x'.repeat(73)}`],
  ['nothing at the end of a line', 'int x; '],
  ['tabs indent, spaces align', '        int x;'],
  ['tabs indent, spaces align', '  int x;'],
  ['tabs indent, spaces align', '\t        x);'],
  ['a space after a keyword', '\tif(x)'],
  ['a pointer keeps to its name', 'char* x;'],
  ['a comment has its own delimiters', '\tx(); // why'],
  ['plain ASCII', '/* caf\u00e9 */'],
])('the rule of %s refuses %j', (rule, line) => {
  expect(styleRules.filter(([, breaks]) => breaks(line)).map(([name]) => name)).toContain(rule)
})

it.each(files)('$what has its hook in the part that matters', ({ recipe, file }) => {
  const part = file.text.split('\n').slice(file.region.from - 1, file.region.to)
  expect(part.join('\n')).toMatch(new RegExp(`^\\t\\.mmap(_prepare)? = ${recipe}_mmap`, 'm'))
  expect(part.join('\n')).not.toContain('The part that matters')
})

it('lists every C file that there is', () => {
  const there = readdirSync('src/drivers', { recursive: true, encoding: 'utf8' })
  const listed = files.map(({ what }) => what)
  expect(there.filter((path) => path.endsWith('.c')).sort()).toEqual([...listed].sort())
})

it('says of what never landed that it did not', () => {
  const proposed = files.filter(({ file }) => file.role === 'proposed')
  expect(proposed.length).toBe(3)
  for (const { file } of proposed)
    expect(file.text).toContain('Never landed: does not compile on any release.')
})

it.each([
  ['reference_counted', 'after', undefined, 'after.c'],
  ['reference_counted', 'after', '7.3', 'after.c'],
  ['reference_counted', 'after', '7.2', 'after.c'],
  ['reference_counted', 'after', '7.2.9', 'after-7.1.c'],
  ['reference_counted', 'after', '7.1', 'after-7.1.c'],
  ['reference_counted', 'after', '7.0', 'after-6.19.c'],
  ['one_errno', 'after', '7.1', 'after-6.19.c'],
  ['dev_mem', 'before', '6.12', 'before.c'],
] as const)('%s, %s, for %s: %s', (name, which, release, expected) => {
  expect(chooseFile(readRecipe(name), { which, release }).name).toBe(expected)
})

it.each([
  ['dev_mem', '6.12', /no after for Linux 6\.12: after\.c is for 7\.2\.10 and later/],
  ['dev_mem', 'seven', /release seven: give a number/],
  ['nothing', '7.3', /no recipe "nothing": known are fault_driven, /],
])('%s for %s is refused', (name, release, message) => {
  expect(() => chooseFile(readRecipe(name), { which: 'after', release })).toThrow(message)
})

it.each(files.filter(({ file }) => file.base !== null))(
  'the patch of $what turns one into the other',
  (one) => {
    const source = readRecipe(one.recipe)
    const patch = patchOf(source, one.file).split('\n')
    const added = patch.filter((line) => /^\+(?!\+\+)/.test(line)).length
    const removed = patch.filter((line) => /^-(?!--)/.test(line)).length
    const base = source.files.find(({ name }) => name === one.file.base)!
    const count = (text: string) => text.split('\n').length
    expect(added - removed).toBe(count(one.file.text) - count(base.text))
    expect(patch.slice(0, 2).map((line) => line.split('\t')[0])).toEqual([
      `--- a/${one.recipe}.c`,
      `+++ b/${one.recipe}.c`,
    ])
  },
)
