// SPDX-License-Identifier: GPL-2.0-only
import { FIGURE_MIME, type MimeBundle } from '../literate/index.ts'
import { type Figure, MARKUP_MIME } from '../trace/index.ts'

/** A bundle as a client gets it: a figure is there as a picture too, markup as HTML only. `problem` says why it could not be drawn. */
export async function drawn(
  bundle: MimeBundle,
): Promise<{ readonly data: MimeBundle; readonly problem?: string }> {
  const { [MARKUP_MIME]: _, ...forms } = bundle
  const data = forms as MimeBundle
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
