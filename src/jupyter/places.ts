// SPDX-License-Identifier: GPL-2.0-only
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What decides where Jupyter looks: the process's own by default. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
}

/** This process's surroundings. */
export function surroundings(): Surroundings {
  return { env: process.env, platform: process.platform, home: homedir() }
}

/** Where Jupyter looks for a user's own kernels: `jupyter --data-dir`. */
export function userDataFolder({ env, platform, home }: Surroundings): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR
  if (platform === 'darwin') return join(home, 'Library', 'Jupyter')
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'jupyter')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter')
}

/**
 * Every folder in which Jupyter looks for kernels, first match first, as `jupyter --paths` lists them; `prefix` is the
 * `sys.prefix` of its Python, when there is one.
 */
export function dataFolders(around: Surroundings, prefix?: string): string[] {
  const { env, platform } = around
  const shared = ['share', 'jupyter'] as const
  const system =
    platform === 'win32'
      ? [join(env.PROGRAMDATA ?? 'C:\\ProgramData', 'jupyter')]
      : [join('/usr/local', ...shared), join('/usr', ...shared)]
  const folders = [
    ...(env.JUPYTER_PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    userDataFolder(around),
    ...(prefix === undefined ? [] : [join(prefix, ...shared)]),
    ...system,
  ]
  return [...new Set(folders)]
}
