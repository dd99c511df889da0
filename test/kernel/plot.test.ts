// SPDX-License-Identifier: GPL-2.0-only
// A plot that a cell makes itself.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Kernel, readyKernel } from './client.ts'

let kernel: Kernel
beforeAll(async () => {
  kernel = await readyKernel()
})
afterAll(() => kernel.close())

const points = '[{ a: 1, b: 2 }, { a: 2, b: 3 }]'

it.each<[code: string, mime: string, form: RegExp]>([
  [
    `Plot.plot({ marks: [Plot.dot(${points}, { x: "a", y: "b" })] })`,
    'image/svg+xml',
    /^<svg xmlns="http:.*<circle/s,
  ],
  [`Plot.dot(${points}, { x: "a", y: "b" }).plot()`, 'image/svg+xml', /^<svg /],
  [`const { plot, barY } = Plot; plot({ marks: [barY([1, 2, 3])] })`, 'image/svg+xml', /<rect/],
  [
    `Plot.dot(${points}, { x: "a", fill: "b" }).plot({ title: "t", color: { legend: true } })`,
    'text/html',
    /^<figure.*<image [^>]*data:image/s,
  ],
  ['Plot.legend({ color: { type: "linear" } })', 'image/svg+xml', /^<svg /],
  [
    `const chart = Plot.plot({ marks: [Plot.dot(${points}, { x: "a" })] }), mark = Plot.ruleX([1]); chart`,
    'image/svg+xml',
    /^<svg /,
  ],
  ['chart', 'image/svg+xml', /^<svg /],
  ['mark.plot()', 'image/svg+xml', /^<svg /],
  ['const b = document.createElement("b"); b.textContent = "x"; b', 'text/html', /^<b>x<\/b>$/],
  // What was in scope before still is.
  ['mm.mmap({ len: 4096, prot: 1, flags: 0x22 }); mm', 'image/svg+xml', /^<svg /],
])('%s gives %s', async (code, mime, form) => {
  const { published, reply } = await kernel.execute(code)
  expect([reply.status, reply.evalue]).toEqual(['ok', undefined])
  const data = published.find(({ type }) => type === 'execute_result')?.content.data
  expect(data['text/plain'].length).toBeLessThan(2000)
  expect(data[mime]).toMatch(form)
})

it('is typed, completed and documented', async () => {
  const { reply } = await kernel.execute('Plot.plot({ marks: 7 })')
  expect([reply.ename, reply.evalue]).toEqual([
    'TypeScriptError',
    expect.stringContaining('Markish'),
  ])
  const completed = await kernel.request('complete_request', { code: 'Plot.dotX', cursor_pos: 8 })
  expect(completed.reply.matches).toContain('dotX')
  const inspected = await kernel.request('inspect_request', { code: 'Plot.plot', cursor_pos: 7 })
  expect(inspected.reply.data['text/plain']).toContain('PlotOptions')
})
