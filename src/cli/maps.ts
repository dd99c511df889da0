// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from './command.ts'

/** To be written. */
export const command: Command = {
  summary: 'maps',
  help: 'usage: vmalab maps',
  run: () => Promise.reject(new Error('not written yet')),
}
