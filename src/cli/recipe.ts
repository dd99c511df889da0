// SPDX-License-Identifier: GPL-2.0-only
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { chooseFile, patchOf, readRecipe, recipeList, recipeText } from '../recipes/index.ts'
import { type Command, UsageError } from './command.ts'

const help = `usage: vmalab recipe [NAME] [--release R] [--before|--after|--diff] [-o FILE]

Drivers in C, before and after the conversion from .mmap to .mmap_prepare. Without NAME: lists them. With NAME alone:
tells its files and why each line changes.

  --before      print before.c: the legacy hook, which compiles on 6.12 and later
  --after       print the converted module
  --diff        print the change from one to the other, as git apply and patch read it
  --release R   the file for that release, such as 7.1 or 7.2.9; today's by default
  -o FILE       write it to FILE instead, which must not exist yet
`

/** `vmalab recipe`: the C files, to be read and pasted. */
export const command: Command = {
  summary: 'print a driver in C, before and after its conversion',
  help,
  run,
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      release: { type: 'string' },
      before: { type: 'boolean' },
      after: { type: 'boolean' },
      diff: { type: 'boolean' },
      output: { type: 'string', short: 'o' },
    },
    allowPositionals: true,
  })
  const asked = (['before', 'after', 'diff'] as const).filter((form) => values[form])
  if (asked.length > 1) throw new UsageError('give one of --before, --after and --diff')
  const [name, ...more] = positionals
  if (more.length > 0) throw new UsageError(`one recipe at a time: ${positionals.join(', ')}`)
  if (name === undefined && (asked.length > 0 || values.release !== undefined))
    throw new UsageError('name the recipe; vmalab recipe lists them')
  const text = name === undefined ? `${recipeList()}\n` : textOf(name, asked[0], values.release)
  if (values.output === undefined) process.stdout.write(text)
  else await save(values.output, text)
  return 0
}

function textOf(
  name: string,
  form: 'before' | 'after' | 'diff' | undefined,
  release: string | undefined,
): string {
  const source = readRecipe(name)
  if (form === undefined) return `${recipeText(source, release)}\n`
  const file = chooseFile(source, { which: form === 'before' ? 'before' : 'after', release })
  return form === 'diff' ? patchOf(source, file) : file.text
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    const code = Reflect.get(Object(error), 'code')
    if (code === 'EEXIST') throw new Error(`${path} exists: name another file, or remove it first`)
    if (code === 'ENOENT') throw new Error(`${path}: there is no such folder; make it first`)
    throw error
  }
}
