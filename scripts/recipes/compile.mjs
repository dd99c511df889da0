// SPDX-License-Identifier: GPL-2.0-only
// npm run recipes:compile: every C file against the headers of every kernel that it is for, and what must not compile.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from '../ready.mjs'
import { kernels, Unavailable } from './archive.mjs'
import { buildModules, moduleName, saidOf } from './build.mjs'
import { pasted } from './pasted.mjs'

/** Where what was done is kept: `kind` is `compiled` or `booted`. */
export async function writeReport(kind, report) {
  const { reportPaths } = await import('../../dist/recipes/index.js')
  await mkdir(dirname(reportPaths[kind]), { recursive: true })
  await writeFile(reportPaths[kind], `${JSON.stringify(report, null, 2)}\n`)
}

/** Notes in a report what a kernel's version said of the bytes of a file. */
export async function note({ outcomes }, { recipe, file, text }, version, passed) {
  const { sha256Of } = await import('../../dist/recipes/index.js')
  const what = `${recipe}/${file}`
  outcomes[what] ??= { sha256: sha256Of(text), passed: [], failed: [] }
  outcomes[what][passed ? 'passed' : 'failed'].push(version)
}

/** The sources of the recipes that are for a kernel: [{recipe, file, module, text}]. */
export async function sourcesFor(kernel, wants = () => true) {
  const { filesOf, isFor, recipes } = await import('../../dist/recipes/index.js')
  const found = recipes.flatMap((entry) =>
    filesOf(entry)
      .filter((file) => isFor(file, kernel.numbers) && wants(entry, file))
      .map((file) => ({ recipe: entry.name, file: file.name })),
  )
  return Promise.all(
    found.map(async ({ recipe, file }) => ({
      recipe,
      file,
      module: moduleName(recipe, file),
      text: await readSource(recipe, file),
    })),
  )
}

function readSource(recipe, file) {
  return readFile(join(root, 'src/drivers', recipe, file), 'utf8')
}

/** What must be refused, and by which words. `on` is the role of the kernel. */
async function forbidden() {
  const faultDriven = await readSource('fault_driven', 'after.c')
  const flagsLine = 'vma_desc_set_flags(desc, VMA_DONTEXPAND_BIT, VMA_DONTDUMP_BIT);'
  const whole = async (on, recipe, file, by) => ({
    on,
    what: `${recipe}/${file}`,
    text: await readSource(recipe, file),
    by,
  })
  const proposals = ['lock_across', 'allocate_populate', 'hugetlb_reservation']
  return [
    await whole('legacy', 'fault_driven', 'after.c', /struct vm_area_desc|mmap_prepare/),
    await whole('newest', 'one_errno', 'after-6.19.c', /error_hook/),
    await whole('newest', 'reference_counted', 'after-6.19.c', /success_hook/),
    ...(await Promise.all(
      proposals.map((name) => whole('newest', name, 'complete.c', /mmap_complete/)),
    )),
    {
      on: 'newest',
      what: 'a hook that writes the removed desc->vm_flags',
      text: faultDriven.replace(flagsLine, 'desc->vm_flags |= VM_DONTEXPAND;'),
      by: /vm_flags/,
    },
    {
      on: 'newest',
      what: 'a hook that calls a legacy mapper',
      text: faultDriven.replace(flagsLine, 'return vm_iomap_memory(desc, 0, PAGE_SIZE);'),
      by: /incompatible pointer type/,
    },
    {
      on: 'newest',
      what: 'a legacy hook that sets flags in a module that is not GPL',
      text: (await readSource('fault_driven', 'before.c')).replace('Dual MIT/GPL', 'Proprietary'),
      by: /GPL-incompatible module .*__vma_start_write/,
      linked: true,
    },
  ]
}

/** What is built once more by nothing but what its page says. */
const tried = [
  ['reference_counted', 'after.c'],
  ['stacked_file', 'before.c'],
]

async function compileFor(kernel, say) {
  // The older 7.x is there for what is meant for it in particular.
  const sources = await sourcesFor(
    kernel,
    (_, { role, from }) => kernel.image || (role !== 'before' && from[0] === 7),
  )
  say(`Linux ${kernel.version}: compiling ${sources.length} modules`)
  const { built, output } = await buildModules(kernel, 'recipes', sources)
  const failures = sources
    .filter(({ module }) => !built.includes(module) || saidOf(output, module).length > 0)
    .map(({ recipe, file, module }) => ({
      what: `${recipe}/${file}`,
      said: saidOf(output, module).join('\n') || output.trim(),
    }))
  return { kernel, sources, failures }
}

async function refusedBy(kernel, say) {
  const cases = (await forbidden())
    .filter(({ on }) => on === kernel.role)
    .map((one, number) => ({ ...one, module: `forbidden_${number}` }))
  if (cases.length === 0) return []
  say(`Linux ${kernel.version}: trying ${cases.length} that must not compile`)
  // modpost only runs when everything has compiled.
  const compiled = cases.filter(({ linked }) => !linked)
  const linked = cases.filter((one) => one.linked)
  const outputs = await Promise.all(
    [compiled, linked].map((group, number) =>
      group.length === 0
        ? { built: [], output: '' }
        : buildModules(kernel, `forbidden-${number}`, group),
    ),
  )
  return cases.map((one) => {
    const { built, output } = outputs[one.linked ? 1 : 0]
    const said = saidOf(output, one.module).join('\n')
    return { ...one, refused: !built.includes(one.module) && one.by.test(said), said }
  })
}

/** Compiles everything; resolves to the exit status: 0, 1, or 77 when there is nothing to compile against. */
export async function compile(say) {
  const began = Date.now()
  let failed = 0
  const report = { skipped: null, outcomes: {} }
  try {
    const found = await kernels(say)
    for (const kernel of found) {
      const { sources, failures } = await compileFor(kernel, say)
      for (const source of sources) {
        const what = `${source.recipe}/${source.file}`
        const failure = failures.find((one) => one.what === what)
        console.log(`${failure ? 'FAILED  ' : 'compiled'}  ${kernel.version.padEnd(15)} ${what}`)
        if (failure) console.log(failure.said.replaceAll(/^/gm, '    '))
        await note(report, source, kernel.version, !failure)
      }
      failed += failures.length
      for (const { what, refused, said } of await refusedBy(kernel, say)) {
        console.log(`${refused ? 'refused ' : 'FAILED  '}  ${kernel.version.padEnd(15)} ${what}`)
        if (!refused) console.log(`    compiles, or is refused for another reason:\n${said}`)
        failed += refused ? 0 : 1
      }
    }
    const [newest] = found
    for (const [recipe, file] of tried) {
      const said = await pasted(newest, recipe, file)
      const verdict = said === '' ? 'pasted  ' : 'FAILED  '
      console.log(`${verdict}  ${newest.version.padEnd(15)} ${recipe}/${file}, as its page says`)
      if (said !== '') console.log(said)
      failed += said === '' ? 0 : 1
    }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    console.log(`skipped: ${error.message}`)
    await writeReport('compiled', { skipped: error.message, outcomes: {} })
    return 77
  }
  await writeReport('compiled', report)
  const files = Object.values(report.outcomes).filter((one) => one.failed.length === 0).length
  const seconds = ((Date.now() - began) / 1000).toFixed(0)
  console.log(`${files} files compile without a warning, ${failed} failed (${seconds} s)`)
  return failed === 0 ? 0 : 1
}
