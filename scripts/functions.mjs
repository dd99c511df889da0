// SPDX-License-Identifier: GPL-2.0-only
// Writes docs/reference/functions.md from the doc comments of src/mm: a function that has the name of the kernel's own
// is listed beside the kernel's file.   node scripts/functions.mjs [--check]
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDerived } from './derive.mjs'
import { root } from './ready.mjs'

const rows = []
for (const file of readdirSync(join(root, 'src/mm')).sort()) {
  const source = readFileSync(join(root, 'src/mm', file), 'utf8')
  const documented = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n(?:export )?function (\w+)\(/g
  for (const [, comment, name] of source.matchAll(documented)) {
    const text = comment.replace(/\n\s*\* ?/g, ' ')
    const at = text.match(new RegExp(`(\\S+):${name}(?:\\(\\)|\\b)`))
    if (at) rows.push(`| \`${name}\` | \`${at[1]}\` | \`${file}\` |`)
  }
}
rows.sort((a, b) => (a.replace(/\W|_/g, '') < b.replace(/\W|_/g, '') ? -1 : 1))

const wanted = `---
title: Kernel functions
description: Each function of Linux that the model has under the kernel's own name, with its file there and here.
sidebar_position: 7
---

<!-- Written by scripts/functions.mjs: change the doc comments in src/mm instead. -->

# Kernel functions

The model has these ${rows.length} functions of Linux under their own names. Each does the same steps in the same order; where
it does not, [Fidelity](../fidelity.md) says so. Static functions of the kernel are among them.

| function | in Linux | in src/mm |
|---|---|---|
${rows.join('\n')}
`

writeDerived([['docs/reference/functions.md', wanted]])
