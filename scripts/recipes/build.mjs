// SPDX-License-Identifier: GPL-2.0-only
// C files into modules for one kernel: one kbuild for all of them.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { root } from '../ready.mjs'
import { cache, Unavailable } from './archive.mjs'

/** What the kernel's own headers need switched off beneath -Wextra. */
const flags =
  `-Wall -Wextra -Werror -Wno-sign-compare -Wno-unused-parameter -Wno-missing-field-initializers
  -Wno-pointer-sign -Wno-type-limits -Wno-shift-negative-value -Wno-override-init
  -Wno-address-of-packed-member -Wno-attributes -Wno-main`.replaceAll(/\s+/g, ' ')

/** The compilers before gcc 13 know this option by another name. */
export const compiler = `#!/bin/bash
args=()
for a in "$@"; do
  case "$a" in
    -fmin-function-alignment=*) args+=("-falign-functions=\${a#*=}") ;;
    *) args+=("$a") ;;
  esac
done
exec gcc "\${args[@]}"
`

/** The name of the module of a recipe's file: fault_driven_after, reference_counted_after_7_1. */
export function moduleName(recipe, file) {
  return `${recipe}_${file.replace(/\.c$/, '').replaceAll(/[^a-z0-9]/g, '_')}`
}

/**
 * Builds modules for a kernel in a folder of their own, kept from run to run so that only what changed is compiled.
 *
 * @param kernel of kernels()
 * @param folder a name for the build: two builds with one name replace each other
 * @param sources [{module, text}]
 * @returns {folder, built, output}: the modules that were made, and what make printed
 */
export async function buildModules(kernel, folder, sources) {
  for (const tool of ['make', 'gcc'])
    if (spawnSync(tool, ['--version']).error)
      throw new Unavailable(`there is no ${tool} here: install the packages make and gcc`)
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8)
  const place = join(cache, 'build', checkout, `${kernel.version}-${folder}`)
  await mkdir(place, { recursive: true })
  await rm(join(place, 'Module.symvers'), { force: true })
  const wanted = sources.map(({ module }) => `${module}.c`)
  for (const file of await readdir(place)) {
    const stem = /^\.?(\w+?)(?:\.mod)?\.(?:c|o|ko|mod)(?:\.cmd)?$/.exec(file)?.[1]
    if (stem && !wanted.includes(`${stem}.c`)) await rm(join(place, file))
  }
  const kbuild = [`ccflags-y := ${flags}`, ...sources.map(({ module }) => `obj-m += ${module}.o`)]
  await writeIfChanged(join(place, 'Kbuild'), `${kbuild.join('\n')}\n`)
  for (const { module, text } of sources) {
    if (await writeIfChanged(join(place, `${module}.c`), text))
      for (const made of [`${module}.o`, `${module}.ko`])
        await rm(join(place, made), { force: true })
  }
  await writeIfChanged(join(place, 'cc'), compiler)
  await chmod(join(place, 'cc'), 0o755)
  const output = await make(kernel, place)
  const built = sources.filter(({ module }) => existsSync(join(place, `${module}.ko`)))
  return { folder: place, built: built.map(({ module }) => module), output }
}

async function writeIfChanged(path, text) {
  if (existsSync(path) && (await readFile(path, 'utf8')) === text) return false
  await writeFile(path, text)
  return true
}

function make(kernel, place) {
  const args = ['-k', '-s', `-j${availableParallelism()}`, '-C', kernel.headers, `M=${place}`]
  const child = spawn(
    'make',
    [...args, `CC=${join(place, 'cc')}`, 'CONFIG_DEBUG_INFO_BTF_MODULES=', 'modules'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}

/** What the compiler or modpost said about one module; not the warnings about the tools' own versions. */
export function saidOf(output, module) {
  return output
    .split('\n')
    .filter((line) => new RegExp(`\\b${module}\\b`).test(line) && !/^make\[/.test(line))
}
