// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from './command.ts'

/** To be written. */
export const command: Command = {
  summary: 'notebooks',
  help: 'usage: vmalab notebooks',
  run: () => Promise.reject(new Error('not written yet')),
}
