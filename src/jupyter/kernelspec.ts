// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installPicture, picturedStart } from './install_picture.ts'
import { packageRoot } from './package.ts'

/** The kernel's name: what notebooks and `--kernel` refer to. */
export const KERNEL_NAME = 'vmalab'

/**
 * How Jupyter starts the kernel. Paths are absolute: a notebook's folder need not know of the package. `start` are the
 * words before those that start Node.
 */
export function kernelspec(start: readonly string[] = []): object {
  return {
    argv: [
      ...start,
      process.execPath,
      // An interrupt may unwind a timer's callback; Node takes that for a corrupted stack and aborts.
      '--no-force-async-hooks-checks',
      join(packageRoot, 'bin', 'vmalab.mjs'),
      'kernel',
      '{connection_file}',
    ],
    display_name: 'vmalab (Linux mmap model)',
    language: 'typescript',
    // A signal could not be told apart from one that ends the process while it starts.
    interrupt_mode: 'message',
    metadata: { debugger: false },
  }
}

/** A kernelspec on disk. */
export interface InstalledKernelspec {
  readonly folder: string
  /** Why the kernel starts slowly, when it does. */
  readonly slow?: string
}

/**
 * Writes the kernelspec below a Jupyter data folder (`PREFIX/share/jupyter`), over an older one, and a picture to start
 * from: that takes some seconds. Rejects with what the file system throws.
 */
export async function installKernelspec(dataFolder: string): Promise<InstalledKernelspec> {
  const folder = join(dataFolder, 'kernels', KERNEL_NAME)
  makeFolder(folder)
  const write = (start?: readonly string[]): void =>
    writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(kernelspec(start), null, 2)}\n`)
  write()
  writeFileSync(join(folder, 'logo-svg.svg'), logo)
  const slow = await installPicture(folder)
  if (slow !== undefined) return { folder, slow }
  write(picturedStart(folder))
  return { folder }
}

/** Not by `recursive: true`, which never ends below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** An address space: mappings and gaps between them. */
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">
  <rect width="64" height="64" rx="10" fill="#17324d"/>
  <g stroke="#17324d" stroke-width="1.5">
    <rect x="17" y="8" width="30" height="9" fill="#8fb8de"/>
    <rect x="17" y="23" width="30" height="7" fill="#f2a541"/>
    <rect x="17" y="30" width="30" height="11" fill="#f2a541"/>
    <rect x="17" y="47" width="30" height="9" fill="#7fc8a9"/>
  </g>
  <path d="M12 7v50M52 7v50" stroke="#c9d6e3" stroke-width="2" stroke-dasharray="3 3" fill="none"/>
</svg>
`
