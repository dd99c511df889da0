// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * What `make` gives from `inputs`, which are all that it depends on. What the last inputs gave is kept in `file`, and
 * given again for the same; nothing older is.
 */
export async function madeOnce(
  file: string,
  inputs: readonly string[],
  make: () => string | Promise<string>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (kept.startsWith(`${key}\n`)) return kept.slice(key.length + 1)
  const made = await make()
  await mkdir(dirname(file), { recursive: true })
  // Written aside first: a file that was cut short would be taken for whole.
  await writeFile(`${file}.new`, `${key}\n${made}`)
  await rename(`${file}.new`, file)
  return made
}
