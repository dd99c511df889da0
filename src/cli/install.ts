// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installKernelspec, surroundings, userDataFolder } from '../jupyter/index.ts'
import { type Command, UsageError } from './command.ts'

/** Registers the kernel with Jupyter. */
export const command: Command = {
  summary: 'register the kernel with Jupyter',
  help: `usage: vmalab install [--user | --prefix DIR | --sys-prefix]

Writes the kernelspec \`vmalab\`, which tells Jupyter how to start the kernel, and prints where. Beside it goes a picture
of a kernel that has read its declarations (25 MB), from which this Node starts faster; it takes some seconds to make.
Run it again after Node or vmalab was updated.
  --user        for you alone (the default)
  --prefix DIR  below DIR/share/jupyter; Jupyter finds it there when DIR is its own prefix, or with
                JUPYTER_PATH=DIR/share/jupyter
  --sys-prefix  for the Python environment whose python3 is first on PATH
To remove it: jupyter kernelspec remove vmalab`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        user: { type: 'boolean' },
        prefix: { type: 'string' },
        'sys-prefix': { type: 'boolean' },
      },
    })
    if (Object.keys(values).length > 1)
      throw new UsageError(
        `${Object.keys(values)
          .map((name) => `--${name}`)
          .join(' and ')}: give one`,
      )
    if (values.prefix === '') throw new UsageError('--prefix: give a folder')
    const prefix = values['sys-prefix'] ? pythonPrefix() : values.prefix
    const data =
      prefix === undefined
        ? userDataFolder(surroundings())
        : join(resolve(prefix), 'share', 'jupyter')
    try {
      const { folder, slow } = await installKernelspec(data)
      process.stdout.write(`${folder}\n`)
      if (slow !== undefined)
        process.stderr.write(`vmalab install: the kernel starts without its picture: ${slow}\n`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(
        `cannot write below ${data}: ${why}; take another place with --prefix DIR or --user`,
      )
    }
    return 0
  },
}

function pythonPrefix(): string {
  const { stdout, status } = spawnSync('python3', ['-c', 'import sys; print(sys.prefix)'], {
    encoding: 'utf8',
  })
  if (status === 0) return stdout.trim()
  throw new Error('--sys-prefix: python3 is not on PATH; install it or use --prefix DIR')
}
