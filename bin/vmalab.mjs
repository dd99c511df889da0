#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
// The `vmalab` command. In a checkout it first installs and compiles what is missing.
import { existsSync } from 'node:fs'

const ready = new URL('../scripts/ready.mjs', import.meta.url)
if (existsSync(ready)) (await import(ready.href)).ensureBuilt()
const { main } = await import('../dist/cli/main.js')
// A reader that has seen enough, such as head, closes the pipe: that is no failure of ours.
process.stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await main(process.argv.slice(2))
