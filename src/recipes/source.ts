// SPDX-License-Identifier: GPL-2.0-only
// A recipe as it is on disk: the bytes of its files, what matters in them, and each conversion as an annotated diff.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTwoFilesPatch, structuredPatch } from 'diff'
import { namesNear } from './near.ts'
import { notesFor } from './notes.ts'
import { provenance, type Reports, readReports } from './report.ts'
import { filesOf, type RecipeEntry, type RecipeFile, recipes, twelve } from './table.ts'

/** One line of a diff. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** Why it changed, at the first line that a reason holds for. */
  readonly why?: string
}

/** Lines that changed, between a few that did not. Lines are counted from 1. */
export interface DiffHunk {
  readonly beforeLine: number
  readonly afterLine: number
  readonly lines: readonly DiffLine[]
}

/** One C file. */
export interface SourceFile extends RecipeFile {
  /** Its bytes, exactly, as text. */
  readonly text: string
  /** The first and the last line of the part that matters, counted from 1, without the comments that mark it. */
  readonly region: { readonly from: number; readonly to: number }
  /** What was done with it here, in words; null: nothing was tried. */
  readonly provenance: string | null
  /** What it is compared with; null for before.c. */
  readonly base: string | null
  readonly hunks: readonly DiffHunk[]
}

/** A recipe with everything that a page shows of it. */
export interface RecipeSource {
  readonly name: string
  readonly title: string
  /** Which of the twelve recipes it shows, in words; null: a system of its own. */
  readonly shows: string | null
  readonly files: readonly SourceFile[]
  /** The same driver in the model: the text of driver.ts. */
  readonly model: string
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The recipe of this name. RangeError names the one that was probably meant, or all. */
export function readRecipe(name: string): RecipeSource {
  const entry = recipes.find((one) => one.name === name)
  if (!entry) throw new RangeError(`no recipe ${JSON.stringify(name)}: ${suggestion(name)}`)
  const reports = readReports()
  const files = filesOf(entry).map((file) => sourceFile(entry, file, reports))
  const shows = twelve[entry.number - 1] ?? null
  return { name, title: entry.title, shows, files, model: read(entry.name, 'driver.ts') }
}

function suggestion(name: string): string {
  const names = recipes.map((one) => one.name)
  const near = namesNear(name, names)
  return near.length > 0 ? `do you mean ${near.join(' or ')}?` : `known are ${names.join(', ')}`
}

function read(recipe: string, file: string): string {
  return readFileSync(join(root, 'src', 'drivers', recipe, file), 'utf8')
}

function sourceFile({ name: recipe }: RecipeEntry, file: RecipeFile, reports: Reports): SourceFile {
  const text = read(recipe, file.name)
  const base = baseOf(file)
  return {
    ...file,
    text,
    region: regionOf(text, `${recipe}/${file.name}`),
    provenance: provenance(file, `${recipe}/${file.name}`, text, reports),
    base,
    hunks: base === null ? [] : annotatedHunks(recipe, file.name, read(recipe, base), text),
  }
}

/** A variant differs from after.c, everything else from before.c. */
function baseOf({ role }: RecipeFile): string | null {
  if (role === 'before') return null
  return role === 'variant' ? 'after.c' : 'before.c'
}

function regionOf(text: string, name: string): { from: number; to: number } {
  const lines = text.split('\n')
  const begins = lines.indexOf('/* The part that matters begins here. */')
  const ends = lines.indexOf('/* The part that matters ends here. */')
  if (begins < 0 || ends < begins || lines[ends - 1] !== '')
    throw new Error(`${name} does not mark the part that matters`)
  // A blank line parts the code from the mark.
  return { from: begins + 2, to: ends - 1 }
}

const kinds = { ' ': 'same', '-': 'removed', '+': 'added' } as const

/** The pieces that changed, `context` unchanged lines around each, a reason at the first line it holds for. */
export function annotatedHunks(
  recipe: string,
  file: string,
  before: string,
  after: string,
  context = 3,
): readonly DiffHunk[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context })
  const headerEnds = after.split('\n').findIndex((line) => line.startsWith('#include'))
  return hunks.map(({ oldStart, newStart, lines }) => ({
    beforeLine: oldStart,
    afterLine: newStart,
    lines: piecesOf(lines, newStart).flatMap((piece) => {
      const [first] = piece
      // What a file says of itself at its top needs no reason.
      if (!first || first.kind === 'same' || first.line <= headerEnds) return piece.map(plain)
      const texts = piece.map(({ text }) => text)
      return withReasons(
        piece,
        notesFor(recipe, file, texts).map((rule) => rule?.why),
      )
    }),
  }))
}

interface NumberedLine extends DiffLine {
  /** In the file after the change. */
  readonly line: number
}

/** The lines of a hunk, cut where changed and unchanged ones meet. */
function piecesOf(raw: readonly string[], from: number): readonly (readonly NumberedLine[])[] {
  const pieces: NumberedLine[][] = []
  let line = from
  for (const text of raw) {
    const kind = kinds[text[0] as keyof typeof kinds]
    if (kind === undefined) continue
    const last = pieces.at(-1)
    const numbered = { kind, text: text.slice(1), line }
    if (last && (last[0]?.kind === 'same') === (kind === 'same')) last.push(numbered)
    else pieces.push([numbered])
    if (kind !== 'removed') line++
  }
  return pieces
}

function plain({ kind, text }: NumberedLine): DiffLine {
  return { kind, text }
}

/** Each reason at the first line of the piece that it holds for. */
function withReasons(
  piece: readonly NumberedLine[],
  reasons: readonly (string | undefined)[],
): readonly DiffLine[] {
  return piece.map((line, number) => {
    const why = reasons[number]
    return why === undefined || reasons.indexOf(why) < number
      ? plain(line)
      : { ...plain(line), why }
  })
}

/** The change from its base to `file`, of a module kept as NAME.c, as patch(1) and git apply read it. */
export function patchOf({ name, files }: RecipeSource, file: SourceFile): string {
  const base = files.find((one) => one.name === file.base) ?? file
  return createTwoFilesPatch(`a/${name}.c`, `b/${name}.c`, base.text, file.text)
    .split('\n')
    .slice(1)
    .join('\n')
}

/** What the patch that leads to a file is called: `after.patch`. */
export function patchName({ name }: RecipeFile): string {
  return name.replace(/c$/, 'patch')
}
