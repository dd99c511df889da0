// SPDX-License-Identifier: GPL-2.0-only
// A recipe as text for a terminal and as HTML that stands alone.

import { escapeHtml } from '../trace/index.ts'
import { chooseFile } from './choose.ts'
import { type DiffHunk, type RecipeSource, readRecipe, type SourceFile } from './source.ts'
import { recipes, twelve } from './table.ts'

/** The recipes, one a line: name, what is converted, and which of the twelve it shows. */
export function recipeList(): string {
  const width = Math.max(...recipes.map(({ name }) => name.length))
  return recipes
    .map(({ name, title, number }) => {
      const shows = twelve[number - 1]
      return `${name.padEnd(width)}  ${title}${shows ? ` (${number}: ${shows})` : ''}`
    })
    .join('\n')
}

/** The recipe in words: its files, and the conversion with the reason of each change. */
export function recipeText(source: RecipeSource, release?: string): string {
  const file = chooseFile(source, { which: 'after', release })
  const files = source.files.map((one) => `  ${one.name.padEnd(13)} ${releasesOf(one)}`)
  return [
    `${source.name}: ${source.title}`,
    ...(source.shows ? [`Shows how to: ${source.shows}`] : []),
    '',
    ...files,
    '',
    `${file.base} -> ${file.name}`,
    ...onceEach(file.hunks).flatMap(hunkText),
  ].join('\n')
}

/** The releases a file is for, and what was done with it here. */
function releasesOf({ releases, provenance }: SourceFile): string {
  return provenance === null ? releases : `${releases}; ${provenance}`
}

/** The same, with each reason where it comes first. */
function onceEach(hunks: readonly DiffHunk[]): readonly DiffHunk[] {
  const told = new Set<string>()
  return hunks.map((hunk) => ({
    ...hunk,
    lines: hunk.lines.map(({ why, ...line }) => {
      if (why === undefined || told.has(why)) return line
      told.add(why)
      return { ...line, why }
    }),
  }))
}

const marks = { same: ' ', removed: '-', added: '+' } as const

function hunkText({ afterLine, lines }: DiffHunk): readonly string[] {
  return [
    `@@ line ${afterLine} @@`,
    ...lines.flatMap(({ kind, text, why }) => [
      ...(why === undefined ? [] : wrapped(why).map((line) => `        # ${line}`)),
      `${marks[kind]}${text}`,
    ]),
  ]
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length > 68) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}

const style = `<style>
.vmalab-recipe { font-family: sans-serif; line-height: 1.4 }
.vmalab-recipe .columns { display: flex; flex-wrap: wrap; gap: 1em; align-items: flex-start }
.vmalab-recipe .columns > div { flex: 1 1 30em; min-width: 0 }
.vmalab-recipe pre { overflow-x: auto; tab-size: 8; font-size: 12px; line-height: 1.35; margin: .5em 0; padding: .5em;
  border: 1px solid rgba(128, 128, 128, .4) }
.vmalab-recipe .added { background: rgba(46, 160, 67, .18) }
.vmalab-recipe .removed { background: rgba(248, 81, 73, .18) }
.vmalab-recipe .why { display: block; white-space: normal; font-family: sans-serif; border-left: 3px solid currentColor;
  margin: .4em 0; padding-left: .6em; opacity: .85 }
</style>`

/** The C with its diff beside the model's driver; needs nothing from outside, in a light page or a dark one. */
function recipeHtml(source: RecipeSource, release?: string): string {
  const file = chooseFile(source, { which: 'after', release })
  const whole = source.files.map(
    (one) =>
      `<details><summary><code>${one.name}</code> for ${escapeHtml(releasesOf(one))}</summary><pre>${escapeHtml(one.text)}</pre></details>`,
  )
  const shows = source.shows ? `<p>Shows how to: ${escapeHtml(source.shows)}</p>` : ''
  return `${style}<div class="vmalab-recipe"><h4>${source.name}: ${escapeHtml(source.title)}</h4>${shows}
<div class="columns"><div><b><code>${file.base}</code> to <code>${file.name}</code></b>${onceEach(file.hunks).map(hunkHtml).join('')}</div>
<div><b>The same driver in the model</b><pre>${escapeHtml(source.model)}</pre></div></div>
${whole.join('\n')}</div>`
}

function hunkHtml({ lines }: DiffHunk): string {
  const rows = lines.map(({ kind, text, why }) => {
    const note = why === undefined ? '' : `<span class="why">${escapeHtml(why)}</span>`
    const tag = kind === 'removed' ? 'del' : kind === 'added' ? 'ins' : 'span'
    const plain = 'style="text-decoration: none"'
    return `${note}<${tag} class="${kind}" ${plain}>${marks[kind]}${escapeHtml(text)}</${tag}>`
  })
  return `<pre>${rows.join('\n')}</pre>`
}

const displayForms: unique symbol = Symbol.for('Jupyter.display')

/** A recipe that a cell may show. */
export interface ShownRecipe extends RecipeSource {
  [displayForms](): Readonly<Record<string, string>>
}

/** The list of the recipes, as a cell shows it. */
export interface ShownList {
  readonly names: readonly string[]
  [displayForms](): Readonly<Record<string, string>>
}

/**
 * The recipe of this name, for a cell to show: the C with its annotated diff beside the driver of the model. Without a
 * name: the list. `release` chooses the file for an older kernel: `recipe('reference_counted', '7.1')`. RangeError for
 * what there is not.
 */
export function recipe(): ShownList
export function recipe(name: string, release?: string): ShownRecipe
export function recipe(name?: string, release?: string): ShownRecipe | ShownList {
  if (name === undefined) {
    const names = recipes.map((one) => one.name)
    return { names, [displayForms]: () => ({ 'text/plain': recipeList() }) }
  }
  const source = readRecipe(name)
  chooseFile(source, { which: 'after', release })
  return {
    ...source,
    [displayForms]: () => ({
      'text/plain': recipeText(source, release),
      'text/html': recipeHtml(source, release),
    }),
  }
}
