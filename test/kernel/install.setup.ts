// SPDX-License-Identifier: GPL-2.0-only
// Installs the kernel once, as a user does: the tests start the one that Jupyter would start.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installKernelspec } from '../../dist/jupyter/kernelspec.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the installed kernelspec. */
    kernelspec: string
  }
}

export default async function setup({ provide }: TestProject): Promise<() => void> {
  const data = mkdtempSync(join(tmpdir(), 'vmalab-'))
  const { folder, slow } = await installKernelspec(data)
  if (slow !== undefined) throw new Error(`there is no picture to start from: ${slow}`)
  provide('kernelspec', folder)
  return () => rmSync(data, { recursive: true, force: true })
}
