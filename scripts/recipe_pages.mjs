// SPDX-License-Identifier: GPL-2.0-only
// node scripts/recipe_pages.mjs [--check]: writes docs/recipes/ from the C files and the model's drivers.
import { writeDerived } from './derive.mjs'
import { ensureBuilt } from './ready.mjs'

ensureBuilt()
const { readRecipe, recipes, twelve } = await import('../dist/recipes/index.js')
const { drivers } = await import('../dist/drivers/index.js')

const folder = 'docs/recipes'
const fence = (info, text) => `\`\`\`${info}\n${text.replace(/\n$/, '')}\n\`\`\``
const mark = { same: ' ', removed: '-', added: '+' }

/** The hunks of a change, each below the reasons for it. The site shows each reason above its line instead. */
function conversion(name, file) {
  return file.hunks.flatMap(({ lines }) => {
    const reasons = [...new Set(lines.flatMap(({ why }) => why ?? []))]
    const diff = lines.map(({ kind, text }) => `${mark[kind]}${text}`).join('\n')
    const why = reasons.map((reason) => `* ${reason}`).join('\n')
    const change = fence(`diff recipe="${name}/${file.name}"`, diff)
    return why === '' ? [change] : [why, change]
  })
}

const whole = (name, file) =>
  fence(`c title="${file.name}" recipe="${name}/${file.name}"`, file.text)

const wants = (file) => `For Linux ${file.releases}.`

/** What is told of a file, by what it is; the site makes a tab of each part that has a heading. */
const told = {
  before: (name, file) => ['### before.c: the legacy hook', wants(file), whole(name, file)],
  after: (name, file) => [
    '### after.c: converted',
    wants(file),
    whole(name, file),
    '### What changes, and why',
    ...conversion(name, file),
  ],
  variant: (name, file) => [
    `### ${file.name}: converted, for older releases`,
    `${wants(file)} Below it: what differs from after.c.`,
    whole(name, file),
    ...conversion(name, file),
  ],
  bridge: (name, file) => [
    `### ${file.name}: a bridge`,
    `${wants(file)} Below it: what differs from before.c.`,
    whole(name, file),
    ...conversion(name, file),
  ],
  proposed: (name, file) => [
    `### ${file.name}: never landed`,
    'As the series of September 2025 would have had it. It does not compile on any release: what to write today is after.c. See [What never landed](../history/never-landed.md).',
    whole(name, file),
    ...conversion(name, file),
  ],
}

/** The driver of the gallery that is called like the recipe's folder. */
function driverOf(name) {
  return Object.entries(drivers).find(([, driver]) => driver.name === name)
}

/** The fewest pages, from where on, that a device of the gallery maps. */
const request = '{ len: 2 * PAGE_SIZE, prot: PROT_READ, flags: MAP_SHARED, file: device }'

function inTheModel(name, model) {
  const found = driverOf(name)
  if (!found) throw new Error(`the gallery has no driver for ${name}`)
  const [key, driver] = found
  const cannot = Object.entries(driver.cannot).map(([era, why]) => `* **\`${era}\`**: ${why}`)
  return [
    '## In the model',
    `The same driver is \`drivers.${key}\`. \`mapped()\` gives the hooks of after.c, \`legacy()\` those of before.c.`,
    fence(
      'ts live',
      `const device = file('/dev/${name}', drivers.${key}.mapped())
const request = ${request}
record(mm, () => mm.mmap(request))`,
    ),
    '<details>\n<summary>driver.ts: the driver in the model</summary>',
    fence('ts', model),
    '</details>',
    '## Does the converted hook do the same?',
    `This compares the two over shared and private mappings, neighbours, what may follow and everything that may fail.
What the new protocol itself brings is told with its rule.`,
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

/** What a recipe needs when it is loaded beyond its own name. */
const loading = {
  page_cache_file: {
    load: 'sudo insmod NAME.ko\nsudo mount -t NAME none /mnt',
    unload: 'sudo umount /mnt\nsudo rmmod NAME',
    ready: '`/mnt/data` can be mapped.',
  },
  stacked_file: {
    load: 'sudo truncate -s 16K /var/tmp/lower\nsudo insmod NAME.ko lower=/var/tmp/lower',
    ready: '`/dev/NAME` can be mapped: what is mapped is the file of `lower=`.',
  },
}

function building(name, files) {
  const takesPhys = files.some(({ text }) => text.includes('module_param(phys'))
  const { load, unload, ready } = {
    load: 'sudo insmod NAME.ko',
    unload: 'sudo rmmod NAME',
    ready: takesPhys
      ? '`/dev/NAME` can be mapped, by every user. `phys=` at `insmod` names other memory than the default: only memory that nothing else uses.'
      : '`/dev/NAME` can be mapped, by every user.',
    ...loading[name],
  }
  const named = (text) => text.replaceAll('NAME', name)
  return [
    '## Build and load it',
    named('Save a file as `NAME.c` in an empty folder. Beside it goes a `Makefile` of one line:'),
    fence('make title="Makefile"', named('obj-m := NAME.o')),
    'The headers of the running kernel are needed (Debian: `linux-headers-$(uname -r)`, `make`, `gcc`). Then:',
    fence('sh', named(`make -C /lib/modules/$(uname -r)/build M="$PWD" modules\n${load}`)),
    `${named(ready)} This takes it away again:`,
    fence('sh', named(unload)),
    'Load it in a virtual machine: a module that is wrong takes the kernel with it.',
  ]
}

function page(name, position) {
  const { title, shows, files, model } = readRecipe(name)
  const intro = shows ? `The recipe: **${shows}**.` : 'A system of its own.'
  return `---
title: "${title}"
description: "A driver in C before and after its conversion to mmap_prepare: ${title.toLowerCase()}."
sidebar_label: ${name}
sidebar_position: ${position}
hide_table_of_contents: true
---

<!-- Written by scripts/recipe_pages.mjs: change the files in src/drivers/${name} instead. -->

${[
  `# ${title}`,
  `${intro} Each file is a complete module, which you may use under the GPL, version 2, or the MIT licence.
\`vmalab recipe ${name}\` prints it.`,
  '## The driver in C',
  ...files.flatMap((file) => told[file.role](name, file)),
  ...inTheModel(name, model),
  ...building(name, files),
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
kernel and compares what they do with the model. On this site, each file says what it was compiled for and run in, or
that it was not. [Which conversion?](../converting/index.md) leads to the right one.

The twelve, the most frequent need first:

| | recipe | driver |
|--:|---|---|
${rows.join('\n')}

Systems of their own:

${systems.join('\n')}
`
}

writeDerived(
  [
    ...recipes.map(({ name }, index) => [`${folder}/${name}.md`, page(name, index + 1)]),
    [`${folder}/index.md`, overview()],
  ],
  folder,
)
