// SPDX-License-Identifier: GPL-2.0-only
// Completes package-lock.json. A registry that lacks some platforms' builds of a package makes
// `npm install` leave them out of the lock, and `npm ci` then refuses it ("Missing: NAME from lock
// file"). Run this after every change of the dependencies: node scripts/lock.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ready.mjs'

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const processors = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
]
const libraries = { musl: 'musl', gnu: 'glibc' }

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))

/** Is `name` found from the package at `from`, as Node would look it up? */
function isLocked(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
    if (!at) return false
  }
}

function platformOf(name) {
  const words = name.split(/[/-]/)
  const pick = (known) => known.find((one) => words.includes(one))
  const [os, cpu, libc] = [pick(systems), pick(processors), pick(Object.keys(libraries))]
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(libc && { libc: [libraries[libc]] }),
    ...(os && { os: [os] }),
  }
}

let added = 0
for (const [key, from] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(from.optionalDependencies ?? {})) {
    if (!/^\d/.test(range) || isLocked(key, name)) continue
    lock.packages[`node_modules/${name}`] = {
      version: range,
      ...(from.dev && { dev: true }),
      optional: true,
      ...platformOf(name),
      ...(from.engines && { engines: from.engines }),
    }
    added++
  }
}
const { '': top, ...rest } = lock.packages
lock.packages = {
  '': top,
  ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))),
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} added`)
