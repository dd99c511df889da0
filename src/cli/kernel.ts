// SPDX-License-Identifier: GPL-2.0-only
import { readConnection, runKernel } from '../jupyter/index.ts'
import { type Command, UsageError } from './command.ts'

/** Serves the Jupyter kernel at the sockets that a connection file names. */
export const command: Command = {
  summary: 'serve the Jupyter kernel (started by Jupyter)',
  help: `usage: vmalab kernel CONNECTION_FILE

Serves the kernel until Jupyter tells it to shut down. Jupyter writes CONNECTION_FILE and starts this by itself once
\`vmalab install\` has registered the kernel.`,
  async run(args) {
    const [path, ...more] = args
    if (path === undefined || more.length > 0)
      throw new UsageError(`give one connection file, not ${args.length}`)
    return runKernel(await readConnection(path))
  },
}
