// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { noteRules, notesFor } from '../../src/recipes/notes.ts'
import { annotatedHunks, readRecipe } from '../../src/recipes/source.ts'
import { recipes } from '../../src/recipes/table.ts'

const conversions = recipes.flatMap(({ name }) => {
  const { files } = readRecipe(name)
  return files.flatMap((file) => {
    const base = files.find((one) => one.name === file.base)
    return base ? [{ name, file, base }] : []
  })
})

/** Each piece that changed, apart from the comment at the top of a file. */
const pieces = conversions.flatMap(({ name, file, base }) => {
  const header = (text: string) => text.split('\n').findIndex((line) => line.startsWith('#include'))
  return annotatedHunks(name, file.name, base.text, file.text, 0)
    .filter(
      ({ afterLine, beforeLine }) =>
        afterLine > header(file.text) || beforeLine > header(base.text),
    )
    .map((hunk) => ({ what: `${name}/${file.name}`, recipe: name, file: file.name, hunk }))
})

it.each(conversions.map(({ name, file }) => `${name}/${file.name}`))(
  'every piece that changes in %s says why',
  (what) => {
    const silent = pieces
      .filter((piece) => piece.what === what)
      .filter(({ hunk }) => hunk.lines.some(({ text }) => /\w/.test(text)))
      .filter(({ hunk }) => !hunk.lines.some(({ why }) => why))
    expect(silent.map(({ hunk }) => hunk.lines.map(({ text }) => text))).toEqual([])
  },
)

it('has no reason that nothing changes for', () => {
  const used = new Set(
    pieces.flatMap(({ recipe, file, hunk }) =>
      notesFor(
        recipe,
        file,
        hunk.lines.map(({ text }) => text),
      ),
    ),
  )
  expect(noteRules.filter((rule) => !used.has(rule)).map(({ at, why }) => `${at} ${why}`)).toEqual(
    [],
  )
})
