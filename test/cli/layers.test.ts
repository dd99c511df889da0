// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Does the linter refuse this import in a file of that folder? */
function isRefused(folder: string, from: string): boolean {
  const path = `src/${folder}/example.ts`
  const input = `import { x } from '${from}'\nexport const y: unknown = x\n`
  const biome = 'node_modules/@biomejs/biome/bin/biome'
  const args = [biome, 'lint', '--only=style/noRestrictedImports', `--stdin-file-path=${path}`]
  return spawnSync(process.execPath, args, { input }).status !== 0
}

it.each([
  ['mm', '../eras/index.ts', true],
  ['mm', 'node:fs', true],
  ['mm', './merge.ts', false],
  ['eras', '../trace/index.ts', true],
  ['eras', '../mm/merge.ts', true],
  ['eras', '../mm/index.ts', false],
  ['trace', '../figures/index.ts', true],
  ['trace', '../eras/index.ts', false],
  ['figures', '../mm/merge.ts', true],
  ['figures', '../trace/index.ts', false],
  ['literate', '../mm/index.ts', true],
  ['literate', 'markdown-it', false],
  ['jupyter', '../trace/record.ts', true],
  ['cli', '../site/live/transform.ts', true],
  ['cli', '../jupyter/index.ts', false],
  ['site/live', '../../jupyter/index.ts', true],
  ['site/live', '../../trace/record.ts', true],
  ['site/live', '../../trace/index.ts', false],
])('src/%s imports %s: refused %s', (folder, from, refused) => {
  expect(isRefused(folder, from)).toBe(refused)
})
