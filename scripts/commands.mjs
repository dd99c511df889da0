// SPDX-License-Identifier: GPL-2.0-only
// Writes docs/reference/cli.md: every command of `vmalab` with its own help.   node scripts/commands.mjs [--check]
import { writeDerived } from './derive.mjs'
import { ensureBuilt } from './ready.mjs'

ensureBuilt()
const { commands } = await import('../dist/cli/main.js')

const parts = []
for (const [name, load] of Object.entries(commands)) {
  const { help, summary } = (await load()).command
  const sentence = `${summary[0].toUpperCase()}${summary.slice(1)}.`
  parts.push(`## vmalab ${name}\n\n${sentence}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`)
}
const wanted = `---
title: Commands
description: Every command of vmalab and its options.
sidebar_position: 2
---

<!-- Written by scripts/commands.mjs: change the help of a command in src/cli instead. -->

# Commands

In a checkout a command is \`node bin/vmalab.mjs NAME\`; where the package is installed it is \`npx vmalab NAME\`. A command
ends with status 0 when it did what it says, 1 when that failed, and 2 when it was called wrongly. \`--help\` prints what
follows.

${parts.join('\n')}`

writeDerived([['docs/reference/cli.md', wanted]])
