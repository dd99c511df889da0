// SPDX-License-Identifier: GPL-2.0-only
// A Python environment inside the checkout: .venv, made when it is needed.
// Alone: node scripts/python.mjs PACKAGE...   makes it with these packages and prints its python.
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run, say } from './ready.mjs'

const folder = join(root, '.venv')
const windows = process.platform === 'win32'

/** A program of the environment, whether it is there or not. */
export function inVenv(name) {
  return windows ? join(folder, 'Scripts', `${name}.exe`) : join(folder, 'bin', name)
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** The system's Python, able to make an environment. Throws an Error that says what to install. */
function systemPython() {
  const isNew = 'import sys; sys.exit(sys.version_info < (3, 9))'
  const found = ['python3', 'python'].filter((name) => succeeds(name, ['-c', '']))
  if (found.length === 0)
    throw new Error(
      `Python is missing: install Python 3.9 or newer (Debian, Ubuntu: apt-get install python3 python3-venv; elsewhere: https://www.python.org/downloads/) and try again`,
    )
  const python = found.find((name) => succeeds(name, ['-c', isNew]))
  if (!python) throw new Error(`${found[0]} is older than Python 3.9: install a newer one`)
  if (!succeeds(python, ['-c', 'import venv, ensurepip']))
    throw new Error(
      `${python} cannot make an environment: its modules venv and ensurepip are missing (Debian, Ubuntu: apt-get install python3-venv)`,
    )
  return python
}

/** Makes .venv with these packages when it lacks one of them; shows progress on stderr. Throws when it cannot. */
export function ensurePython(packages) {
  const python = inVenv('python')
  const modules = packages.map((name) => name.replace(/[-.]/g, '_')).join(', ')
  if (succeeds(python, ['-c', `import ${modules}`])) return
  if (!succeeds(python, ['-m', 'pip', '--version']))
    run(systemPython(), ['-m', 'venv', '--clear', folder], {
      what: existsSync(folder) ? 'making .venv anew' : 'making .venv',
    })
  // Without a cache: nothing is left outside this folder.
  run(
    python,
    ['-m', 'pip', 'install', '--no-cache-dir', '--disable-pip-version-check'].concat(packages),
    { what: `installing ${packages.join(', ')} into .venv (a minute or two)` },
  )
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    ensurePython(process.argv.slice(2))
    process.stdout.write(`${inVenv('python')}\n`)
  } catch (error) {
    say(error.message)
    process.exit(1)
  }
}
