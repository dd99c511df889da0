// SPDX-License-Identifier: GPL-2.0-only
import { build } from 'esbuild'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { legacy, linux, mapped } from '../../src/eras/index.ts'
import { finish } from '../../src/figures/finish.ts'
import { figureSize, toSvg } from '../../src/figures/index.ts'
import { Mm } from '../../src/mm/index.ts'
import {
  compare,
  type Figure,
  history,
  pipeline,
  timeline,
  whyNotMerged,
} from '../../src/trace/index.ts'
import { failing, skipping, someCalls } from './calls.ts'
import { DEMO_MAPS, figure, many, maps, strip } from './vmas.ts'

const driver = { B: 'rw-s 0 /dev/demo IO,PFNMAP' }

/** What keeps a text from being well-formed XML; the figures need no more of XML than this knows. */
function xmlFaults(text: string): string[] {
  const faults: string[] = []
  const open: string[] = []
  const rest = text.replace(
    /<(\/?)([a-z][\w-]*)((?: [\w:-]+="(?:[^<&"]|&#\d+;)*")*)(\/?)>/gi,
    (_, close: string, name: string, attributes: string, empty: string) => {
      const names = [...attributes.matchAll(/ ([\w:-]+)=/g)].map(([, each]) => each)
      if (new Set(names).size < names.length) faults.push(`an attribute twice in ${name}`)
      if (close && open.pop() !== name) faults.push(`</${name}> closes nothing`)
      if (!close && !empty) open.push(name)
      return ''
    },
  )
  if (open.length > 0) faults.push(`<${open.join('> <')}> stays open`)
  if (/[<>]|&(?!#\d+;)/.test(rest)) faults.push('a bare < > or &')
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text))
    faults.push('a character that XML does not have')
  return faults
}

const examples: Readonly<Record<string, Figure>> = {
  empty: figure(''),
  one: figure('AAA'),
  driver: figure(strip('AABB//C', driver), { title: 'A title' }),
  split: figure(strip('A..A′A′', { 'A′': 'r--p' })),
  logarithm: figure('ABx9000'),
  process: figure(maps(DEMO_MAPS)),
  rows: figure(many(163)),
  window: figure(many(163), { from: 0x7f0000040000, to: 0x7f0000080000 }),
  bins: figure(many(301)),
  special: figure(strip('A', { A: 'r-xp 0 [vdso]' })),
  compare: compare(failing()),
  timeline: timeline(failing()),
  verdicts: whyNotMerged(skipping()),
  pipeline: pipeline([legacy, mapped]),
  history: history(new Mm(linux()), someCalls(12)),
}

describe.each(Object.entries(examples))('%s', (_name, example) => {
  test('is well-formed XML, its ids are its own and all that is referred to is there', async () => {
    const svg = await toSvg(example)
    expect(xmlFaults(svg)).toEqual([])
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const used = [...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id)
    const labels = /aria-labelledby="([^"]+)"/.exec(svg)?.[1]?.split(' ') ?? []
    expect(new Set(ids).size).toBe(ids.length)
    expect([...new Set([...used, ...labels])].sort()).toEqual([...ids].sort())
  })

  test('is the same text each time, also by a document of the host', async () => {
    const svg = await toSvg(example)
    expect(await toSvg(structuredClone(example))).toBe(svg)
    const { document } = parseHTML('<!doctype html><body></body>')
    expect(await toSvg(example, { document })).toBe(svg)
  })

  test('is as large as it said, at every width', async () => {
    for (const width of [343, 560, 760, 960]) {
      const svg = await toSvg(example, { width })
      const size = figureSize(example, { width })
      expect(size.width).toBe(width)
      expect(svg).toContain(`viewBox="0 0 ${size.width} ${size.height}"`)
    }
  })

  test('has one decimal at most', async () => {
    const svg = (await toSvg(example)).replace(/<style>.*?<\/style>|<defs>.*?<\/defs>/gs, '')
    const numbers = [...svg.matchAll(/ (?:d|x|y|width|height)="([^"]*)"/g)].map(
      ([, value]) => value,
    )
    expect(numbers.filter((value) => /\.\d\d/.test(value ?? ''))).toEqual([])
  })

  test('has every colour as a literal and as a class of the host', async () => {
    const svg = await toSvg(example)
    const [style = ''] = /<style>.*?<\/style>/s.exec(svg) ?? []
    expect(svg.replace(style, '')).not.toContain('var(')
    const classes = [...svg.matchAll(/class="((?:[fs]-[\w-]+ ?)+)"/g)].flatMap(([, all]) =>
      all?.split(' '),
    )
    for (const each of classes) expect(style).toContain(`.vl .${each}{`)
  })
})

test('the order in which a document keeps attributes makes no difference', () => {
  const { document } = parseHTML('<!doctype html><body></body>')
  const drawn = (attributes: readonly string[][]) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    for (const [name = '', value = ''] of attributes) path.setAttribute(name, value)
    svg.append(path)
    return finish(svg, { width: 1, height: 1, title: '', description: '', layers: [] })
  }
  const attributes = [
    ['d', 'M0,0'],
    ['fill', 'var(--vl-file)'],
    ['stroke', 'var(--vl-file-line)'],
  ]
  expect(drawn(attributes)).toContain('class="f-file s-file-line" d="M0,0" fill="#d3e5fb"')
  expect(drawn([...attributes].reverse())).toBe(drawn(attributes))
})

test('ten figures on a page share no id', async () => {
  const svgs = await Promise.all(Object.values(examples).map((example) => toSvg(example)))
  const ids = svgs.flatMap((svg) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  expect(new Set(ids).size).toBe(ids.length)
})

test.each([
  [0, 2],
  [3, 10],
  [163, 100],
  [300, 200],
  [301, 40],
  [65_530, 60],
])('%d VMAs take at most %d kB', async (count, kilobytes) => {
  const vmas = count === 3 ? strip('AAABB//C', driver) : many(count)
  expect((await toSvg(figure(vmas))).length).toBeLessThan(kilobytes * 1000)
})

test('marks of one look share a group', async () => {
  const groups = async (count: number) => (await toSvg(figure(many(count)))).split('<g ').length
  expect(await groups(300)).toBe(await groups(100))
})

test('any text stays text', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 })
  const nasty = fc.constantFrom(
    '</title><script>',
    '"><x y="',
    ']]>',
    'url(#vl-texture-file)',
    '\u0000',
    '\ud800',
    'a\nb',
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, nasty), fc.oneof(text, nasty), async (name, title) => {
      const vmas = strip('AB//C').map((vma) => ({
        ...vma,
        name,
        flags: ['IO', `_${name}`.slice(0, 40)],
      }))
      expect(xmlFaults(await toSvg(figure(vmas, { title })))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test.each([
  [{ kind: 'pie' }, {}, /^not a figure: kind: "pie"/],
  [
    figure([{ id: 'A', start: 4096, end: 4096, perms: 'rw-p', pgoff: 0 }]),
    {},
    /\[0\]\.end: 4096 is not/,
  ],
  [figure('A'), { width: Number.NaN }, /^width: NaN is no width in px/],
  [figure('A'), { width: -5 }, /^width: -5 /],
])('%# is refused by name', async (value, options, message) => {
  await expect(toSvg(value as Figure, options)).rejects.toThrow(message)
})

test('a width that nothing fits is drawn at the least width', () => {
  expect(figureSize(figure('AAA'), { width: 20 }).width).toBe(280)
})

test('a bundle for the browser reaches linkedom and Plot by lazy imports only', async () => {
  const { metafile } = await build({
    entryPoints: ['src/figures/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    splitting: true,
    outdir: 'out',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const entry = Object.values(metafile.outputs).find(
    (output) => output.entryPoint === 'src/figures/index.ts',
  )
  const loaded = [
    ...Object.keys(entry?.inputs ?? {}),
    ...(entry?.imports ?? [])
      .filter(({ kind }) => kind === 'import-statement')
      .flatMap(({ path }) => Object.keys(metafile.outputs[path]?.inputs ?? {})),
  ]
  expect(loaded).toContain('src/figures/layout.ts')
  expect(
    loaded.filter((path) => /node_modules\/(linkedom|@observablehq)|figures\/linkedom/.test(path)),
  ).toEqual([])
})
