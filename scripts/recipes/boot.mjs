// SPDX-License-Identifier: GPL-2.0-only
// npm run recipes:boot: each recipe in a real kernel and in the model, and where they differ.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { kernels, Unavailable } from './archive.mjs'
import { buildModules, saidOf } from './build.mjs'
import { note, sourcesFor, writeReport } from './compile.mjs'
import { plants } from './plants.mjs'
import { boot as bootKernel, ensureQemu, initramfs } from './qemu.mjs'

/** A boot takes 10 to 50 seconds, and more where others use the processors, too; one that takes this long hangs. */
const SECONDS = 300

async function programme(folder) {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'guest.c')
  const binary = join(folder, 'init')
  const { status, stderr, error } = spawnSync('gcc', ['-O2', '-static', '-o', binary, source], {
    encoding: 'utf8',
  })
  if (error) throw new Unavailable('there is no gcc here: install the package gcc')
  if (status !== 0) throw new Error(`guest.c does not compile:\n${stderr}`)
  return readFile(binary)
}

/** The modules that can be run beside the model. */
function runnable({ recipe, file }, { isModelled }) {
  return ['before.c', 'after.c', 'bridge.c'].includes(file) && isModelled(recipe)
}

/** Each recipe that maps physical memory, and where: one_errno maps what no other has touched. */
function physOf(recipe, { FRESH_PHYS, PHYS }) {
  if (recipe === 'one_errno') return FRESH_PHYS
  return ['dev_mem', 'io_bar', 'write_combining'].includes(recipe) ? PHYS : undefined
}

function scenarioText(sources, part) {
  const lines = [`phys 0x${part.PHYS.toString(16)}`]
  for (const { recipe, module } of sources) {
    const phys = physOf(recipe, part)
    const parameters = phys === undefined ? '' : ` phys=0x${phys.toString(16)}`
    if (recipe === 'one_errno') lines.push(`with dev_mem_before${parameters}`)
    lines.push(`run ${module} ${recipe}${parameters}`, ...part.scenarioOf(recipe), 'end')
  }
  return `${lines.join('\n')}\n`
}

/** The transcript of each module, by name. */
function transcriptsOf(lines) {
  const found = new Map()
  let current = null
  for (const line of lines) {
    const [, begun] = /^RUN (\S+)$/.exec(line) ?? []
    if (begun) {
      current = []
      found.set(begun, current)
    } else if (/^END /.test(line)) current = null
    else if (/^[>=!:#] /.test(line)) current?.push(line)
  }
  return found
}

/** The model of a kernel: its own release, or the newest known one of its series. */
function releaseOf({ linux }, [major, minor, patch]) {
  for (const name of [`${major}.${minor}.${patch}`, `${major}.${minor}`, `${major}`])
    try {
      return linux(name)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  return linux()
}

async function bootAndCompare(kernel, sources, folder, say, keep) {
  const recipesPart = await import('../../dist/recipes/index.js')
  const { linux } = await import('../../dist/eras/index.js')
  const { compareTranscripts, PHYS, runInModel, scenarioOf } = recipesPart
  const helper = (await sourcesFor(kernel)).filter(({ module }) => module === 'dev_mem_before')
  const all = [
    ...sources,
    ...helper.filter(({ module }) => !sources.some((s) => s.module === module)),
  ]
  const { built, output, folder: place } = await buildModules(kernel, 'recipes', all)
  const unbuilt = all.find(({ module }) => !built.includes(module))
  if (unbuilt)
    throw new Error(
      `${unbuilt.module} does not compile:\n${saidOf(output, unbuilt.module).join('\n') || output}`,
    )
  const file = (name, data) => ({ name, data: Buffer.from(data), mode: 0o100755 })
  const archive = initramfs([
    { name: 'dev', data: Buffer.alloc(0), mode: 0o040755 },
    file('init', await programme(folder)),
    file('scenario', scenarioText(sources, recipesPart)),
    ...(await Promise.all(
      all.map(async ({ module }) => file(`${module}.ko`, await stripped(place, module))),
    )),
  ])
  await writeFile(join(folder, 'initrd'), archive)
  const pages = Buffer.alloc(8 * 4096)
  for (let page = 0; page < 8; page++) pages.write(`page ${page % 4}\0`, page * 4096)
  await writeFile(join(folder, 'pages'), pages)
  const began = Date.now()
  say(`Linux ${kernel.version}: booting with ${sources.length} modules`)
  const blob = { address: PHYS, path: join(folder, 'pages') }
  const { lines, status } = await bootKernel(kernel, join(folder, 'initrd'), blob, SECONDS)
  const transcripts = transcriptsOf(lines)
  say(`Linux ${kernel.version}: booted and run in ${((Date.now() - began) / 1000).toFixed(1)} s`)
  const release = releaseOf({ linux }, kernel.numbers)
  const results = []
  for (const { recipe, file: name, module, text } of sources) {
    const theirs = transcripts.get(module) ?? []
    const ours = runInModel(recipe, name.replace('.c', ''), release, scenarioOf(recipe))
    if (keep) {
      await mkdir(keep, { recursive: true })
      const base = join(keep, `${kernel.version}-${module}`)
      await writeFile(`${base}.kernel`, `${theirs.join('\n')}\n`)
      await writeFile(`${base}.model`, `${ours.join('\n')}\n`)
    }
    results.push({
      recipe,
      file: name,
      text,
      differences: compareTranscripts(theirs, ours),
    })
  }
  const ended =
    status === 33
      ? null
      : `the kernel did not end well (${status === null ? `stopped after ${SECONDS} s` : `QEMU's status ${status}`}):\n${lines.slice(-15).join('\n')}`
  return { results, ended, release: release.name }
}

async function stripped(place, module) {
  const target = join(place, `${module}.stripped`)
  const { error } = spawnSync('strip', ['-d', '-o', target, join(place, `${module}.ko`)])
  return readFile(error ? join(place, `${module}.ko`) : target)
}

function report(kernel, { results, ended, release }, verbose) {
  let differences = 0
  for (const one of results) {
    const verdict = one.differences.length === 0 ? 'agrees ' : 'DIFFERS'
    console.log(`${verdict}  ${kernel.version.padEnd(15)} ${one.recipe}/${one.file}`)
    for (const { step, field, kernel: theirs, model } of one.differences.slice(0, verbose))
      console.log(`    ${step}: ${field}\n        kernel  ${theirs}\n        model   ${model}`)
    const more = one.differences.length - verbose
    if (more > 0) console.log(`    and ${more} differences more`)
    differences += one.differences.length
  }
  if (ended) console.log(`FAILED   ${kernel.version.padEnd(15)} ${ended}`)
  console.log(
    `Linux ${kernel.version} beside the model of ${release}: ${results.length} modules, ${differences} differences`,
  )
  return differences + (ended ? 1 : 0)
}

/** The sources with a known bug in one of them, and only that one. */
function planted(sources, { recipe, file, from, to }, name) {
  return sources
    .filter((one) => one.recipe === recipe && one.file === file)
    .map((one) => {
      if (!one.text.includes(from))
        throw new Error(`--plant ${name}: ${recipe}/${file} has changed`)
      return { ...one, text: one.text.replace(from, to) }
    })
}

async function tryPlants(names, all, folder, say, keep) {
  let missed = 0
  const [kernel] = all
  const sources = await sourcesFor(kernel)
  for (const name of names) {
    const bugged = planted(sources, plants[name], name)
    const { results, ended } = await bootAndCompare(kernel, bugged, folder, say, keep)
    const [first] = results.flatMap(({ differences }) => differences)
    const caught = first !== undefined || ended !== null
    missed += caught ? 0 : 1
    console.log(
      `${caught ? 'caught' : 'MISSED'}   ${name} in ${plants[name].recipe}/${plants[name].file}`,
    )
    if (first)
      console.log(
        `    ${first.step}: ${first.field}\n        kernel  ${first.kernel}\n        model   ${first.model}`,
      )
  }
  return missed === 0 ? 0 : 1
}

/** Boots everything; resolves to the exit status: 0, 1, or 77 when there is nothing to boot. */
export async function boot(say, args) {
  const { values, positionals } = parseArgs({
    args,
    options: { plant: { type: 'string' }, transcripts: { type: 'string' } },
    allowPositionals: true,
  })
  const part = await import('../../dist/recipes/index.js')
  const unknown = positionals.find((name) => !part.isModelled(name))
  if (unknown)
    throw new Error(
      `no recipe ${unknown}: known are ${part.recipes.map(({ name }) => name).join(', ')}`,
    )
  if (values.plant === 'list') {
    for (const [name, { recipe, file, what }] of Object.entries(plants))
      console.log(`${name.padEnd(22)} ${recipe}/${file}: ${what}`)
    return 0
  }
  const asked = values.plant === 'all' ? Object.keys(plants) : (values.plant?.split(',') ?? [])
  const strange = asked.find((name) => !Object.hasOwn(plants, name))
  if (strange) throw new Error(`no bug ${strange}: known are ${Object.keys(plants).join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'vmalab-boot-'))
  try {
    ensureQemu()
    const all = (await kernels(say)).filter(({ image }) => image)
    if (asked.length > 0) return await tryPlants(asked, all, folder, say, values.transcripts)
    let failed = 0
    const told = { skipped: null, outcomes: {} }
    for (const kernel of all) {
      const sources = (await sourcesFor(kernel)).filter(
        (source) =>
          runnable(source, part) &&
          (positionals.length === 0 || positionals.includes(source.recipe)),
      )
      const done = await bootAndCompare(kernel, sources, folder, say, values.transcripts)
      failed += report(kernel, done, 5)
      for (const { differences, ...source } of done.results)
        await note(told, source, kernel.version, differences.length === 0 && done.ended === null)
    }
    if (positionals.length === 0) await writeReport('booted', told)
    return failed === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    console.log(`skipped: ${error.message}`)
    if (asked.length === 0 && positionals.length === 0)
      await writeReport('booted', { skipped: error.message, outcomes: {} })
    return 77
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
