// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from './package.ts'
import { toolDeclarations } from './tools.ts'

/**
 * What stands in scope from the start, as declarations: what the package exports, an address space, the reader of real
 * ones and the tools.
 */
export function preludeDeclarations(): string {
  return `import { ${exportedNames().join(', ')} } from 'vmalab';
/** A fresh address space of Linux 7.3. */
declare let mm: Mm;
/** The text of /proc/PID/maps; of the kernel process itself by default. */
declare let processMaps: (pid?: number | 'self') => string;
/** A driver in C, its conversion explained, beside the same driver in the model; without a name, the list of them. */
declare let recipe: (name?: string, release?: string) => { readonly name?: string; readonly names?: readonly string[]; readonly files?: readonly { readonly name: string; readonly text: string }[] };
${toolDeclarations}`
}

/** Every name that the front door exports, values and types, from its declaration file. */
function exportedNames(): string[] {
  const { types } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const text = readFileSync(join(packageRoot, types), 'utf8')
  const names = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim().replace(/^type |^.* as /g, '')),
  )
  return [...new Set(names.filter((name) => name !== ''))]
}

/** Reads /proc/PID/maps; the error names the process and what to do. */
export function processMaps(pid: number | 'self' = 'self'): string {
  if (pid !== 'self' && !(Number.isSafeInteger(pid) && pid > 0))
    throw new RangeError(
      `processMaps(${String(pid)}): give a process id (a whole number) or 'self'`,
    )
  const path = `/proc/${pid}/maps`
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = Reflect.get(Object(error), 'code')
    const why =
      code === 'ENOENT'
        ? process.platform === 'linux'
          ? 'there is no such process'
          : `there is no /proc on ${process.platform}; copy the file from a Linux machine and use readMaps(text)`
        : code === 'EACCES' || code === 'EPERM'
          ? 'it belongs to another user; take one of your own processes'
          : String(error)
    throw new Error(`processMaps(): cannot read ${path}: ${why}`)
  }
}
