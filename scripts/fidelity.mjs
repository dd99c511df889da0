// SPDX-License-Identifier: GPL-2.0-only
// Writes docs/fidelity.md: what the vectors say, and every `Differs:` and `Not modelled:` comment of the model.
//   node scripts/fidelity.mjs [--check]
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDerived } from './derive.mjs'
import { ensureBuilt, root, say } from './ready.mjs'

ensureBuilt()
const vectors = join(root, 'test', 'vectors')
const number = (value) => value.toLocaleString('en-US')

/** The totals that `vmalab conform --json` ends with. */
function conform(file) {
  const { stdout } = spawnSync(
    process.execPath,
    [join(root, 'bin/vmalab.mjs'), 'conform', file, '--show', '0', '--json'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  )
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

function table() {
  const rows = [
    '| vectors | scenarios | operations | scenarios that differ | skipped |',
    '|---|--:|--:|--:|--:|',
  ]
  const reasons = new Map()
  for (const world of ['vma-7.3.4', 'vma-rfc', 'vma-6.12', 'live-7.3', 'live-6.18', 'live-6.12']) {
    for (const name of readdirSync(join(vectors, world))
      .filter((one) => one.endsWith('.gz'))
      .sort()) {
      say(`${world}/${name}`)
      const got = conform(join(vectors, world, name))
      const share = ((100 * got.skipped_ops) / got.ops).toFixed(2)
      const skipped = got.skipped_ops ? `${number(got.skipped_ops)} (${share} %)` : '0'
      rows.push(
        `| ${world}, ${name.split('.')[0]} | ${number(got.scenarios)} | ${number(got.ops)} | ${number(got.mismatched_scenarios)} | ${skipped} |`,
      )
      for (const [reason, count] of Object.entries(got.skip_reasons)) {
        const at = reasons.get(reason) ?? []
        reasons.set(reason, [...at, `${number(count)} in ${world}, ${name.split('.')[0]}`])
      }
    }
  }
  return { rows, reasons }
}

/** The comments of the model that begin with a word, joined to one line each, with the file that they stand in. */
function comments(word) {
  const found = []
  const files = ['src/mm', 'src/eras', 'src/drivers'].flatMap((part) =>
    readdirSync(join(root, part), { recursive: true }).map((name) => `${part}/${name}`),
  )
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    for (let i = 0; i < lines.length; i++) {
      const start = lines[i].match(new RegExp(`^\\s*(//|\\*) ${word}: (.*)`))
      if (!start) continue
      let text = start[2]
      for (
        let next = lines[i + 1];
        next?.match(/^\s*(\/\/|\*) (?!Linux:|Not modelled:|Differs:)\S/);
        next = lines[++i + 1]
      )
        text += ` ${next.replace(/^\s*(\/\/|\*) /, '')}`
      found.push(`* ${text[0].toUpperCase()}${text.slice(1)} (\`${file}\`)`)
    }
  }
  return found
}

const { rows, reasons } = table()
const page = `---
title: Fidelity
description: How the model compares with recordings of real kernels, and what it leaves out.
---

<!-- Written by scripts/fidelity.mjs: change the comments in src instead. -->

# Fidelity

Vectors are recordings of real kernels: of mm/vma.c compiled in userland (\`vma\`) and of running kernels (\`live\`). A
scenario is a sequence of operations on one address space. After each operation everything is compared: what the call
returns, the list of VMAs, the counters and, in \`vma\`, the references of files and the hooks in their order. \`vmalab conform\`
does it.

${rows.join('\n')}

An operation that the model does not do would be skipped, and so would the rest of its scenario${reasons.size === 0 ? '. None is.' : ':'}

${[...reasons].map(([reason, at]) => `* ${reason}: ${at.join('; ')}.\n`).join('')}
## What differs on purpose

${comments('Differs').join('\n')}

## What is not modelled

${comments('Not modelled').join('\n')}
`
writeDerived([['docs/fidelity.md', page]])
