// SPDX-License-Identifier: GPL-2.0-only
// The package as a user gets it: packed, installed into an empty project, imported, typed, its kernel installed and run.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const here = createRequire(import.meta.url)
let project = ''
let tarball = ''
let files: string[] = []

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'vmalab-package-'))
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [packed] = JSON.parse(told)
  files = packed.files.map(({ path }: { path: string }) => path)
  tarball = join(project, packed.filename)
  write('package.json', '{"private": true}')
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]
  const { status, stderr } = spawnSync('npm', install, { cwd: project, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm install: ${stderr}`)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = join(project, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** Runs a program in the project; gives its status and what it printed. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = { cwd: project, encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(command, args, options)
  return { status, stdout, stderr }
}

const node = (...args: string[]) => run(process.execPath, args)

it('has no file that a user does not need', () => {
  const needed = [
    /^(LICENSE|README\.md|package\.json|dist\/package\.json|bench\/kernel\.c|bin\/vmalab\.mjs)$/,
    /^dist\/(index|(mm|eras|drivers|trace|figures|stepper|literate|recipes|jupyter|cli)\/[\w/]+)\.(js|d\.ts)$/,
    // What `vmalab recipe` prints.
    /^dist\/jupyter\/shared\/\w+\.mjs$/,
    /^src\/drivers\/\w+\/([\w.-]+\.c|driver\.ts)$/,
  ]
  expect(files.filter((file) => !needed.some((pattern) => pattern.test(file)))).toEqual([])
  expect(files).toContain('dist/index.js')
  expect(files).toContain('dist/jupyter/socketsThread.js')
})

it('has no fault that publint or attw finds', () => {
  const publint = join(root, 'node_modules', 'publint', 'src', 'cli.js')
  const linted = node(publint, 'run', tarball, '--level', 'warning', '--strict')
  expect(linted.stdout).toContain('All good!')
  // Node has loaded such modules with require() since 20.19, which "engines" asks for.
  const ignored = ['--ignore-rules', 'cjs-resolves-to-esm']
  const attw = join(dirname(here.resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js')
  const typed = node(attw, tarball, ...ignored)
  expect([typed.status, typed.stdout]).toEqual([0, expect.stringContaining('No problems found')])
})

const use = `const mm = new Mm(linux('7.3'))
const address = mm.mmap({ len: PAGE_SIZE, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS })
console.log(Number.isInteger(address), layout(mm).kind)
toSvg(layout(mm)).then((svg) => console.log(svg.slice(0, 4), parsePage('').cells.length))
`
const names = 'Mm, linux, layout, PAGE_SIZE, PROT_READ, MAP_PRIVATE, MAP_ANONYMOUS'
const modules = [
  [names, 'vmalab'],
  ['toSvg', 'vmalab/figures'],
  ['parsePage', 'vmalab/literate'],
] as const
const imports = modules.map(([what, from]) => `import { ${what} } from '${from}'\n`).join('')

it.each([
  ['a module that imports', 'a.mjs', imports],
  [
    'a script that requires',
    'a.cjs',
    modules.map(([what, from]) => `const { ${what} } = require('${from}')\n`).join(''),
  ],
])('%s it', (_what, name, head) => {
  const { status, stdout } = node(write(name, head + use))
  expect([status, stdout]).toEqual([0, 'true layout\n<svg 0\n'])
})

describe('its types', () => {
  const typed = `${imports}${use}
import type { Step, vm_area_desc } from 'vmalab'
// @ts-expect-error a name that is not there
import { nonesuch } from 'vmalab'
// @ts-expect-error a number is no text: the types are there
export const text: string = PAGE_SIZE
// @ts-expect-error nor is a figure
export const number: number = layout(mm)
// @ts-expect-error it resolves to a text
export const promise: Promise<number> = toSvg(layout(mm))
export const step = (given: Step, desc: vm_area_desc): number => desc.pgoff + given.text.length
`
  const strict = { strict: true, noEmit: true, skipLibCheck: false, target: 'es2022', types: [] }

  const compilers = {
    '5.0': '@tslab/typescript-for-tslab',
    '6.0': 'typescript',
    '7.0': 'typescript-7',
  }
  it.each<[keyof typeof compilers, string, object]>([
    ['5.0', 'node10', { module: 'commonjs' }],
    ['5.0', 'node', { module: 'esnext' }],
    ['6.0', 'bundler', { module: 'esnext' }],
    ['6.0', 'nodenext', { module: 'nodenext' }],
    ['7.0', 'bundler', { module: 'esnext' }],
    ['7.0', 'nodenext', { module: 'nodenext' }],
  ])('TypeScript %s, %s %j', (version, moduleResolution, more) => {
    const at = version === '5.0' ? createRequire(here.resolve('tslab')) : here
    const folder = dirname(at.resolve(`${compilers[version]}/package.json`))
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version).toMatch(version)
    const lib = ['es2022', 'dom']
    const compilerOptions = { ...strict, lib, moduleResolution, ...more }
    write('types/check.ts', typed)
    write('types/tsconfig.json', JSON.stringify({ compilerOptions, include: ['check.ts'] }))
    const { status, stdout } = node(join(folder, 'bin', 'tsc'), '-p', 'types')
    expect([stdout, status]).toEqual(['', 0])
  })
})

it('is there in plain tslab, with completion and documentation', () => {
  const script = write(
    'tslab.cjs',
    `const { createConverter } = require('tslab/dist/converter')
const { createExecutor } = require('tslab/dist/executor')
const converter = createConverter()
const said = []
const log = (...what) => said.push(...what)
const executor = createExecutor(process.cwd(), { node: converter, browser: converter, close() {} }, { log, error: log })
const cell = \`import { Mm, linux, layout } from 'vmalab'
import { toSvg } from 'vmalab/figures'
const mm = new Mm(linux('7.3'))
mm.mmap({ len: 4096, prot: 1, flags: 0x22 })
;(await toSvg(layout(mm))).slice(0, 4)\`
executor.execute(cell).then((ok) => {
  const { candidates } = executor.complete('mm.mm', 5)
  const info = executor.inspect('layout', 1)
  const documentation = info.documentation.map(({ text }) => text).join('')
  console.log(JSON.stringify({ ok, said, candidates, documentation }))
  process.exit(0)
})
`,
  )
  const { stdout, stderr } = node(script)
  expect(stderr).toBe('')
  const { ok, said, candidates, documentation } = JSON.parse(stdout)
  expect([ok, said]).toEqual([true, ['<svg']])
  expect(candidates).toContain('mmap')
  expect(documentation.length).toBeGreaterThan(20)
})

it('installs its kernel and runs a notebook by npx', () => {
  const { status, stdout } = run('npx', ['vmalab', 'install', '--prefix', 'prefix'])
  const spec = join(project, 'prefix', 'share', 'jupyter', 'kernels', 'vmalab')
  expect([status, stdout]).toEqual([0, `${spec}\n`])
  const env = { JUPYTER_PATH: join(project, 'prefix', 'share', 'jupyter') }
  const doctor = run('npx', ['vmalab', 'doctor'], env)
  expect([doctor.status, doctor.stdout]).toEqual([0, expect.stringContaining(`${spec} starts`)])
  cpSync(join(root, 'notebooks', 'hooks', 'mmap_prepare.ipynb'), join(project, 'a.ipynb'))
  const ran = run('npx', ['vmalab', 'run', 'a.ipynb', '--check'])
  expect([ran.status, ran.stdout]).toEqual([0, ''])
  expect(ran.stderr).toMatch(/a\.ipynb: \d+ cells/)
})
