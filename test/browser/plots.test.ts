// SPDX-License-Identifier: GPL-2.0-only
// What a cell draws for itself, and the tables of reports: made of data, never of HTML.
import { describe, expect } from 'vitest'
import { cell, give, outputOf, run, write } from './cell.ts'
import { askedBy, hook, pixelsBeyond, test } from './site.ts'

const MIME = 'application/vnd.vmalab.markup+json'

/** A cell whose value says of itself that it is this markup. */
const claims = (markup: string): string =>
  `({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'mine', '${MIME}': ${markup} }) })`

describe('a cell that mentions Plot', () => {
  test('draws, and only then Plot is loaded', async ({ page }) => {
    const asked = askedBy(page)
    const at = cell(page, 1)
    expect(await give(at, '6 * 7')).toBe('42')
    expect(asked.filter((path) => path.includes('plot'))).toEqual([])
    await give(at, 'Plot.plot({ marks: [Plot.dot([[1, 2], [3, 4]])] })')
    await expect.poll(() => outputOf(at).locator('svg:visible circle').count()).toBe(2)
    expect(asked.filter((path) => path.includes('plot'))).toEqual(['/live/plot.js'])
    await give(at, 'Plot.dot([[1, 2]]).plot()')
    expect(asked.filter((path) => path.includes('plot'))).toHaveLength(1)
  })

  test('has a legend, clips and markers that refer to its own parts', async ({ page }) => {
    const at = cell(page, 1)
    await give(
      at,
      `Plot.plot({ title: 'T', color: { legend: true, scheme: 'Blues' }, marks: [
          Plot.dot([1, 2, 3], { x: (d) => d, fill: (d) => d }),
          Plot.line([[1, 2], [3, 4]], { clip: true, marker: 'arrow' }),
        ] })`,
    )
    const output = outputOf(at)
    await expect.poll(() => output.locator('svg').count()).toBeGreaterThan(1)
    await expect.poll(() => output.locator('svg svg path[fill^="rgb"]').count()).toBe(256)
    expect(await output.locator('image, style, [style], [href]').count()).toBe(0)
    const dangling = await output.evaluate((place) => {
      const names = [...place.querySelectorAll('[clip-path], [marker-end]')].map((one) =>
        /#([^)]+)/.exec(one.getAttribute('clip-path') ?? one.getAttribute('marker-end') ?? ''),
      )
      return [names.length > 0, names.every((name) => place.querySelector(`[id="${name?.[1]}"]`))]
    })
    expect(dangling).toEqual([true, true])
  })

  test('says what went wrong', async ({ page }) => {
    expect(await give(cell(page, 1), 'Plot.plot({ marks: [7] })')).toMatch(/^TypeError/)
  })

  test('is told when it draws more than a page bears', async ({ page }) => {
    const at = cell(page, 1)
    await give(at, 'Plot.dot(Array.from({ length: 30000 }, (_, i) => [i, i])).plot()')
    expect(await outputOf(at).innerText()).toContain('[no picture: it is too large')
  })
})

const attacks: readonly [name: string, code: string][] = [
  ['a script', claims(`[['svg', {}, ['script', {}, 'document.title = 1']]]`)],
  [
    'a handler',
    claims(`[['svg', { onload: 'document.title = 1', onclick: 'document.title = 1' }]]`),
  ],
  [
    'a frame',
    claims(`[['div', {}, ['iframe', { srcdoc: '<script>parent.document.title = 1</script>' }]]]`),
  ],
  [
    'an image',
    claims(
      `[['svg', {}, ['image', { href: address + '/secret/image' }]], ['img', { src: address + '/secret/img', onerror: 'document.title = 1' }]]`,
    ),
  ],
  [
    'a foreign object',
    claims(
      `[['svg', {}, ['foreignObject', {}, ['img', { src: 'x', onerror: 'document.title = 1' }]]]]`,
    ),
  ],
  [
    'a link',
    claims(
      `[['svg', {}, ['a', { href: 'javascript:document.title = 1', 'xlink:href': 'javascript:document.title = 1' }, ['text', { y: '20' }, 'press']]], ['a', { href: address + '/secret/link' }, 'press']]`,
    ),
  ],
  [
    'an animation of a link',
    claims(
      `[['svg', {}, ['a', {}, ['set', { attributeName: 'href', to: 'javascript:document.title = 1' }]]]]`,
    ),
  ],
  [
    'a style',
    claims(
      `[['style', {}, '* { background: url(' + address + '/secret/style) }'], ['svg', { style: 'background: url(' + address + '/secret/style)', fill: 'url(' + address + '/secret/fill)', 'clip-path': 'url(' + address + '/secret/clip#a)' }]]`,
    ),
  ],
  [
    'a cover over the page',
    claims(
      `[['div', { style: 'position:fixed;inset:0', class: 'navbar navbar--fixed-top vl-cell' }, 'cover']]`,
    ),
  ],
  ['a name of the page', claims(`[['div', { id: '__docusaurus', name: 'body' }, 'x']]`)],
  [
    'what React takes for its own',
    claims(
      `[['div', { dangerouslySetInnerHTML: '{"__html":"<img src=x onerror=document.title=1>"}', children: 'x', is: 'x-y', ref: 'z' }], [{ $$typeof: 'x' }, {}]]`,
    ),
  ],
  ['HTML', claims(`'<img src=x onerror="document.title = 1">'`)],
  [
    'an element of the cell’s document',
    `const b = document.createElement('div'); b.innerHTML = '<img src=x onerror="document.title=1"><script>document.title=1</script><b onclick="document.title=1">x</b>'; b`,
  ],
  [
    'a prototype',
    claims(`JSON.parse('[["svg",{"__proto__":{"polluted":"1"}},["__proto__",{}]]]')`),
  ],
  [
    'a shape that draws itself',
    claims(
      `[['svg', {}, ['marker', { id: 'a', 'marker-end': 'url(#a)' }, ['path', { d: 'M0,0h1', 'marker-end': 'url(#a)' }]], ['path', { d: 'M0,0h1', 'marker-end': 'url(#a)' }]]]`,
    ),
  ],
]

describe('what a picture cannot bring', () => {
  for (const [name, code] of attacks)
    test(name, async ({ site, visit }) => {
      const page = await visit(hook, { mayComplain: true })
      const title = await page.title()
      await write(cell(page, 1), `const address = ${JSON.stringify(site.address)}`)
      const at = cell(page, 2)
      await write(at, code)
      await run(at)
      const output = outputOf(at)
      // As a reader would press it, wherever it can be pressed.
      for (const one of await output.locator('.vl-marked *').all()) await one.dispatchEvent('click')
      expect(
        await output
          .locator('script, iframe, img, image, style, foreignObject, a, use, set, [href], [style]')
          .count(),
      ).toBe(0)
      const names = await output.evaluate((place) =>
        [...place.querySelectorAll('.vl-marked *')].flatMap((one) =>
          one.getAttributeNames().filter((name) => /^on|^src|^style$|^class$/.test(name)),
        ),
      )
      expect(names).toEqual([])
      await expect.poll(() => page.locator('#__docusaurus').count()).toBe(1)
      expect(await page.evaluate(() => Reflect.has({}, 'polluted'))).toBe(false)
      expect(await page.title()).toBe(title)
      expect(new URL(page.url()).pathname).toBe(hook)
      expect(site.stolen).toEqual([])
    })
})

const reports: readonly [name: string, code: string, cells: string][] = [
  [
    'equivalent()',
    'equivalent({ mmap_prepare: () => 0 }, { mmap_prepare: () => -EINVAL }, { following: ["nothing"] })',
    'program',
  ],
  ['balance()', 'balance({ mmap_prepare: () => 0, mmap(vma) { return 0 } })', 'resource'],
  [
    'populationRaces()',
    'populationRaces(() => hooksIn(drivers.devMem, linux()), [linux()])',
    'interleavings',
  ],
  [
    'a VMA',
    'mm.mmap({ len: 4096, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS }); mm.vmas()[0]',
    'maps',
  ],
]
describe('a table stands for', () => {
  for (const [name, code, word] of reports)
    test(name, async ({ page }) => {
      const at = cell(page, 1)
      await give(at, code)
      expect(await outputOf(at).locator('table:visible').innerText()).toContain(word)
      expect(await pixelsBeyond(page)).toBe(0)
    })
})
