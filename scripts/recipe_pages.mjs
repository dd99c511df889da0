// SPDX-License-Identifier: GPL-2.0-only
// node scripts/recipe_pages.mjs [--check]: writes docs/recipes/ from the C files and the model's drivers.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, root, say } from './ready.mjs'

ensureBuilt()
const { readRecipe, recipes, twelve } = await import('../dist/recipes/index.js')
const { drivers } = await import('../dist/drivers/index.js')

const folder = join(root, 'docs', 'recipes')
const fence = (info, text) => `\`\`\`${info}\n${text.replace(/\n$/, '')}\n\`\`\``
const mark = { same: ' ', removed: '-', added: '+' }

/** The hunks of a change, each below the reasons for it. */
function conversion(file) {
  return file.hunks.flatMap(({ lines }) => {
    const reasons = [...new Set(lines.flatMap(({ why }) => why ?? []))]
    const diff = lines.map(({ kind, text }) => `${mark[kind]}${text}`).join('\n')
    const why = reasons.map((reason) => `* ${reason}`).join('\n')
    return why === '' ? [fence('diff', diff)] : [why, fence('diff', diff)]
  })
}

/** The driver of the gallery that is called like the recipe's folder. */
function driverOf(name) {
  return Object.entries(drivers).find(([, driver]) => driver.name === name)
}

const MEANT_FOR = {
  before: 'the legacy hook',
  after: 'converted',
  variant: 'converted, for older releases',
  bridge: 'a bridge',
  proposed: 'as it was proposed, never landed',
}

function inTheModel(name) {
  const found = driverOf(name)
  if (!found) return []
  const [key, driver] = found
  const cannot = Object.entries(driver.cannot).map(([era, why]) => `* **\`${era}\`**: ${why}`)
  return [
    '## In the model',
    `The same driver is \`drivers.${key}\`. This compares its legacy hook with the converted one, over shared and private
mappings, neighbours, what may follow and everything that may fail:`,
    fence(
      'ts live',
      `const { legacy, mapped } = drivers.${key}
equivalent(legacy, mapped, { sizes: [1, 2], pgoffs: [0, 1] })`,
    ),
    ...(cannot.length > 0
      ? ['What an era cannot express, or only with care:', cannot.join('\n')]
      : []),
  ]
}

function page(name, position) {
  const source = readRecipe(name)
  const sections = source.files.flatMap((file) => [
    `## ${file.name}: ${MEANT_FOR[file.role]}`,
    file.role === 'proposed'
      ? 'It does not compile on any release. See [What never landed](../history/never-landed.md).'
      : `For ${file.releases}.`,
    fence(`c title="${file.name}"`, file.text),
  ])
  const after = source.files.find(({ role }) => role === 'after')
  return `---
title: "${source.title}"
description: "A driver in C before and after its conversion to mmap_prepare: ${source.title.toLowerCase()}."
sidebar_label: ${name}
sidebar_position: ${position}
---

<!-- Written by scripts/recipe_pages.mjs: change the files in src/drivers/${name} instead. -->

${[
  `# ${source.title}`,
  `${source.shows ? `The recipe: **${source.shows}**.` : 'A system of its own.'} A complete module, which you may use under the GPL, version 2, or the MIT licence.
\`vmalab recipe ${name}\` prints it.`,
  '## What changes, and why',
  ...conversion(after),
  ...inTheModel(name),
  ...sections,
].join('\n\n')}
`
}

const link = ({ name, title }) => `[${title}](${name}.md)`

function overview() {
  const rows = twelve.map((text, index) => {
    const shown = recipes.filter(({ number }) => number === index + 1).map(link)
    return `| ${index + 1} | ${text} | ${shown.join('; ')} |`
  })
  const systems = recipes.filter(({ number }) => number === 0).map((one) => `* ${link(one)}`)
  return `---
title: Recipes in C
description: Twenty drivers in C before and after their conversion, each compiled, booted and compared with the model.
sidebar_position: 0
---

<!-- Written by scripts/recipe_pages.mjs. -->

# Recipes in C

Each recipe is a driver twice: with the legacy hook and with \`mmap_prepare\`. Both are complete modules.
\`npm run recipes:compile\` compiles them for the kernels they are for. \`npm run recipes:boot\` loads them in a running
kernel and compares what they do with the model. [Which conversion?](../converting/index.md) leads to the right one.

The twelve, the most frequent need first:

| | recipe | driver |
|--:|---|---|
${rows.join('\n')}

Systems of their own:

${systems.join('\n')}
`
}

const wanted = new Map(recipes.map(({ name }, index) => [`${name}.md`, page(name, index + 1)]))
wanted.set('index.md', overview())
const check = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
const found = new Map(
  readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
)
const stale = [...new Set([...wanted.keys(), ...found.keys()])].filter(
  (file) => wanted.get(file) !== found.get(file),
)
for (const file of stale) {
  if (check) say(`docs/recipes/${file} is not what the C and the model say`)
  else if (wanted.has(file)) writeFileSync(join(folder, file), wanted.get(file))
  else rmSync(join(folder, file))
}
if (check && stale.length > 0) {
  say('run node scripts/recipe_pages.mjs, then npm run notebooks')
  process.exit(1)
}
