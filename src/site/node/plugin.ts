// SPDX-License-Identifier: GPL-2.0-only
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFrame, writePlot } from './frame.ts'

/** What Docusaurus takes as a plugin, as far as this one goes. */
export interface LivePlugin {
  readonly name: string
  getThemePath(): string
  getPathsToWatch(): string[]
}

/** The Docusaurus plugin of live cells: their components, and the frame in which they run. List it after the theme. */
export async function livePlugin(context: { readonly siteDir: string }): Promise<LivePlugin> {
  const sources = join(context.siteDir, 'src/site')
  const files = join(context.siteDir, '.live/static')
  await writeFrame(sources, join(files, 'live/frame.html'))
  await writePlot(sources, join(files, 'live/plot.js'))
  await cp(join(context.siteDir, 'notebooks'), join(files, 'notebooks'), { recursive: true })
  return {
    name: 'vmalab-live',
    getThemePath: () => join(sources, 'theme'),
    getPathsToWatch: () => [join(context.siteDir, '.live/pages/**/*.json')],
  }
}
