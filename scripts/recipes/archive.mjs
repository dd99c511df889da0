// SPDX-License-Identifier: GPL-2.0-only
// Kernels to compile and boot against: chosen among what this machine's own Debian mirror has, unpacked into a cache
// outside the repository. Nothing is installed and apt's own state is not touched.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Where kernels are kept: a fixed path, since the unpacked tools name it. */
export const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'vmalab',
  'kernels',
)

/** Nothing suitable can be had: the check is skipped, never passed. */
export class Unavailable extends Error {
  name = 'Unavailable'
}

/** The kernels that matter to a recipe, newest first of each; `image` says whether it is booted too. */
export const wanted = [
  { role: 'newest', what: 'the newest 7.x', image: true, fits: ([major]) => major === 7 },
  {
    role: 'overwriting',
    what: 'the newest 7.x before 7.2.10',
    image: false,
    fits: (v) => v[0] === 7 && compareVersions(v, [7, 2, 10]) < 0,
    optional: true,
  },
  {
    role: 'legacy',
    what: 'the newest 6.12',
    image: true,
    fits: ([major, minor]) => major === 6 && minor === 12,
  },
]

/** `7.3.4+deb13` as numbers: [7, 3, 4]. */
export function versionNumbers(version) {
  return version.split('+')[0].split('.').map(Number)
}

/** Negative where `a` is older than `b`; both as numbers. */
export function compareVersions(a, b) {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The package of a bootable image of `version`; the signed one may lag by days, and either boots. */
export function imagePackage(names, version) {
  return [
    `linux-binary-${version}-cloud-amd64`,
    `linux-binary-unsigned-${version}-cloud-amd64`,
    `linux-image-${version}-cloud-amd64`,
    `linux-image-${version}-cloud-amd64-unsigned`,
  ].find((name) => names.has(name))
}

/**
 * The newest version among the package `names` that `want` accepts and that can be built (and booted) with; or
 * undefined.
 */
export function choose(names, want) {
  const versions = [...names]
    .flatMap((name) => /^linux-headers-(\d+\.\d+\.\d+\+deb\d+)-common$/.exec(name)?.[1] ?? [])
    .filter((version) => want.fits(versionNumbers(version)))
    .filter(
      (version) =>
        names.has(`linux-headers-${version}-cloud-amd64`) &&
        names.has(`linux-kbuild-${version}`) &&
        (!want.image || imagePackage(names, version)),
    )
  return versions.sort((a, b) => compareVersions(versionNumbers(b), versionNumbers(a)))[0]
}

/** An apt of its own: its lists and downloads are below `state`, its sources are what `suites` says. */
class Apt {
  constructor(state) {
    this.state = state
    this.options = [
      `Dir::Etc::SourceList=${join(state, 'sources.list')}`,
      'Dir::Etc::SourceParts=/dev/null',
      `Dir::State::Lists=${join(state, 'lists')}`,
      `Dir::Cache=${join(state, 'cache')}`,
      `APT::Sandbox::User=${process.getuid?.() === 0 ? 'root' : ''}`,
      'Acquire::Languages=none',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    ].flatMap((option) => ['-o', option])
  }

  async update(suites) {
    await mkdir(join(this.state, 'lists/partial'), { recursive: true })
    await mkdir(join(this.state, 'cache/archives/partial'), { recursive: true })
    const lines = suites.map(
      ({ uri, suite }) => `deb [${signedBy()}arch=amd64] ${uri} ${suite} main`,
    )
    await writeFile(join(this.state, 'sources.list'), `${lines.join('\n')}\n`)
    await exec('apt-get', ['-qq', ...this.options, '--error-on=any', 'update'])
  }

  async names() {
    const { stdout } = await exec('apt-cache', [...this.options, 'pkgnames', 'linux-'])
    return new Set(stdout.split('\n'))
  }

  async codename() {
    const { stdout } = await targets(this.options)
    return stdout.trim().split('\n')[0]?.split(' ')[2]
  }

  download(packages, folder) {
    return exec('apt-get', ['-qq', ...this.options, 'download', ...packages], { cwd: folder })
  }
}

function targets(options) {
  return exec('apt-get', [
    ...options,
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(CODENAME)',
    'Created-By: Packages',
  ])
}

function signedBy() {
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return existsSync(key) ? `signed-by=${key} ` : ''
}

/** The Debian suites this machine is configured for: [{uri, suite}]. */
async function ownSuites() {
  let stdout
  try {
    ;({ stdout } = await targets([]))
  } catch {
    throw new Unavailable('there is no apt here: the kernels come as Debian packages')
  }
  const rows = stdout.split('\n').flatMap((line) => {
    const [uri, suite, codename] = line.split(' ')
    return codename && /^(?:[a-z]+)(?:-security|-updates|-backports)?$/.test(suite)
      ? [{ uri, suite }]
      : []
  })
  const isDebian = /\bdebian(?:-security)?\/?$/
  const suites = rows.filter(({ uri }) => isDebian.test(uri))
  if (suites.length === 0)
    throw new Unavailable("this machine's apt is configured for no Debian mirror")
  return suites
}

/** Asks the mirror what there is; the suites of today's stable Debian come beside this machine's own. */
async function askMirror() {
  const suites = await ownSuites()
  const main = suites.find(({ suite }) => !suite.includes('-')) ?? suites[0]
  const apt = new Apt(join(cache, 'apt'))
  // The alias may be served stale: it only tells the codename.
  const alias = new Apt(join(cache, 'apt-alias'))
  await alias.update([{ uri: main.uri, suite: 'stable' }])
  const stable = await alias.codename()
  await apt.update([
    ...suites.filter(({ suite }) => suite.endsWith('-security')),
    { uri: main.uri, suite: stable },
    { uri: main.uri, suite: `${stable}-backports` },
  ])
  return apt
}

/**
 * The kernels to work with, unpacked: [{role, version, numbers, folder, headers, image?}]. A kernel that the mirror
 * no longer has comes from the cache.
 *
 * @param say takes one line of progress
 * @throws Unavailable where not even the cache has what is needed
 */
export async function kernels(say) {
  if (process.arch !== 'x64' || process.platform !== 'linux')
    throw new Unavailable(
      `the modules are built for Linux on x86-64, this is ${process.platform} ${process.arch}`,
    )
  await mkdir(cache, { recursive: true })
  let apt
  let names
  let mirror = 'on the mirror'
  try {
    say('asking the mirror for its kernels')
    apt = await askMirror()
    names = await apt.names()
  } catch (error) {
    mirror += ` (${firstLine(error)})`
    say(`the mirror gave nothing (${firstLine(error)}): looking into ${cache}`)
  }
  const found = []
  for (const want of wanted) {
    const version = (names && choose(names, want)) ?? (await cached(want))
    if (version) found.push(await unpacked(apt, names, want, version, say))
    else if (!want.optional)
      throw new Unavailable(
        `${want.what} with headers and image is neither ${mirror} nor in ${cache}`,
      )
    else say(`${want.what}: none to be had`)
  }
  return found
}

function firstLine(error) {
  return String(error?.stderr || error?.message || error)
    .trim()
    .split('\n')[0]
}

/** The newest kernel in the cache that `want` accepts. */
async function cached(want) {
  const versions = []
  for (const version of await readdir(cache)) {
    if (!existsSync(join(cache, version, 'ready.json'))) continue
    const { image } = JSON.parse(await readFile(join(cache, version, 'ready.json'), 'utf8'))
    if (want.fits(versionNumbers(version)) && (image || !want.image)) versions.push(version)
  }
  return versions.sort((a, b) => compareVersions(versionNumbers(b), versionNumbers(a)))[0]
}

async function unpacked(apt, names, want, version, say) {
  const folder = join(cache, version)
  const ready = join(folder, 'ready.json')
  if (!existsSync(ready)) {
    if (!apt)
      throw new Unavailable(`${version} is not in ${cache} and the mirror cannot be reached`)
    say(`fetching Linux ${version}`)
    await rm(folder, { recursive: true, force: true })
    await fetchInto(folder, apt, names, want, version)
    await writeFile(ready, JSON.stringify({ image: want.image }))
  }
  const headers = join(folder, 'root/usr/src', `linux-headers-${version}-cloud-amd64`)
  return {
    ...want,
    version,
    numbers: versionNumbers(version),
    folder,
    headers,
    image: await imageOf(folder),
  }
}

async function imageOf(folder) {
  for (const place of ['root/boot', 'root/usr/lib/modules', 'root/lib/modules']) {
    if (!existsSync(join(folder, place))) continue
    const files = await readdir(join(folder, place), { recursive: true })
    const image = files.find((file) => /(^|\/)vmlinuz[^/]*$/.test(file))
    if (image) return join(folder, place, image)
  }
  return undefined
}

async function fetchInto(folder, apt, names, want, version) {
  const debs = join(folder, 'debs')
  const root = join(folder, 'root')
  await mkdir(debs, { recursive: true })
  await mkdir(root, { recursive: true })
  const packages = [
    `linux-headers-${version}-common`,
    `linux-headers-${version}-cloud-amd64`,
    `linux-kbuild-${version}`,
    ...(want.image ? [imagePackage(names, version)] : []),
  ]
  await apt.download(packages, debs)
  await unpackInto(debs, root)
  await relocate(root, version)
  if (!runsHere(root, version)) {
    await apt.download(['libc6', 'libelf1t64', 'libssl3t64', 'zlib1g', 'libzstd1'], debs)
    await unpackInto(debs, root)
    await runThroughOwnLoader(root, version)
  }
  await rm(debs, { recursive: true })
}

async function unpackInto(debs, root) {
  for (const deb of await readdir(debs)) {
    await exec('dpkg-deb', ['-x', join(debs, deb), root])
    await rm(join(debs, deb))
  }
}

/** The headers' Makefile names /usr/src. */
async function relocate(root, version) {
  const headers = join(root, 'usr/src', `linux-headers-${version}-cloud-amd64`)
  const makefile = join(headers, 'Makefile')
  const text = await readFile(makefile, 'utf8')
  await writeFile(makefile, text.replaceAll('/usr/src', join(root, 'usr/src')))
  // The links to kbuild's scripts and tools are relative in some releases and absolute in others.
  const common = join(root, 'usr/src', `linux-headers-${version}-common`)
  for (const place of [headers, common])
    for (const name of ['scripts', 'tools'])
      if (!existsSync(join(place, name))) {
        await rm(join(place, name), { force: true })
        await symlink(join(root, 'usr/lib', `linux-kbuild-${version}`, name), join(place, name))
      }
}

/** The programs of kbuild that a module needs. */
function programs(root, version) {
  const kbuild = join(root, 'usr/lib', `linux-kbuild-${version}`)
  return [
    ['scripts/mod/modpost', 'scripts/mod/modpost.real-lsb-64'],
    ['tools/objtool/objtool', 'tools/objtool/objtool.real-x86'],
  ].map(([name, real]) => [join(kbuild, name), join(kbuild, real)])
}

function runsHere(root, version) {
  return programs(root, version).every(([, real]) => {
    const { stderr, error } = spawnSync(real, ['--help'], { encoding: 'utf8' })
    return !error && !/GLIBC_|error while loading/.test(stderr)
  })
}

/** Programs that want a newer libc than this machine's run through the loader of the unpacked one. */
async function runThroughOwnLoader(root, version) {
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  const loader = join(libraries, 'ld-linux-x86-64.so.2')
  for (const [name, real] of programs(root, version)) {
    const wrapper = `#!/bin/sh\nexec ${loader} --library-path ${libraries} ${real} "$@"\n`
    await writeFile(`${name}.wrapper`, wrapper)
    await chmod(`${name}.wrapper`, 0o755)
    await rename(`${name}.wrapper`, name)
  }
}
