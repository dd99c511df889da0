// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest'
import { LivePage } from '../../src/site/client/live_page.ts'
import type { Runner } from '../../src/site/client/runner.ts'

// The mini-language: a page of cells that print their own text; `fail` fails, `hang` never ends,
// `die` breaks its Worker. A cell is shown as its texts, then its note after a dash.

/** Runs cells as the frame would, and keeps what it was asked. */
function fakeRunner(asked: string[][]): Runner {
  return async ({ cells }, onMessage, signal) => {
    asked.push(cells.map(({ code }) => code))
    for (const [cell, { code, throws, maps }] of cells.entries()) {
      onMessage({ type: 'start', cell })
      if (code === 'die') return { type: 'crash', reason: 'it died' }
      for (const text of [code, maps].filter(Boolean))
        onMessage({ type: 'output', cell, output: { type: 'stream', name: 'stdout', text } })
      if (code === 'hang') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { type: 'stopped' }
      }
      onMessage({ type: 'end', cell, failed: code === 'fail' })
      if (code === 'fail' && !throws) break
    }
    return { type: 'done' }
  }
}

function open(codes: readonly string[], throws: readonly number[] = []) {
  const asked: string[][] = []
  const page = new LivePage({
    runner: fakeRunner(asked),
    show: async (output) => ({ type: 'text', text: output.type === 'stream' ? output.text : '' }),
    later: (callback) => callback(),
  })
  const remove = codes.map((code, i) =>
    page.add(i + 1, {
      code,
      outputs: [{ type: 'text', text: `old ${code}` }],
      volatile: false,
      throws: throws.includes(i + 1),
    }),
  )
  const shown = () =>
    codes.map((_, i) => {
      const state = page.state(i + 1)
      const texts = state?.outputs.map((output) => ('text' in output ? output.text : '')).join('+')
      return [texts, state?.note].filter(Boolean).join(' - ')
    })
  const settled = () => codes.every((_, i) => page.state(i + 1)?.phase === 'idle')
  return { page, asked, remove, shown, settled }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a page begins as published', () => {
  expect(open(['a', 'b']).shown()).toEqual(['old a', 'old b'])
})

const runs: readonly [
  name: string,
  codes: string[],
  target: number,
  shown: string[],
  throws?: number[],
][] = [
  ['the first cell alone', ['a', 'b'], 1, ['a', 'old b']],
  ['the last with those above', ['a', 'b', 'c'], 3, ['a', 'b', 'c']],
  [
    'below a failing cell',
    ['a', 'fail', 'c'],
    3,
    ['a', 'fail', 'Not run: cell 2 above ended in an error.'],
  ],
  ['a failing cell', ['a', 'fail'], 2, ['a', 'fail']],
  ['below a cell that is meant to fail', ['fail', 'b'], 2, ['fail', 'b'], [1]],
  [
    'between target and failure, nothing changes',
    ['fail', 'b', 'c'],
    3,
    ['fail', 'old b', 'Not run: cell 1 above ended in an error.'],
  ],
  ['a cell that breaks its Worker', ['a', 'die'], 2, ['a', 'Ended: it died.']],
  [
    'below one',
    ['die', 'b'],
    2,
    ['Ended: it died.', 'Not run: cell 1 above did not end. Ended: it died.'],
  ],
]
for (const [name, codes, target, expected, throws] of runs)
  test(`run: ${name}`, async () => {
    const { page, shown, settled } = open(codes, throws)
    await page.run(target)
    expect(shown()).toEqual(expected)
    expect(settled()).toBe(true)
  })

test('a run takes the texts as they are, every time from the first cell', async () => {
  const { page, asked, shown } = open(['a', 'b'])
  await page.run(2)
  page.edit(1, 'A')
  await page.run(2)
  expect(asked).toEqual([
    ['a', 'b'],
    ['A', 'b'],
  ])
  expect(shown()).toEqual(['A', 'b'])
})

test('what is pasted reaches the cell', async () => {
  const { page, shown } = open(['a'])
  page.paste(1, 'maps')
  await page.run(1)
  expect(shown()).toEqual(['a+maps'])
})

test('Run shows at once, and the old output until there is a new one', async () => {
  const { page, shown } = open(['a'])
  const run = page.run(1)
  expect(page.state(1)?.phase).toBe('waiting')
  expect(shown()).toEqual(['old a'])
  await run
})

test('stop ends the run and keeps what came', async () => {
  const { page, shown, settled } = open(['a', 'hang'])
  const run = page.run(2)
  await soon()
  expect(page.state(2)?.phase).toBe('running')
  page.stop()
  await run
  expect(shown()).toEqual(['a', 'hang - Stopped.'])
  expect(settled()).toBe(true)
})

test('a new run replaces the one under way', async () => {
  const { page, asked, shown, settled } = open(['a', 'hang'])
  const first = page.run(2)
  await soon()
  await Promise.all([first, page.run(1)])
  expect(asked.at(-1)).toEqual(['a'])
  expect(shown()).toEqual(['a', 'hang - Stopped.'])
  expect(settled()).toBe(true)
})

test('reset restores what was published, and stops a run that needs the cell', async () => {
  const { page, shown } = open(['a', 'hang'])
  page.edit(1, 'A')
  void page.run(2)
  await soon()
  await page.reset(1)
  expect(page.state(1)?.code).toBe('a')
  expect(shown()).toEqual(['old a', 'hang - Stopped.'])
})

test('reset keeps what was pasted', async () => {
  const { page } = open(['a'])
  page.paste(1, 'maps')
  await page.reset(1)
  expect(page.state(1)?.maps).toBe('maps')
})

test('leaving the page stops the run', async () => {
  const { page, remove } = open(['hang'])
  const run = page.run(1)
  await soon()
  remove[0]?.()
  await run
  expect(page.state(1)).toBeUndefined()
})

test('a runner that rejects is told in the cell', async () => {
  const page = new LivePage({
    runner: () => Promise.reject(new Error('no frame')),
    show: async () => ({ type: 'text', text: '' }),
    later: (callback) => callback(),
  })
  page.add(1, { code: '', outputs: [], volatile: false, throws: false })
  await page.run(1)
  expect(page.state(1)).toMatchObject({ phase: 'idle', note: 'Ended: Error: no frame.' })
})

test('listeners hear changes until they end it', async () => {
  const { page } = open(['a'])
  let heard = 0
  const end = page.subscribe(() => heard++)
  page.edit(1, 'b')
  expect(heard).toBe(1)
  end()
  page.edit(1, 'c')
  expect(heard).toBe(1)
})
