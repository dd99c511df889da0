// SPDX-License-Identifier: GPL-2.0-only
import type { Command } from './command.ts'

/** To be written. */
export const command: Command = {
  summary: 'install',
  help: 'usage: vmalab install',
  run: () => Promise.reject(new Error('not written yet')),
}
