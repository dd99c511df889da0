// SPDX-License-Identifier: GPL-2.0-only
import { type Command, UsageError } from './command.ts'

/** Every command by name, in the order of `vmalab --help`; loaded only when run. */
export const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  conform: () => import('./conform.ts'),
  equiv: () => import('./equiv.ts'),
  maps: () => import('./maps.ts'),
  recipe: () => import('./recipe.ts'),
  run: () => import('./run.ts'),
  bench: () => import('./bench.ts'),
  doctor: () => import('./doctor.ts'),
  install: () => import('./install.ts'),
  kernel: () => import('./kernel.ts'),
  pages: () => import('./pages.ts'),
  notebooks: () => import('./notebooks.ts'),
  rst: () => import('./rst.ts'),
}

async function overview(): Promise<string> {
  const lines = ['usage: vmalab COMMAND [ARGUMENTS]', '']
  for (const [name, load] of Object.entries(commands))
    lines.push(`  ${name.padEnd(10)} ${(await load()).command.summary}`)
  lines.push('', 'vmalab COMMAND --help tells more of each.', '')
  return lines.join('\n')
}

/** Runs `vmalab` with the words after its name and resolves to the exit status: 0 done, 1 failed, 2 misused. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(await overview())
    return name === undefined ? 2 : 0
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!load) {
    process.stderr.write(`vmalab: no command ${JSON.stringify(name)}\n${await overview()}`)
    return 2
  }
  const { command } = await load()
  if (rest.includes('--help')) {
    process.stdout.write(`${command.help.trim()}\n`)
    return 0
  }
  try {
    return await command.run(rest)
  } catch (error) {
    const misuse = error instanceof UsageError || isParseArgsError(error)
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`vmalab ${name}: ${message}\n`)
    if (misuse) process.stderr.write(`${command.help.trim().split('\n')[0]}\n`)
    return misuse ? 2 : 1
  }
}

function isParseArgsError(error: unknown): boolean {
  return (
    error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS')
  )
}
