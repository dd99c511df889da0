// SPDX-License-Identifier: GPL-2.0-only
import { readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { toSvg } from '../figures/index.ts'
import {
  kindCounts,
  layout,
  layoutText,
  layoutTitle,
  type MapsError,
  readMaps,
  shownVmas,
} from '../trace/index.ts'
import { type Command, UsageError } from './command.ts'

const help = `usage: vmalab maps PID|FILE|- [--svg OUT] [--from A] [--to B] [--skip-bad]

Prints the mappings of a process, of a saved /proc/PID/maps, or of one on standard input, as the
model reads them, and counts them.

  --svg OUT    draw the layout into the file OUT
  --from A     show only what lies above the address A ...
  --to B       ... and below B: hexadecimal as in the file, with or without 0x
  --skip-bad   tell of each bad line and read the rest, instead of ending there
`

/** `vmalab maps`: the layout of a real process. */
export const command: Command = {
  summary: 'show where the mappings of a process are',
  help,
  run,
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      svg: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      'skip-bad': { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const [source, ...more] = positionals
  if (source === undefined || more.length > 0)
    throw new UsageError('name one process (a number), one file, or - for standard input')
  const window = windowOf(values)
  const bad: MapsError[] = []
  const mm = readMaps(await readSource(source), {
    onError: values['skip-bad'] ? (error) => bad.push(error) : 'throw',
  })
  tell(bad)
  if (mm.map_count === 0 && bad.length > 0)
    throw new Error(`${source} has no line that can be read`)
  const figure = layout(mm, window)
  const shown = shownVmas(figure)
  process.stdout.write(`${layoutText(figure)}\n`)
  if (shown.length > 0) process.stdout.write(`${layoutTitle(figure)}: ${kindCounts(shown)}\n`)
  if (values.svg !== undefined) {
    await writeFile(values.svg, await toSvg(figure))
    process.stderr.write(`drawn in ${values.svg}\n`)
  }
  return 0
}

/** The bad lines that were skipped; the first few in full. */
function tell(bad: readonly MapsError[]): void {
  for (const { message } of bad.slice(0, 5)) process.stderr.write(`skipped ${message}\n`)
  if (bad.length > 5) process.stderr.write(`skipped ${bad.length - 5} lines more\n`)
}

function windowOf({ from, to }: { from?: string | undefined; to?: string | undefined }): {
  from?: number
  to?: number
} {
  const window = {
    ...(from !== undefined && { from: address('--from', from) }),
    ...(to !== undefined && { to: address('--to', to) }),
  }
  if ((window.from ?? 0) >= (window.to ?? Number.POSITIVE_INFINITY))
    throw new UsageError(`--from ${from} must lie below --to ${to}`)
  return window
}

function address(option: string, given: string): number {
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(given))
    throw new UsageError(`${option} ${given}: give an address in hexadecimal, such as 7f1b81455000`)
  return Number.parseInt(given, 16)
}

/** A number is a process; `./123` is a file of that name. */
async function readSource(source: string): Promise<string> {
  if (source === '-') return text(process.stdin)
  const isProcess = /^\d+$/.test(source)
  const path = isProcess ? `/proc/${source}/maps` : source
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = String(Reflect.get(Object(error), 'code'))
    throw new Error(reason(source, isProcess, code) ?? String(error))
  }
}

function reason(source: string, isProcess: boolean, code: string): string | undefined {
  if (isProcess && process.platform !== 'linux')
    return `there is no /proc on ${process.platform}: copy the process's maps from Linux and give the file`
  if (isProcess && (code === 'ENOENT' || code === 'ESRCH')) return `there is no process ${source}`
  if (isProcess && (code === 'EACCES' || code === 'EPERM'))
    return `process ${source} is another user's: take one of your own, or ask as its user`
  if (code === 'ENOENT') return `there is no file ${source}; a process is given by its number`
  if (code === 'EISDIR') return `${source} is a folder: give a copy of /proc/PID/maps`
  if (code === 'EACCES') return `${source} may not be read by you`
  return undefined
}
