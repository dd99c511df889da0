// SPDX-License-Identifier: GPL-2.0-only
import { FIGURE_MIME, type MimeBundle } from '../literate/index.ts'
import type { Figure } from '../trace/index.ts'

/** A bundle whose figure, if it has one, is there as a picture too; `problem` says why it could not be drawn. */
export async function drawn(
  data: MimeBundle,
): Promise<{ readonly data: MimeBundle; readonly problem?: string }> {
  const figure = data[FIGURE_MIME]
  if (figure === undefined) return { data }
  try {
    // Loaded for the first figure: it takes a second or more.
    const { figureForms } = await import('../figures/index.ts')
    return { data: { ...data, ...(await figureForms(figure as Figure)) } }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { data, problem: `the figure could not be drawn: ${why}` }
  }
}
