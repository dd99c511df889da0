// SPDX-License-Identifier: GPL-2.0-only
// A session in this process, as `vmalab pages` uses it.
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSession } from '../../src/jupyter/index.ts'

/** What is told of the names in the last of some cells, each as `name: text` or `name: text // comment`. */
async function told(...cells: readonly string[]): Promise<string[]> {
  const { execute, knownNames, close } = await openSession()
  onTestFinished(close)
  for (const code of cells) await execute(code)
  const last = cells.at(-1) ?? ''
  return knownNames().map(
    ({ start, end, text, doc }) => `${last.slice(start, end)}: ${text}${doc && ` // ${doc}`}`,
  )
}

const mm = 'mm: let mm: Mm // A fresh address space of Linux 7.3.'

describe('what is known of', () => {
  it.each<[what: string, cells: readonly string[], names: readonly string[]]>([
    ['a variable', ['const one = 1'], ['one: const one: 1']],
    [
      'its comment',
      ['/** The first.\n *\n * More. */\nlet one = 1'],
      ['one: let one: number // The first.'],
    ],
    ['a cell above', ['const one = 1', '{ one }'], ['one: const one: 1']],
    ['the prelude', ['mm'], [mm]],
    ['the model', ['EINVAL'], ['EINVAL: const EINVAL: 22 // Invalid argument.']],
    ['a property', ['mm.map_count'], [mm, 'map_count: (property) mm_struct.map_count: number']],
    [
      'a key',
      ['const want: Partial<MmapArguments> = { prot: 0 }'],
      [
        'want: const want: Partial<MmapArguments>',
        expect.stringContaining('Partial: type Partial<T>'),
        expect.stringContaining('MmapArguments: interface MmapArguments // '),
        'prot: (property) prot?: number // PROT_* bits.',
      ],
    ],
    [
      'a parameter',
      ['[1].map((n) => n)'],
      [
        expect.stringContaining('map: (method) Array<number>.map<number>('),
        'n: (parameter) n: number',
        'n: (parameter) n: number',
      ],
    ],
    [
      'what is narrowed',
      ["const a = 1 as 1 | 'x'\nif (a === 1) a"],
      ['a: const a: 1 | "x"', 'a: const a: 1 | "x"', 'a: const a: 1'],
    ],
    [
      'a class, by its use',
      ["new Mm(linux('7.3'))", 'let made: Mm'],
      ['made: let made: Mm', expect.stringContaining('Mm: class Mm // ')],
    ],
    [
      'Node',
      ['process.pid'],
      ['process: var process: NodeJS.Process', expect.stringContaining('pid: (property) ')],
    ],
    [
      'Plot',
      ['Plot.dot([1])'],
      [
        expect.stringContaining('Plot: '),
        expect.stringContaining('dot: function dot(data?: Plot.Data'),
      ],
    ],
    ['nothing', ['1 + 1'], []],
    ['what does not compile', ['nonesuch'], ['nonesuch: any']],
  ])('%s: %j', async (_what, cells, names) => {
    expect(await told(...cells)).toEqual(names)
  })
})

it('is as new after a restart: no name or mapping of before, cells from 1 on, Plot when asked for', async () => {
  const { execute, restart, close } = await openSession()
  onTestFinished(close)
  await execute('const own = 1; mm.mmap({ len: 1, prot: 0, flags: 0x22 }); Plot.dot([1]) && 1')
  await restart()
  expect((await execute('own')).outputs).toMatchObject([{ evalue: expect.stringContaining('own') }])
  expect((await execute('const own = "2"; [own, mm.map_count]')).outputs).toMatchObject([
    { data: { 'text/plain': "[ '2', 0 ]" } },
  ])
  expect((await execute("throw new Error('here')")).outputs).toMatchObject([
    { traceback: expect.arrayContaining([expect.stringContaining('cell 3, line 1')]) },
  ])
  expect((await execute('typeof Plot.dot')).outputs).toMatchObject([
    { data: { 'text/plain': "'function'" } },
  ])
})

it('a second session in the process writes out shorthand by its own names', async () => {
  for (const name of ['one', 'other']) {
    const { execute, close } = await openSession()
    await execute(`const ${name} = 1`)
    const { outputs } = await execute(`const held = { ${name} }\nheld`)
    close()
    expect(outputs).toEqual([{ type: 'result', data: { 'text/plain': `{ ${name}: 1 }` } }])
  }
})
