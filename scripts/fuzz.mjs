// SPDX-License-Identifier: GPL-2.0-only
// npm run fuzz: random programs against the laws of the model, for as long as asked.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root, say } from './ready.mjs'

const help = `usage: npm run fuzz [-- --seconds N] [-- --release R] [-- --seed N]

Runs random programs (mappings with every kind of hook, moves, faults, forks, failures at every site) and checks every
law of the model after every call. The first law that is broken ends it: the smallest program that breaks the law is
printed, to be typed into a cell, and the exit status is 1.

  --seconds N   how long to look; default 60
  --release R   only this one, as linux() knows it; default: all in turn
  --seed N      where the random numbers begin; default: the time
`

/** So many programs are made from one seed. */
const BATCH = 500

function options(args) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      release: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      help: { type: 'boolean' },
    },
  })
  const count = (name) => {
    if (/^\d{1,10}$/.test(values[name])) return Number(values[name])
    throw new Error(`--${name} ${values[name]}: give a whole number`)
  }
  return { ...values, seconds: count('seconds'), seed: count('seed') | 0 }
}

/** The programs and the laws are TypeScript, beside the tests. */
async function load() {
  const { build } = await import('esbuild')
  const folder = mkdtempSync(join(tmpdir(), 'vmalab-fuzz-'))
  try {
    const outfile = join(folder, 'program.mjs')
    await build({
      entryPoints: [join(root, 'test/mm/fuzz/program.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      // What is bundled asks for Node's modules by require().
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
      },
      outfile,
      logLevel: 'error',
    })
    return await import(pathToFileURL(outfile))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Looks for a broken law until the time is up; its program is printed and the process ends with 1. */
export async function searchFor(args) {
  const { help: asked, seconds, release, seed } = options(args)
  if (asked) {
    process.stdout.write(help)
    return
  }
  const { RELEASES, runProgram, search, writeProgram } = await load()
  if (release !== undefined) runProgram(release, [])
  const releases = release === undefined ? RELEASES : [release]
  const end = Date.now() + seconds * 1000
  let [programs, told] = [0, 0]
  for (let batch = 0; batch === 0 || Date.now() < end; batch++) {
    const now = releases[batch % releases.length]
    const from = (seed + Math.floor(batch / releases.length)) | 0
    const found = search(now, BATCH, from)
    if (found) {
      process.stdout.write(`${writeProgram(now, found.calls, found.outcome)}\n`)
      say(`a law is broken; once more: npm run fuzz -- --release ${now} --seed ${from}`)
      process.exit(1)
    }
    programs += BATCH
    if (Date.now() - told < 2000) continue
    told = Date.now()
    say(
      `${programs} programs, no law broken; ${now}, ${Math.max(0, Math.round((end - told) / 1000))} s left`,
    )
  }
  say(`${programs} programs on ${releases.join(', ')}: no law broken (seed ${seed})`)
}
