// SPDX-License-Identifier: GPL-2.0-only
import type { MimeBundle } from '../literate/index.ts'
import type { Figure } from '../trace/index.ts'

/** A bundle as a client gets it: a figure is there as a picture too, markup as HTML only. `problem` says why it could not be drawn. */
export async function drawn(
  bundle: MimeBundle,
): Promise<{ readonly data: MimeBundle; readonly problem?: string }> {
  // What is text alone needs nothing that takes time to load; the first figure takes a second or more.
  if (Object.keys(bundle).length < 2) return { data: bundle }
  const { FIGURE_MIME } = await import('../literate/index.ts')
  const { MARKUP_MIME } = await import('../trace/index.ts')
  const { [MARKUP_MIME]: _, ...forms } = bundle
  const data = forms as MimeBundle
  const figure = data[FIGURE_MIME]
  if (figure === undefined) return { data }
  try {
    const { figureForms } = await import('../figures/index.ts')
    return { data: { ...data, ...(await figureForms(figure as Figure)) } }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { data, problem: `the figure could not be drawn: ${why}` }
  }
}
