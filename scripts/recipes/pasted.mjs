// SPDX-License-Identifier: GPL-2.0-only
// What a reader does with the page of a recipe: its C and its Makefile into an empty folder, and its command.
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../ready.mjs'
import { cache } from './archive.mjs'
import { compiler } from './build.mjs'

/** The first fence of a page whose info line is `info`. */
function fenceOf(page, info) {
  const begin = page.indexOf(`\`\`\`${info}\n`)
  if (begin < 0) throw new Error(`the page has no fence ${info}`)
  const from = begin + info.length + 4
  return page.slice(from, page.indexOf('\n```', from) + 1)
}

/**
 * Builds `file` of a recipe by what its page says. Only the folder of the headers and the compiler are others: those
 * of the running kernel need neither. Resolves to what went wrong, or to ''.
 */
export async function pasted(kernel, recipe, file) {
  const page = await readFile(join(root, 'docs', 'recipes', `${recipe}.md`), 'utf8')
  const folder = join(cache, 'build', `pasted-${process.pid}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, recipe), { recursive: true })
  const place = join(folder, recipe)
  await writeFile(
    join(place, `${recipe}.c`),
    fenceOf(page, `c title="${file}" recipe="${recipe}/${file}"`),
  )
  await writeFile(join(place, 'Makefile'), fenceOf(page, 'make title="Makefile"'))
  const [command] = fenceOf(page, 'sh').split('\n')
  const cc = join(folder, 'cc')
  await writeFile(cc, compiler)
  await chmod(cc, 0o755)
  const here = command.replace('/lib/modules/$(uname -r)/build', kernel.headers)
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${here} CC=${cc} CONFIG_DEBUG_INFO_BTF_MODULES=`],
    { cwd: place, encoding: 'utf8', env: { ...process.env, PWD: place } },
  )
  const made = await readFile(join(place, `${recipe}.ko`)).catch(() => null)
  await rm(folder, { recursive: true, force: true })
  return status === 0 && made && !stderr.includes(`${recipe}.c:`)
    ? ''
    : `${here}\n${stdout}${stderr}`
}
