// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from './command.ts'

/** To be written. */
export const command: Command = {
  summary: 'kernel',
  help: 'usage: vmalab kernel',
  run: () => Promise.reject(new Error('not written yet')),
}
