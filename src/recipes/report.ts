// SPDX-License-Identifier: GPL-2.0-only
// What was really done with a file: the reports that compiling and booting leave in the checkout.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RecipeFile } from './table.ts'

/** What one run said of one file. Kernels are versions such as 7.3.4+deb13. */
export interface Outcome {
  /** Of the bytes that were used: a file that has changed since is not the one that passed. */
  readonly sha256: string
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

/** What `npm run recipes:compile`, or `npm run recipes:boot`, last did in this checkout. */
export interface Report {
  /** Why nothing could be done; then there is no outcome. */
  readonly skipped: string | null
  /** By RECIPE/FILE. */
  readonly outcomes: Readonly<Record<string, Outcome>>
}

/** Both reports; null where nothing was run here. */
export interface Reports {
  readonly compiled: Report | null
  readonly booted: Report | null
}

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.live')

/** Where the reports are kept. */
export const reportPaths: { readonly compiled: string; readonly booted: string } = {
  compiled: join(folder, 'recipes-compiled.json'),
  booted: join(folder, 'recipes-booted.json'),
}

/** The reports of this checkout. */
export function readReports(): Reports {
  const read = (path: string) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null)
  return { compiled: read(reportPaths.compiled), booted: read(reportPaths.booted) }
}

/** The sha256 of a file's bytes, in hexadecimal. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/**
 * What is known of a file, in words that claim no more than was done: `compiled without a warning for Linux ...`. Null
 * where nothing was tried here.
 */
export function provenance(
  file: RecipeFile,
  what: string,
  text: string,
  { compiled, booted }: Reports,
): string | null {
  if (file.role === 'proposed') return 'never landed, does not compile on any release'
  if (compiled === null) return null
  const said = compiledWords(compiled, what, text)
  const outcome = booted?.outcomes[what]
  const ran = outcome?.sha256 === sha256Of(text) && outcome.failed.length === 0 && outcome.passed
  return ran && ran.length > 0 ? `${said}; run in ${linux(ran)}, as in the model` : said
}

function compiledWords(report: Report, what: string, text: string): string {
  if (report.skipped !== null) return `not compiled here: ${report.skipped}`
  const outcome = report.outcomes[what]
  if (!outcome) return 'not compiled: there are no headers of these releases'
  if (outcome.sha256 !== sha256Of(text)) return 'not compiled since it changed'
  if (outcome.failed.length > 0) return `does not compile for ${linux(outcome.failed)}`
  return `compiled without a warning for ${linux(outcome.passed)}`
}

function linux(versions: readonly string[]): string {
  return `Linux ${versions.join(' and ')}`
}
