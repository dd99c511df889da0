// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { filesBelow } from './files.ts'

/**
 * The folder in which the bundler keeps what it has made, to make it no second time. It sees a change of the files that
 * it bundles, but of nothing that else goes into a page: the plugins with the model in them, what the cells gave, the
 * packages, and what `settings` says. With any of that changed the folder is another one, and empty.
 */
export async function bundlerMemory(
  checkout: string,
  settings: readonly string[],
): Promise<string> {
  const folder = join(checkout, '.live/bundled')
  const names = [
    ...(await below(checkout, 'dist')).filter((name) => name.endsWith('.js')),
    ...(await below(checkout, '.live/pages')),
    'package-lock.json',
  ]
  const contents = await Promise.all(names.map((name) => readFile(join(checkout, name), 'utf8')))
  const key = createHash('sha256')
    .update(JSON.stringify([process.version, ...settings, ...names, ...contents]))
    .digest('hex')
  for (const old of await readdir(folder).catch(() => []))
    if (old !== key) await rm(join(folder, old), { recursive: true })
  return join(folder, key)
}

async function below(checkout: string, folder: string): Promise<string[]> {
  return (await filesBelow(join(checkout, folder))).map((name) => `${folder}/${name}`)
}
