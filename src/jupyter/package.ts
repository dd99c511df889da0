// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Places } from './compiler.ts'

/** The package's folder: the one that holds package.json. */
export const packageRoot: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What loads as tslab does. */
export function tslabLoader(): NodeJS.Require {
  return createRequire(resolved('tslab'))
}

function resolved(name: string): string {
  return createRequire(import.meta.url).resolve(name)
}

/** Where the declarations are of what a cell may import. */
export function places(): Places {
  const { name, exports } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const paths: Record<string, string[]> = {}
  for (const [key, entry] of Object.entries<{ types?: string }>(exports))
    if (entry.types) paths[join(name, key)] = [join(packageRoot, entry.types)]
  // A cell's variable that holds a plot has a type of Plot's: it can be told only by a name that resolves.
  const plot = dirname(resolved('@observablehq/plot'))
  paths['@observablehq/plot'] = [join(plot, 'index.d.ts')]
  paths['@observablehq/plot/*'] = [join(plot, '*')]
  return { paths, nodeTypes: tslabLoader().resolve('@types/node/package.json') }
}
