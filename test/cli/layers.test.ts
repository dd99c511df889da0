// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

// A tree of its own under the project's lint rules: a file for each import that is tried.
const tree = mkdtempSync(join(tmpdir(), 'vmalab-layers-'))
afterAll(() => rmSync(tree, { recursive: true }))

const cases: readonly (readonly [folder: string, from: string, verdict: 'refused' | 'allowed'])[] =
  [
    ['mm', '../eras/index.ts', 'refused'],
    ['mm', 'node:fs', 'refused'],
    ['mm', './merge.ts', 'allowed'],
    ['eras', '../trace/index.ts', 'refused'],
    ['eras', '../mm/merge.ts', 'refused'],
    ['eras', '../mm/index.ts', 'allowed'],
    ['eras', '../drivers/index.ts', 'refused'],
    ['drivers', '../trace/index.ts', 'refused'],
    ['drivers', '../mm/merge.ts', 'refused'],
    ['drivers/dev_mem', '../../mm/memory.ts', 'refused'],
    ['drivers/dev_mem', '../../trace/index.ts', 'refused'],
    ['drivers/dev_mem', '../../mm/index.ts', 'allowed'],
    ['drivers/stacked_file', '../page_cache_file/driver.ts', 'allowed'],
    ['trace', '../drivers/gallery.ts', 'refused'],
    ['trace', '../drivers/index.ts', 'allowed'],
    ['trace', '../figures/index.ts', 'refused'],
    ['trace', '../eras/index.ts', 'allowed'],
    ['figures', '../mm/merge.ts', 'refused'],
    ['figures', '../trace/index.ts', 'allowed'],
    ['figures', '../stepper/index.ts', 'allowed'],
    ['stepper', '../trace/index.ts', 'refused'],
    ['literate', '../mm/index.ts', 'refused'],
    ['literate', 'markdown-it', 'allowed'],
    ['jupyter', '../trace/record.ts', 'refused'],
    ['cli', '../site/live/transform.ts', 'refused'],
    ['cli', '../jupyter/index.ts', 'allowed'],
    ['recipes', '../drivers/gallery.ts', 'refused'],
    ['recipes', '../drivers/index.ts', 'allowed'],
    ['site/live', '../../jupyter/index.ts', 'refused'],
    ['site/live', '../../trace/record.ts', 'refused'],
    ['site/live', '../../trace/index.ts', 'allowed'],
    ['site/node', '../../recipes/source.ts', 'refused'],
    ['site/node', '../../recipes/index.ts', 'allowed'],
  ]

/** What the linter says, for each example file. */
let report = ''

beforeAll(() => {
  const rules = JSON.parse(readFileSync('biome.json', 'utf8'))
  writeFileSync(join(tree, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }))
  for (const [number, [folder, from]] of cases.entries()) {
    const path = join(tree, 'src', folder, `example${number}.ts`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `import { x } from '${from}'\nexport const y: unknown = x\n`)
  }
  const biome = resolve('node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', 'src']
  const done = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' })
  report = `${done.stdout}${done.stderr}`
})

it.each(cases.map((one, number) => [...one, number] as const))(
  'src/%s imports %s: %s',
  (_folder, _from, verdict, number) => {
    expect(report).toContain(`Checked ${cases.length} files`)
    expect(report.includes(`example${number}.ts:`) ? 'refused' : 'allowed').toBe(verdict)
  },
)
