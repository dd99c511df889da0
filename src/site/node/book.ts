// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Zippable, zipSync } from 'fflate'
import { filesBelow } from './files.ts'

/** What stands beside the notebooks in the archive. */
const howTo = `These are the pages of vmalab as Jupyter notebooks.

Register the kernel once:   npx vmalab install --user
Then open them in Jupyter:  jupyter lab

They have their outputs: they can be read without the kernel, too.
`

/** The notebooks of a folder as one archive: the same bytes for the same notebooks. */
export async function zipNotebooks(folder: string): Promise<Uint8Array> {
  const names = (await filesBelow(folder)).filter((name) => name.endsWith('.ipynb'))
  const files: Zippable = { 'vmalab/README.txt': new TextEncoder().encode(howTo) }
  for (const name of names) files[`vmalab/${name}`] = await readFile(join(folder, name))
  return zipSync(files, { mtime: '1980-01-01T00:00:00', level: 9 })
}

/** Writes {@link zipNotebooks} to `path`. */
export async function writeBook(folder: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await zipNotebooks(folder))
}
