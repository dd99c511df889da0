// SPDX-License-Identifier: GPL-2.0-only
// The package's scripts: node scripts/task.mjs NAME [options]
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, ensureBuilt, ensureInstalled, root, run, runTool, say } from './ready.mjs'

const siteEnvironment = {
  NO_UPDATE_NOTIFIER: '1',
  NODE_ENV: 'production',
}

/** Runs a `vmalab` command of the checkout; its exit status ends this process when it is not 0. */
function vmalab(args, what, v8 = []) {
  run(process.execPath, [...v8, join(root, 'bin', 'vmalab.mjs'), ...args], { what })
}

/** The options of `npm run build`: where the site will be served, and where it is written. */
function siteOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      'base-url': { type: 'string' },
      out: { type: 'string', default: 'build' },
    },
  })
  const base = values['base-url']
  if (base !== undefined && !/^\/(.*\/)?$/.test(base))
    throw new Error(`--base-url ${base}: it begins and ends with a slash, such as /vmalab/`)
  if (values.url !== undefined && !/^https?:\/\/[^/]+$/.test(values.url))
    throw new Error(`--url ${values.url}: it is a host's address, such as https://example.org`)
  return {
    out: values.out,
    env: {
      ...siteEnvironment,
      ...(base !== undefined && { VMALAB_SITE_BASE: base }),
      ...(values.url !== undefined && { VMALAB_SITE_URL: values.url }),
    },
  }
}

async function buildSite(args) {
  const { out, env } = siteOptions(args)
  ensureInstalled()
  build()
  // A page's cells are many short programs: V8's helper threads collect and compile half as much again, and gain no time.
  vmalab(['pages', '--out', '.live/pages'], "running every page's cells", ['--single-threaded'])
  runTool('@docusaurus/core/bin/docusaurus.mjs', ['build', '--out-dir', out], {
    what: 'building the site',
    env,
  })
  const { writeOffline } = await import('../dist/site/node/offline.js')
  await writeOffline(join(root, 'src/site'), resolve(root, out))
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** The port asked for, or the first free one from 3000 on. */
async function choosePort(asked) {
  if (asked === undefined) {
    for (let port = 3000; port < 3100; port++) if (await isFree(port)) return port
    throw new Error('no port between 3000 and 3099 is free; name one: npm start -- --port N')
  }
  if (!/^\d+$/.test(asked) || Number(asked) < 1 || Number(asked) > 65535)
    throw new Error(`--port ${asked}: a port is a whole number from 1 to 65535`)
  if (await isFree(Number(asked))) return Number(asked)
  throw new Error(`port ${asked} is in use; name another: npm start -- --port ${Number(asked) + 1}`)
}

function openBrowser(address) {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform
  ] ?? ['xdg-open']
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

async function start(args) {
  const { values } = parseArgs({
    args,
    options: { port: { type: 'string' }, open: { type: 'boolean', default: true } },
    allowNegative: true,
  })
  const port = await choosePort(values.port)
  await buildSite([])
  const server = spawn(
    process.execPath,
    [join(root, 'node_modules/@docusaurus/core/bin/docusaurus.mjs')].concat([
      'serve',
      '--no-open',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ]),
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...siteEnvironment },
    },
  )
  server.on('exit', (status) => process.exit(status ?? 1))
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
  const address = `http://127.0.0.1:${port}/`
  while (!(await fetch(address).catch(() => null))?.ok) await new Promise((r) => setTimeout(r, 100))
  console.log(`vmalab is served at ${address} (Ctrl-C stops it)`)
  if (values.open) openBrowser(address)
}

function test(args) {
  ensureBuilt()
  // The browser's and the Python client's tests need what only Linux distributions have: they run when named.
  const projects = args.includes('--project')
    ? []
    : ['unit', 'pages', 'kernel'].flatMap((name) => ['--project', name])
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...projects, ...args],
    { cwd: root, stdio: 'inherit' },
  )
  process.exit(status ?? 1)
}

function check() {
  ensureInstalled()
  runTool('@biomejs/biome/bin/biome', ['check', '.'], { what: 'format and lint' })
  build({ tests: true })
}

function notebooks(args) {
  ensureBuilt()
  vmalab(['notebooks', ...args], 'notebooks')
}

/** The scripts that write a file from the sources, each before those that read what it writes. */
const derivations = {
  'errnos.mjs': 'the reasons of every errno',
  'functions.mjs': 'the page on kernel functions',
  'contributing.mjs': 'the page on contributing',
  'api.mjs': 'the pages on the API',
  'commands.mjs': 'the page on commands',
  'fidelity.mjs': 'the page on fidelity',
  'recipe_pages.mjs': 'the pages of the recipes',
  'readme.mjs': 'the figure of the README',
  'social.mjs': 'the picture that a link to the site is shown with',
}

/** Writes all that is made from the sources and the pages, the notebooks last; `--check` says all that differs. */
function derived(args) {
  ensureBuilt()
  const differing = Object.entries(derivations).filter(([script, what]) => {
    say(`${what} ...`)
    const command = [join(root, 'scripts', script), ...args]
    return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status !== 0
  })
  notebooks(args)
  if (differing.length > 0)
    throw new Error(`not done: ${differing.map(([, what]) => what).join(', ')}`)
}

/** The hooks' pages for the kernel's documentation; `--check` lets Sphinx and docutils read them. */
async function rst(args) {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean' } } })
  ensureBuilt()
  const out = join(root, 'rst')
  vmalab(['rst', '--out', out], 'the pages as reStructuredText')
  if (!values.check) return
  const { ensurePython, inVenv } = await import('./python.mjs')
  ensurePython(['sphinx'])
  const html = join(root, 'rst', 'html')
  const settings = ['-D', 'project=mmap', '-D', 'exclude_patterns=mmap_porting.rst,html']
  run(inVenv('sphinx-build'), ['-W', '-q', '-E', '-C', ...settings, out, html], {
    what: 'Sphinx, with warnings as errors',
  })
  // The entry begins with the rule that parts it from the one before.
  const entry = join(html, 'porting.rst')
  writeFileSync(entry, `An entry.\n\n${readFileSync(join(out, 'mmap_porting.rst'), 'utf8')}`)
  run(inVenv('docutils'), ['--halt=info', '--writer=null', entry], { what: 'docutils' })
}

function bench(args) {
  ensureBuilt()
  const { status } = spawnSync(process.execPath, [join(root, 'bin/vmalab.mjs'), 'bench', ...args], {
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}

async function fuzz(args) {
  ensureInstalled()
  const { searchFor } = await import('./fuzz.mjs')
  await searchFor(args)
}

async function benchTheKernel(args) {
  ensureBuilt()
  const { benchKernel } = await import('./bench_kernel.mjs')
  await benchKernel(args)
}

async function jupyter(args) {
  ensureBuilt()
  const { openJupyter } = await import('./jupyter.mjs')
  await openJupyter(args)
}

async function measurePages(args) {
  ensureInstalled()
  const { lighthouse } = await import('./lighthouse.mjs')
  await lighthouse(args)
}

/** Every link of the built site to another host, with the pages that hold it. */
async function links(args) {
  parseArgs({ args, options: {} })
  ensureBuilt()
  const { externalLinks } = await import('../dist/site/node/links.js')
  for (const [link, pages] of await externalLinks(join(root, 'build')))
    console.log(`${link}  ${pages.join(' ')}`)
}

const tasks = {
  start,
  test,
  fuzz,
  check,
  build: buildSite,
  lighthouse: measurePages,
  links,
  bench,
  'bench:kernel': benchTheKernel,
  notebooks,
  derived,
  rst,
  jupyter,
}
const help = `npm start [-- --port N] [-- --no-open]   build everything and serve the site on 127.0.0.1
npm test [-- VITEST-OPTIONS]              run the tests (vitest's options; file names select)
npm run test:browser                      drive the built site in Chromium (after npm run build)
npm run test:jupyter                      run the notebooks through a Python client
npm run fuzz [-- --seconds N]             random programs against the model's laws (--help tells more)
npm run check                             format, lint, types
npm run build [-- --base-url /PATH/]      build the site into build/ (or --out DIR), for that path of a host (--url URL)
npm run links                             list the links of build/ to other hosts, with their pages
npm run lighthouse [-- --json]            measure the pages of build/ with Lighthouse
npm run bench [-- --json]                 measure the model beside the running kernel
npm run bench:kernel [-- --json]          measure the Jupyter kernel's start beside plain tslab
npm run notebooks [-- --check]            write notebooks/ from docs/ (or say where they differ)
npm run derived [-- --check]              write all that is made from sources and pages (or say what differs)
npm run rst [-- --check]                  write the hooks' pages for the kernel's documentation
npm run jupyter [-- JUPYTERLAB-OPTIONS]   open JupyterLab on notebooks/ with the vmalab kernel
`

/** These tell of their own options. */
const helpful = ['fuzz', 'lighthouse', 'bench', 'bench:kernel', 'notebooks']

const [name, ...args] = process.argv.slice(2)
try {
  if (!Object.hasOwn(tasks, name ?? '') || (args.includes('--help') && !helpful.includes(name))) {
    process.stdout.write(help)
    process.exit(Object.hasOwn(tasks, name ?? '') ? 0 : 2)
  }
  if (!existsSync(join(root, 'package-lock.json')))
    throw new Error('package-lock.json is missing: clone the repository again')
  await tasks[name](args)
} catch (error) {
  say(error.message)
  process.exit(1)
}
