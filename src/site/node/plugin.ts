// SPDX-License-Identifier: GPL-2.0-only
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { patchName, patchOf, readRecipe, recipes } from '../../recipes/index.ts'
import { writeBook } from './book.ts'
import { bundlerMemory } from './bundler_memory.ts'
import { writeFrame, writePlot } from './frame.ts'
import { writeApi } from './write_api.ts'
import { writeNames } from './write_names.ts'

/** What Docusaurus takes as a plugin, as far as this one goes. */
export interface LivePlugin {
  readonly name: string
  getThemePath(): string
  configureWebpack(): object
  configurePostCss<T extends object>(options: T): T & { config: false; plugins: [] }
}

/** What Docusaurus tells a plugin, as far as this one reads it. */
export interface LiveContext {
  readonly siteDir: string
  readonly siteConfig: object
}

/** The Docusaurus plugin of live cells: their components, and the frame in which they run. List it after the theme. */
export async function livePlugin({ siteDir, siteConfig }: LiveContext): Promise<LivePlugin> {
  const sources = join(siteDir, 'src/site')
  const files = join(siteDir, '.live/static')
  await writeFrame(sources, join(files, 'live/frame.html'))
  await writeApi({
    checkout: siteDir,
    path: join(files, 'live/api.json'),
    memory: join(siteDir, '.live/made/api'),
  })
  await writeNames(join(siteDir, '.live/pages'), join(files, 'live/names.json'))
  await writePlot(sources, join(files, 'live/plot.js'))
  const notebooks = join(siteDir, 'notebooks')
  await cp(notebooks, join(files, 'notebooks'), { recursive: true })
  await writeBook(notebooks, join(files, 'notebooks/vmalab.zip'))
  await writeRecipes(join(files, 'c'))
  const sourcesOfC = recipes.map(({ name }) => JSON.stringify(readRecipe(name)))
  const directory = await bundlerMemory(siteDir, [JSON.stringify(siteConfig), ...sourcesOfC])
  return {
    name: 'vmalab-live',
    getThemePath: () => join(sources, 'theme'),
    configureWebpack: () => ({
      resolve: { alias: { [eagerColours(siteDir)]: false } },
      experiments: { cache: { type: 'persistent', storage: { type: 'filesystem', directory } } },
    }),
    // What it would write anew for old browsers, those of package.json do not need; nobody else configures it.
    configurePostCss: (options) => ({ ...options, config: false, plugins: [] }),
  }
}

/** The theme's module that loads Prism with every page; here it is loaded where code has to be coloured. */
function eagerColours(siteDir: string): string {
  const { resolve } = createRequire(join(siteDir, 'package.json'))
  return resolve('@docusaurus/theme-classic/lib/prism-include-languages').replace(/\.js$/, '')
}

/** Each C file as it is, and each conversion as a patch: NAME/after.c and NAME/after.patch. */
async function writeRecipes(folder: string): Promise<void> {
  for (const { name } of recipes) {
    const source = readRecipe(name)
    await mkdir(join(folder, name), { recursive: true })
    for (const file of source.files) {
      await writeFile(join(folder, name, file.name), file.text)
      if (file.base !== null)
        await writeFile(join(folder, name, patchName(file)), patchOf(source, file))
    }
  }
}
