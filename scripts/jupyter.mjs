// SPDX-License-Identifier: GPL-2.0-only
// JupyterLab on notebooks/ with the vmalab kernel, everything it writes kept in .jupyter/.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ensurePython, inVenv } from './python.mjs'
import { root, run, say } from './ready.mjs'

const home = join(root, '.jupyter')
const notebooks = join(root, 'notebooks')

/** Jupyter's folders, all inside the checkout. */
function environment() {
  const paths = [join(home, 'share', 'jupyter'), process.env.JUPYTER_PATH].filter(Boolean)
  return {
    ...process.env,
    JUPYTER_PATH: paths.join(delimiter),
    JUPYTER_CONFIG_DIR: join(home, 'config'),
    JUPYTER_DATA_DIR: join(home, 'data'),
    JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
    IPYTHONDIR: join(home, 'ipython'),
    // One of its extensions asks npm for its folders, and npm keeps a log.
    npm_config_cache: join(home, 'npm'),
    // Their byte code would be left in a Jupyter that is not ours.
    PYTHONDONTWRITEBYTECODE: '1',
  }
}

/** Our defaults: JupyterLab asks nobody for news or updates. What the user sets wins. */
function writeDefaults() {
  const folder = join(home, 'config', 'labconfig')
  const notification = { fetchNews: 'false', checkForUpdates: false }
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'default_setting_overrides.json'),
    `${JSON.stringify({ '@jupyterlab/apputils-extension:notification': notification }, null, 2)}\n`,
  )
}

/** The `jupyter` to use: the one on PATH when it has JupyterLab, else one in .venv, made if need be. */
function findJupyter(env) {
  const hasLab = (command) =>
    spawnSync(command, ['lab', '--version'], { stdio: 'ignore', env }).status === 0
  if (hasLab('jupyter')) return 'jupyter'
  const own = inVenv('jupyter')
  if (existsSync(own) && hasLab(own)) return own
  say('there is no `jupyter lab` on PATH')
  ensurePython(['jupyterlab'])
  return own
}

/** Opens JupyterLab on notebooks/ and waits for its end; `args` go to `jupyter lab`. */
export async function openJupyter(args) {
  const env = environment()
  writeDefaults()
  const jupyter = findJupyter(env)
  run(process.execPath, [join(root, 'bin', 'vmalab.mjs'), 'install', '--prefix', home])
  // The figures in our own notebooks are shown at once, not only after they ran.
  const ours = readdirSync(notebooks, { recursive: true })
    .filter((name) => name.endsWith('.ipynb') && !name.includes('.ipynb_checkpoints'))
    .map((name) => join(notebooks, name))
  spawnSync(jupyter, ['trust', ...ours], { env, stdio: 'ignore' })

  const options = [
    `--ServerApp.root_dir=${notebooks}`,
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
  ]
  say('opening JupyterLab (Ctrl-C stops it)')
  const lab = spawn(jupyter, ['lab', ...options, ...args], { cwd: root, env, stdio: 'inherit' })
  // The terminal sends Ctrl-C to JupyterLab too, which asks back.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => lab.kill('SIGTERM'))
  const status = await new Promise((resolve, reject) => {
    lab.once('error', reject)
    lab.once('exit', resolve)
  })
  process.exit(status ?? 1)
}
