// SPDX-License-Identifier: GPL-2.0-only
// Lighthouse over one page of each kind of the built site: node scripts/lighthouse.mjs [--json] [PAGE...]
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { npmCommand, root, say } from './ready.mjs'

const kinds = [
  '/',
  '/hooks/mmap_prepare',
  '/internals/merging',
  '/recipes/dev_mem',
  '/converting',
  '/reference/cli',
]
/** What is asked of every page: scores of 100, and the bytes that its first load may cost. */
const goals = {
  desktop: { performance: 98, accessibility: 100, 'best-practices': 100, seo: 100 },
  mobile: { performance: 90 },
}
const byteGoal = 260 * 1024

const help = `usage: npm run lighthouse [-- --json] [-- PAGE...]

Measures pages of build/ (npm run build) with Lighthouse 12 as desktop and as phone; by default one
of each kind: ${kinds.join(' ')}
Fetches Lighthouse by name from the npm registry and needs Chromium (or CHROME_PATH).
Fails when a page misses a goal. On a busy machine the performance scores are too low.
`

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.xml': 'application/xml',
}

/** Serves build/ compressed, as hosts of static sites do. */
async function serve() {
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
    const file = [path, `${path}.html`, join(path, 'index.html')]
      .map((name) => join(root, 'build', name))
      .find((name) => existsSync(name) && extname(name) !== '')
    const headers = {
      'content-type': types[extname(file ?? '.html')] ?? 'application/octet-stream',
      'content-encoding': 'gzip',
      'cache-control': path.startsWith('/assets/') ? 'max-age=31536000' : 'max-age=600',
    }
    response.writeHead(file ? 200 : 404, headers)
    response.end(gzipSync(readFileSync(file ?? join(root, 'build/404.html'))))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, address: `http://127.0.0.1:${server.address().port}` }
}

const [npm, ...npmArguments] = npmCommand()
const chromeFlags =
  '--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Lighthouse's report on one page. */
async function audit(address, form, folder) {
  const output = join(folder, 'report.json')
  const args = [...npmArguments, 'exec', '--yes', '--package=lighthouse@12', '--', 'lighthouse']
  const options = [
    address,
    '--quiet',
    '--output=json',
    `--output-path=${output}`,
    '--only-categories=performance,accessibility,best-practices,seo',
    `--chrome-flags=${chromeFlags}`,
    ...(form === 'desktop' ? ['--preset=desktop'] : []),
  ]
  const child = spawn(npm, [...args, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { CHROME_PATH: '/usr/bin/chromium', ...process.env },
  })
  const status = await new Promise((resolve) => child.on('exit', resolve))
  if (status !== 0) throw new Error(`lighthouse ended with status ${status} on ${address}`)
  return JSON.parse(readFileSync(output, 'utf8'))
}

const counted = (categories, id) =>
  Object.values(categories).some(({ auditRefs }) =>
    auditRefs.some((ref) => ref.id === id && ref.weight > 0),
  )

function summary({ categories, audits }) {
  const requests = audits['network-requests'].details.items
  return {
    ...Object.fromEntries(
      Object.entries(categories).map(([name, { score }]) => [name, Math.round(score * 100)]),
    ),
    bytes: requests.reduce((sum, { transferSize }) => sum + transferSize, 0),
    blocking: Math.round(audits['total-blocking-time'].numericValue),
    largest: Math.round(audits['largest-contentful-paint'].numericValue),
    shift: Number(audits['cumulative-layout-shift'].numericValue.toFixed(3)),
    failed: Object.keys(audits).filter((id) => audits[id].score === 0 && counted(categories, id)),
  }
}

function missedGoals(form, measured) {
  const missed = Object.entries(goals[form])
    .filter(([name, goal]) => measured[name] < goal)
    .map(([name, goal]) => `${name} ${measured[name]} < ${goal}`)
  if (measured.bytes > byteGoal) missed.push(`${measured.bytes} bytes > ${byteGoal}`)
  return missed
}

/** Measures the pages; resolves to the exit status. */
export async function lighthouse(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  if (values.help) return void process.stdout.write(help)
  if (!existsSync(join(root, 'build/index.html')))
    throw new Error('there is no site in build/: run "npm run build" first')
  const folder = mkdtempSync(join(tmpdir(), 'vmalab-lighthouse-'))
  const { server, address } = await serve()
  const rows = []
  try {
    for (const page of positionals.length > 0 ? positionals : kinds) {
      for (const form of Object.keys(goals)) {
        say(`${page}, ${form} ...`)
        const measured = summary(await audit(address + page, form, folder))
        rows.push({ page, form, ...measured, missed: missedGoals(form, measured) })
      }
    }
  } finally {
    server.close()
    rmSync(folder, { recursive: true })
  }
  process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
  process.exitCode = rows.some(({ missed }) => missed.length > 0) ? 1 : 0
}

function table(rows) {
  const line = (row) =>
    [
      `${row.page}, ${row.form}: ${['performance', 'accessibility', 'best-practices', 'seo'].map((name) => row[name]).join('/')}`,
      `${(row.bytes / 1024).toFixed(0)} KiB, blocked ${row.blocking} ms, largest paint ${row.largest} ms, shift ${row.shift}`,
      ...row.missed.map((one) => `missed: ${one}`),
      ...row.failed.map((one) => `failed: ${one}`),
    ].join('\n  ')
  return `${rows.map(line).join('\n')}\n`
}
