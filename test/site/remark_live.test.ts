// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CellOutput, type ExecutedCell, FIGURE_MIME } from '../../src/literate/index.ts'
import type { MarkdownNode } from '../../src/site/node/markdown_node.ts'
import { remarkLive } from '../../src/site/node/remark_live.ts'
import { layout } from '../../src/trace/index.ts'

// The mini-language: a page is a list of fences, `info | code`; a run is a list of cells.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmalab-remark-'))
})
afterAll(() => rm(folder, { recursive: true }))

function fence(line: string): MarkdownNode {
  const [info = '', value = ''] = line.split(' | ')
  const [lang = null, ...meta] = info.split(' ')
  return { type: 'code', lang, meta: meta.join(' ') || null, value }
}

const cell = (code: string, outputs: CellOutput[] = [], volatile = false): ExecutedCell => ({
  code,
  volatile,
  outputs,
})

let count = 0

/** The page's nodes after the plugin; without a run there is no file of one. */
async function page(fences: readonly string[], cells?: readonly ExecutedCell[]) {
  const name = `folder/page_${++count}`
  const children = fences.map(fence)
  if (cells) {
    await mkdir(join(folder, 'pages/folder'), { recursive: true })
    const executed = { page: name, cells }
    await writeFile(join(folder, `pages/${name}.json`), JSON.stringify(executed))
  }
  const draw = async (_figure: unknown, width: number) => {
    if (cells?.[0]?.code === 'broken') throw new Error('no pen')
    return { svg: `<svg width="${width}">` }
  }
  const plugin = remarkLive({ docs: join(folder, 'docs'), pages: join(folder, 'pages'), draw })
  await plugin({ type: 'root', children }, { path: join(folder, `docs/${name}.md`) })
  const bars = children.filter(({ name }) => name === 'PageBar')
  expect(bars.map(attributes)).toEqual(cells ? [{ page: name }] : [])
  return children.filter(({ name }) => name !== 'PageBar')
}

const attributes = (node: MarkdownNode | undefined) =>
  Object.fromEntries((node?.attributes ?? []).map(({ name, value }) => [name, value]))

test('a live fence becomes a cell around its code', async () => {
  const [first, second] = await page(
    ['ts live | 1', 'ts live | 2'],
    [cell('1'), cell('2', [{ type: 'stream', name: 'stdout', text: 'x' }])],
  )
  expect(first).toMatchObject({
    type: 'mdxJsxFlowElement',
    name: 'Cell',
    children: [{ type: 'code', lang: 'ts', meta: null, value: '1' }],
  })
  expect(attributes(first)).toEqual({ n: '1', code: '1', outputs: '[]' })
  expect(attributes(second)).toEqual({
    n: '2',
    code: '2',
    outputs: '[{"type":"stream","name":"stdout","text":"x"}]',
  })
})

test('other fences stay, and need no run', async () => {
  const fences = ['ts | 1', 'c | int x;', ' | plain']
  expect(await page(fences)).toEqual(fences.map(fence))
})

test('the words of a fence are passed on', async () => {
  const [node] = await page(['ts live throws | 1'], [cell('1')])
  expect(attributes(node)).toMatchObject({ throws: 'throws' })
})

test('a volatile cell publishes no output', async () => {
  const outputs: CellOutput[] = [{ type: 'stream', name: 'stdout', text: 'mine' }]
  const [node] = await page(['ts live volatile | 1'], [cell('1', outputs, true)])
  expect(attributes(node)).toEqual({ n: '1', code: '1', outputs: '[]', volatile: 'volatile' })
})

const data = {
  'text/plain': 'A',
  [FIGURE_MIME]: layout([{ id: 'A', start: 0x1000, end: 0x2000, perms: 'rw-p', pgoff: 0 }]),
}

test('figures are drawn at both widths', async () => {
  const [node] = await page(['ts live | 1'], [cell('1', [{ type: 'result', data }])])
  expect(JSON.parse(attributes(node).outputs ?? '')).toEqual([
    {
      type: 'figure',
      text: 'A',
      drawing: { wide: '<svg width="760">', narrow: '<svg width="343">' },
    },
  ])
})

const failures: readonly [
  name: string,
  fences: string[],
  cells: ExecutedCell[] | undefined,
  message: RegExp,
][] = [
  ['no run', ['ts live | 1'], undefined, /has not been run\. Run "npm run build"/],
  [
    'a run of fewer cells',
    ['ts live | 1', 'ts live | 2'],
    [cell('1')],
    /has 2 live cells, its run 1\./,
  ],
  [
    'a run of other code',
    ['ts live | 1', 'ts live | 2'],
    [cell('1'), cell('3')],
    /cell 2 is not the one that was run\./,
  ],
  [
    'a figure that cannot be drawn',
    ['ts live | broken'],
    [cell('broken', [{ type: 'result', data }])],
    /cell 1: its figure cannot be drawn: Error: no pen/,
  ],
]
for (const [name, fences, cells, message] of failures)
  test(`${name} fails the build and says what to do`, async () => {
    await expect(page(fences, cells)).rejects.toThrow(message)
    await expect(page(fences, cells)).rejects.toThrow(/^docs\/folder\/page_\d+\.md/)
  })
