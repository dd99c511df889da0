// SPDX-License-Identifier: GPL-2.0-only
// Writes docs/reference/contributing.md from CONTRIBUTING.md.   node scripts/contributing.mjs [--check]
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDerived } from './derive.mjs'
import { root } from './ready.mjs'

const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').replaceAll('](docs/', '](../')
const wanted = `---
title: Contributing
description: How the source is laid out, which command checks what, and the rules of truth and style.
sidebar_position: 8
---

<!-- Written by scripts/contributing.mjs: change CONTRIBUTING.md instead. -->

${text}`

writeDerived([['docs/reference/contributing.md', wanted]])
