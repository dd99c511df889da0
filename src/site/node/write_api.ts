// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { filesBelow } from './files.ts'
import { madeOnce } from './made.ts'

/** Where what the editor knows comes from and goes to. */
export interface ApiPlaces {
  /** The checkout, whose `dist` has the declarations and their reader. */
  readonly checkout: string
  /** Where it is written. */
  readonly path: string
  /** Where it is kept with what it was made from. */
  readonly memory: string
}

/** Writes the front door as the editor knows it, as JSON; `read` is asked when a declaration, say, has changed. */
export async function writeApi(
  { checkout, path, memory }: ApiPlaces,
  read: (declarations: string) => Promise<object> = readDeclarations,
): Promise<void> {
  const declarations = join(checkout, 'dist')
  const names = (await filesBelow(declarations)).filter(
    (name) => name.endsWith('.d.ts') || name === 'site/node/api.js',
  )
  const files = [...names.map((name) => join('dist', name)), 'package-lock.json']
  const contents = await Promise.all(files.map((file) => readFile(join(checkout, file), 'utf8')))
  const text = await madeOnce(memory, [...names, ...contents], async () =>
    JSON.stringify(await read(declarations)),
  )
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** The compiler takes longer to load than to say that nothing has changed. */
async function readDeclarations(declarations: string): Promise<object> {
  const { readApi } = await import('./api.ts')
  return readApi(declarations)
}
