// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const module = join(import.meta.dirname, '../../dist/cli/watchdog.js')

/** Runs a program with a watchdog of one second and gives its end and what it said. */
function run(program: string): { signal: string | null; status: number | null; said: string } {
  const source = `import { startWatchdog } from ${JSON.stringify(module)}
    const dog = startWatchdog(1)
    ${program}
    await dog.close()`
  const { signal, status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', source],
    { encoding: 'utf8', timeout: 15_000 },
  )
  return { signal, status, said: stderr }
}

it.each([
  ['loops', "dog.expect('cell 3'); for (;;) {}"],
  ['awaits for ever', "dog.expect('cell 3'); await new Promise(() => {})"],
])('ends a process that %s', (_what, program) => {
  const said = 'cell 3 has not ended within 1 s: it waits or loops for ever\n'
  expect(run(program)).toEqual({ signal: 'SIGKILL', status: null, said })
})

it('lets be what is done', () => {
  const program =
    "dog.expect('cell 3'); dog.done(); await new Promise((done) => setTimeout(done, 1500))"
  expect(run(program)).toEqual({ signal: null, status: 0, said: '' })
})
