// SPDX-License-Identifier: GPL-2.0-only
// The kernel through Jupyter's own client, from an empty folder; and `npm run jupyter`. One file: it sets up .venv.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FIGURE_MIME } from '../../src/literate/index.ts'
import {
  type Cell,
  type Executed,
  freePort,
  type Output,
  openScratch,
  root,
  type Scratch,
} from './scratch.ts'

let scratch: Scratch
beforeAll(() => {
  scratch = openScratch()
})
afterAll(() => scratch?.remove())

const files = readdirSync(join(root, 'notebooks'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ipynb') && !file.includes('.ipynb_checkpoints'))
  .sort()

it('there are notebooks', () => expect(files.length).toBeGreaterThan(1))

describe('the notebooks', () => {
  const paths = files.map((file) => join(root, 'notebooks', file))
  let all: Executed[] = []
  beforeAll(async () => {
    all = await scratch.execute(paths)
  })

  it.each(files)('%s gives what is stored in it', (file) => {
    const at = files.indexOf(file)
    const stored: Cell[] = JSON.parse(readFileSync(paths[at] ?? '', 'utf8')).cells.filter(
      (cell: { cell_type: string }) => cell.cell_type === 'code',
    )
    expect(all[at]?.error).toBe(null)
    expect(all[at]?.cells.map(outcome)).toEqual(stored.map(outcome))
  })
})

it('260 cells, each with its output', async () => {
  const cells = Array.from({ length: 260 }, (_, i) => `console.log("line ${i}"); ${i}`)
  const [done] = await scratch.execute([scratch.write('long', cells)])
  expect(done?.error).toBe(null)
  expect(done?.cells.map(({ outputs }) => outputs.map(plain))).toEqual(
    cells.map((_, i) => [`line ${i}\n`, `${i}`]),
  )
  expect(done?.cells.map((cell) => cell.execution_count)).toEqual(cells.map((_, i) => i + 1))
})

it('3,000 lines, whole', async () => {
  const cells = ['for (let i = 0; i < 3000; i++) console.log(i)', '"after"']
  const [done] = await scratch.execute([scratch.write('lines', cells)])
  expect(done?.error).toBe(null)
  expect(done?.cells[0]?.outputs.map(plain).join('')).toBe(
    Array.from({ length: 3000 }, (_, i) => `${i}\n`).join(''),
  )
  expect(done?.cells[1]?.outputs.map(plain)).toEqual(["'after'"])
})

it.each([
  [
    'an error',
    'throw new RangeError("too far")',
    /CellExecutionError[\s\S]*RangeError: too far\n {4}at cell 2, line 1/,
  ],
  ['a type error', 'const n: number = "x"', /CellExecutionError[\s\S]*TS2322: Type 'string'/],
])('%s stops the notebook and is told', async (_name, code, error) => {
  const [done] = await scratch.execute([
    scratch.write('error', ['1', code, 'console.log("not run")']),
  ])
  expect(done?.error).toMatch(error)
  expect(done?.cells[2]?.execution_count).toBe(null)
})

it('a cell that does not end is interrupted, and the next one has what was there', async () => {
  const cells = ['let kept = 1', 'kept = 2; for (;;) await null', 'for (;;) {}', 'kept']
  const [done] = await scratch.execute([scratch.write('loops', cells, ['raises-exception'])], {
    timeout: 6,
    interrupt: true,
  })
  expect(done?.cells.map(({ outputs }) => outputs.map((one) => one.ename ?? plain(one)))).toEqual([
    [],
    ['Interrupted'],
    ['Interrupted'],
    ['2'],
  ])
})

it('npm run jupyter serves notebooks/ and the kernel, and leaves the home folder alone', async () => {
  const port = await freePort()
  const home = mkdtempSync(join(tmpdir(), 'vmalab-home-'))
  const child = spawn(
    process.execPath,
    [
      join(root, 'scripts', 'task.mjs'),
      'jupyter',
      '--no-browser',
      '--port',
      String(port),
      '--IdentityProvider.token=t',
    ],
    { env: { ...process.env, HOME: home }, stdio: ['ignore', 'inherit', 'pipe'] },
  )
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let log = ''
  child.stderr.on('data', (text) => {
    log += text
  })
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/${path}?token=t`).catch(() => null)
    return answer?.ok ? answer.json() : null
  }
  try {
    while (!(await ask('status'))) {
      expect(child.exitCode, log).toBe(null)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    const { kernelspecs } = await ask('kernelspecs')
    expect(kernelspecs.vmalab.spec).toMatchObject({ language: 'typescript' })
    expect(kernelspecs.vmalab.resources).toHaveProperty('logo-svg')
    const { content } = await ask('contents')
    expect(content.map(({ name }: { name: string }) => name)).toContain('index.ipynb')
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  expect(readdirSync(home)).toEqual([])
  rmSync(home, { recursive: true })
})

it('says what to install when there is no Python', () => {
  const empty = join(scratch.folder, 'no-python')
  mkdirSync(join(empty, 'scripts'), { recursive: true })
  for (const name of ['python.mjs', 'ready.mjs'])
    copyFileSync(join(root, 'scripts', name), join(empty, 'scripts', name))
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(empty, 'scripts', 'python.mjs'), 'nbclient'],
    { encoding: 'utf8', env: { PATH: empty } },
  )
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /Python is missing: install Python 3\.9 or newer .*apt-get install python3/,
  )
})

/** What a cell gave, without what only the kernel sends. A volatile cell's outputs are not compared, but errors are. */
function outcome({ outputs, metadata, execution_count }: Cell): unknown {
  const volatile = metadata.tags?.includes('volatile')
  const compared = volatile ? outputs.filter(({ ename }) => ename !== undefined) : joined(outputs)
  return [execution_count, compared.map(withoutFigure)]
}

function withoutFigure({ data, ...rest }: Output): unknown {
  const forms = Object.entries(data ?? {}).filter(([mime]) => mime !== FIGURE_MIME)
  const text = (value: unknown) => (Array.isArray(value) ? value.join('') : value)
  return {
    ...rest,
    text: text(rest.text),
    data: forms.map(([mime, one]) => [mime, text(one)]).sort(),
  }
}

/** A long stream may come in several messages. */
function joined(outputs: Output[]): Output[] {
  const all: Output[] = []
  for (const { text, ...output } of outputs) {
    const said = Array.isArray(text) ? text.join('') : text
    const last = all.at(-1)
    if (last?.output_type === 'stream' && last.name === output.name) last.text += said ?? ''
    else all.push(said === undefined ? { ...output } : { ...output, text: said })
  }
  return all
}

function plain({ text, data }: Output): string {
  return String(text ?? data?.['text/plain'])
}
