// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { doctor, examine } from '../../src/cli/doctor.ts'
import type { Machine } from '../../src/cli/machine.ts'
import { captureOutput } from './captured.ts'

let captured = { out: '', err: '' }
beforeEach(() => {
  captured = captureOutput()
})
afterEach(() => vi.restoreAllMocks())

const spec = JSON.stringify({
  argv: ['/usr/bin/node', '--flag', '/p/bin/vmalab.mjs', 'kernel', '{connection_file}'],
})

/** What differs from a machine with a package and a Jupyter in which all is well. */
interface Difference {
  node?: string
  env?: Record<string, string>
  /** Files by path; null: not there. */
  files?: Record<string, string | null>
  /** When the newest file of a folder was changed. */
  times?: Record<string, number>
  /** What programs print; null: they do not run. */
  programs?: Record<string, string | null>
  refusal?: string
  checkout?: boolean
}

function machine(difference: Difference): Machine {
  const files: Record<string, string | null> = {
    '/p/package.json': '{"engines": {"node": ">=20.19"}}',
    '/usr/bin/node': '',
    '/p/bin/vmalab.mjs': '',
    '/h/.local/share/jupyter/kernels/vmalab/kernel.json': spec,
    ...(difference.checkout && { '/p/scripts/ready.mjs': '' }),
    ...difference.files,
  }
  const programs: Record<string, string | null> = {
    'python3 --version': 'Python 3.11.2',
    'python3 -c': '/venv',
    'jupyter --version':
      'Selected Jupyter core packages...\njupyterlab       : 4.4.1\nnotebook : not installed',
    '/usr/bin/chromium --version': 'Chromium 140',
    'cc --version': 'cc 12\nCopyright',
    'qemu-system-x86_64 --version': 'QEMU 7',
    ...difference.programs,
  }
  const times: Record<string, number> = { '/p/dist/.built': 2, '/p/src': 1, ...difference.times }
  return {
    node: difference.node ?? '20.20.1',
    root: '/p',
    env: difference.env ?? {},
    platform: 'linux',
    home: '/h',
    text: (path) => files[path] ?? undefined,
    exists: (path) => typeof files[path] === 'string',
    newest: (path) => times[path],
    output: (program, [first]) => programs[`${program} ${first}`] ?? undefined,
    refusal: () => Promise.resolve(difference.refusal),
  }
}

const home = '/h/.local/share/jupyter/kernels/vmalab'
const without = { [`${home}/kernel.json`]: null }

it.each<[what: string, difference: Difference, line: RegExp]>([
  ['Node', {}, /^Node ok 20\.20\.1$/],
  ['Node', { node: '22.0.0' }, /^Node ok/],
  ['Node', { node: '20.9.0' }, /^Node missing 20\.9\.0, older than 20\.19 -> install Node 20\.19/],
  ['zeromq', {}, /^zeromq ok/],
  ['zeromq', { refusal: 'No native build' }, /^zeromq missing No native build -> npm rebuild/],
  ['kernelspec', {}, /^kernelspec ok \/h\/.* starts \/p\/bin\/vmalab\.mjs$/],
  [
    'kernelspec',
    { files: without },
    /^kernelspec missing Jupyter finds none .* -> npx vmalab inst/,
  ],
  ['kernelspec', { files: without, checkout: true }, /-> node bin\/vmalab\.mjs install$/],
  [
    'kernelspec',
    { files: { '/p/bin/vmalab.mjs': null } },
    /missing .*starts \/p\/bin\/vmalab\.mjs, which is not/,
  ],
  [
    'kernelspec',
    { files: { '/usr/bin/node': null } },
    /missing .*starts \/usr\/bin\/node, which is not/,
  ],
  [
    'kernelspec',
    { files: { [`${home}/kernel.json`]: '{' } },
    /missing .* names no vmalab to start/,
  ],
  [
    'kernelspec',
    { files: { [`${home}/kernel.json`]: '{"argv": 1}' } },
    /missing .* names no vmalab/,
  ],
  [
    'kernelspec',
    { env: { JUPYTER_PATH: '/a:/b' }, files: { '/b/kernels/vmalab/kernel.json': spec } },
    /ok \/b\//,
  ],
  [
    'kernelspec',
    { files: { ...without, '/venv/share/jupyter/kernels/vmalab/kernel.json': spec } },
    /ok \/venv\//,
  ],
  [
    'kernelspec',
    { files: { ...without, '/usr/share/jupyter/kernels/vmalab/kernel.json': spec } },
    /ok \/usr\/share/,
  ],
  ['kernelspec', { env: { XDG_DATA_HOME: '/x' } }, /missing/],
  ['Python', {}, /^Python ok 3\.11\.2$/],
  [
    'Python',
    { programs: { 'python3 --version': null } },
    /^Python optional not found.* -> install Py/,
  ],
  [
    'Python',
    { programs: { 'python3 --version': 'Python 3.8.1' } },
    /^Python optional 3\.8\.1, older/,
  ],
  ['Jupyter', {}, /^Jupyter ok jupyterlab 4\.4\.1$/],
  [
    'Jupyter',
    { programs: { 'jupyter --version': null } },
    /^Jupyter optional .* -> python3 -m pip/,
  ],
  ['compiled', { checkout: true }, /^compiled ok/],
  [
    'compiled',
    { checkout: true, times: { '/p/src': 3 } },
    /^compiled missing .*changed.* -> npm run/,
  ],
  ['Chromium', { checkout: true }, /^Chromium ok Chromium 140$/],
  ['Chromium', { checkout: true, env: { CHROMIUM: '/c' } }, /^Chromium optional \/c does not run/],
  ['C compiler', { checkout: true }, /^C compiler ok cc 12$/],
  [
    'QEMU',
    { checkout: true, programs: { 'qemu-system-x86_64 --version': null } },
    /^QEMU optional .* -> apt-get/,
  ],
])('%s with %j', async (what, difference, line) => {
  const found = (await examine(machine(difference))).find(({ name }) => name === what)
  const { name, state, found: told, mend } = found ?? {}
  expect(`${name} ${state} ${told}${mend ? ` -> ${mend}` : ''}`).toMatch(line)
})

it('a package is not asked for what only a checkout needs', async () => {
  const names = (await examine(machine({}))).map(({ name }) => name)
  expect(names).toEqual(['Node', 'zeromq', 'kernelspec', 'Python', 'Jupyter'])
})

it.each<[Difference, string[], number, RegExp]>([
  [{}, [], 0, /^ok {8}Node[\s\S]*\nnothing that vmalab needs is missing\n$/],
  [{ programs: { 'jupyter --version': null } }, [], 0, /\noptional {2}Jupyter/],
  [{ node: '18.0.0' }, [], 1, /^missing {3}Node .*\n +-> install Node[\s\S]*\n1 missing\n$/],
  [{ node: '18.0.0' }, ['--json'], 1, /^\[\n {2}\{\n {4}"name": "Node",\n {4}"state": "missing"/],
])('with %j, %j ends with status %i', async (difference, args, status, out) => {
  expect(await doctor(args, machine(difference))).toBe(status)
  expect(captured.out).toMatch(out)
})
