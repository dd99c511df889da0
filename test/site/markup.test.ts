// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest'
import { openDocument } from '../../src/figures/linkedom.ts'
import { markupLimits, readMarkup } from '../../src/site/live/markup.ts'
import { display, MARKUP_MIME, type Markup } from '../../src/trace/index.ts'

// What a cell sends as elements: a tree of [name, attributes, ...children]. A case is the source of an element, and what
// the page makes of it.

function markupOf(source: string): unknown {
  const document = openDocument()
  document.body.innerHTML = source
  return display(document.body.firstElementChild)[MARKUP_MIME]
}

function html(markup: Markup): string {
  if (typeof markup === 'string') return markup
  const [tag, attributes, ...children] = markup
  const own = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  return `<${tag}${own.join('')}>${children.map(html).join('')}</${tag}>`
}

const made = (value: unknown): string => (readMarkup(value)?.markup ?? []).map(html).join('')

const same = '(the same)'
test.each<[source: string, made: string]>([
  [
    '<svg width="9" viewBox="0 0 1 1"><g fill="rgb(1,2,3)"><path d="M0,0h1z"></path></g></svg>',
    same,
  ],
  ['<svg><text x="1" text-anchor="end">0x1000</text></svg>', same],
  [
    '<svg><g transform="translate(1,2) rotate(-90)" stroke="var(--plot-background)"></g></svg>',
    same,
  ],
  ['<div class="plot-swatches"><span class="plot-swatch">a</span></div>', same],
  ['<svg aria-label="url(x) javascript:" role="img"></svg>', same],
  [
    '<svg aria-label="a"><g aria-label="b"></g></svg>',
    '<svg aria-label="a" role="img"><g aria-label="b" role="group"></g></svg>',
  ],
  ['<svg font-size="10" style="font-size: 14px"></svg>', '<svg font-size="14px"></svg>'],
  // Nothing that runs.
  [
    '<svg><script>alert(1)</script><g onload="alert(1)" onclick="alert(1)"></g></svg>',
    '<svg><g></g></svg>',
  ],
  ['<svg onload="alert(1)"><animate onbegin="alert(1)"></animate></svg>', '<svg></svg>'],
  ['<svg><foreignObject><body onload="alert(1)"></body></foreignObject></svg>', '<svg></svg>'],
  ['<svg><set attributeName="href" to="javascript:alert(1)"></set></svg>', '<svg></svg>'],
  ['<img src="x" onerror="alert(1)">', ''],
  ['<iframe srcdoc="x"></iframe>', ''],
  ['<form action="/x"><input></form>', ''],
  // Nothing that links or loads.
  [
    '<svg><a href="javascript:alert(1)"><circle r="1"></circle></a></svg>',
    '<svg><g><circle r="1"></circle></g></svg>',
  ],
  ['<svg><use href="http://e/x#y"></use><image href="http://e/x"></image></svg>', '<svg></svg>'],
  [
    '<svg fill="url(http://e/x)" clip-path="url(//e/x#y)" marker-end="url(x#y)"></svg>',
    '<svg></svg>',
  ],
  [
    String.raw`<svg fill="u\72l(http://e/x)" stroke="image-set('x' 1x)" filter="url(#x)"></svg>`,
    '<svg></svg>',
  ],
  ['<div><a href="http://e">x</a><b>y</b></div>', '<div><b>y</b></div>'],
  // Nothing that reaches over the page.
  ['<svg><style>* { position: fixed }</style></svg>', '<svg></svg>'],
  ['<svg class="navbar plot-ramp" id="a b"></svg>', '<svg class="plot-ramp" id="1"></svg>'],
  [
    '<svg style="position: fixed; inset: 0; font-size: 14px; fill: url(http://e); background: url(http://e)"></svg>',
    '<svg font-size="14px"></svg>',
  ],
  ['<div style="position: fixed" tabindex="1" autofocus contenteditable>x</div>', '<div>x</div>'],
  // As a parser would have it, so that what is published is what is there.
  ['<table><tr><td>1</td></tr></table>', '<table><tbody><tr><td>1</td></tr></tbody></table>'],
  [
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><pre>1</pre></td></tr></tbody></table>',
    same,
  ],
  [
    '<table><thead><tr><th></th><th>a</th></tr></thead></table>',
    '<table><thead><tr><td></td><th>a</th></tr></thead></table>',
  ],
  ['<p>a</p>', '<div>a</div>'],
  // Nothing that draws for ever.
  [
    `<svg><marker id="m">${'<path marker-end="url(#m)"></path>'.repeat(20)}</marker></svg>`,
    `<svg><marker id="1">${'<path></path>'.repeat(8)}</marker></svg>`,
  ],
  [
    '<svg><pattern id="p"><rect fill="url(#p)"></rect></pattern><mask id="q"></mask></svg>',
    '<svg></svg>',
  ],
])('%s is %s', (source, result) =>
  expect(made(markupOf(source))).toBe(result === same ? source : result),
)

test('ids are numbered, and what refers to them follows', () => {
  const document = openDocument()
  const space = 'http://www.w3.org/2000/svg'
  const [svg, clip, shape, part] = ['svg', 'clipPath', 'rect', 'g'].map((name) =>
    document.createElementNS(space, name),
  )
  clip!.setAttribute('id', 'plot-clip-7')
  part!.setAttribute('clip-path', 'url(#plot-clip-7)')
  clip!.append(shape!)
  svg!.append(clip!, part!)
  expect(made(display(svg)[MARKUP_MIME])).toBe(
    '<svg><clipPath id="1"><rect></rect></clipPath><g clip-path="url(#1)"></g></svg>',
  )
})

const deep = (levels: number): Markup => (levels === 0 ? 'x' : ['g', {}, deep(levels - 1)])
test.each<[what: string, value: unknown]>([
  ['nothing', undefined],
  ['a text', 'x'],
  ['HTML', '<b>x</b>'],
  ['an object', { tag: 'svg' }],
  ['no list of elements', [{}]],
  [
    'an element of the prototype',
    [
      ['constructor', {}],
      ['__proto__', {}],
      ['toString', {}],
    ],
  ],
  ['too many parts', [['svg', {}, ...Array(markupLimits.parts).fill(['g', {}])]]],
  ['too much text', [['svg', {}, 'x'.repeat(markupLimits.text + 1)]]],
  ['too long a value', [['svg', { d: 'x'.repeat(markupLimits.text + 1) }]]],
])('%s is no markup', (_, value) => expect(readMarkup(value)).toBeUndefined())

test.each<[what: string, value: unknown, made: string]>([
  [
    'attributes of a prototype',
    JSON.parse('[["svg",{"__proto__":{"x":"1"},"constructor":"1"}]]'),
    '<svg></svg>',
  ],
  ['values that are no text', [['svg', { width: 1, x: ['1'], y: { toString: 1 } }]], '<svg></svg>'],
  ['children that are none', [['svg', {}, 1, null, {}, [], [1]]], '<svg></svg>'],
  [
    'names that React knows',
    [['div', { dangerouslySetInnerHTML: '{"__html":"<b>"}', ref: 'x', key: 'y', children: 'z' }]],
    '<div></div>',
  ],
  [
    'a parser that is lured',
    [['svg', {}, ['title', {}, ['b', {}, 'x'], 'y'], ['desc', {}, ['img', {}]]]],
    '<svg><title>y</title><desc></desc></svg>',
  ],
])('%s come to nothing', (_, value, result) => expect(made(value)).toBe(result))

test('depth has an end', () => {
  const levels = made([['svg', {}, deep(1000)]]).match(/<g>/g)?.length
  expect(levels).toBe(markupLimits.depth)
})

test('what is left out is named', () =>
  expect(
    readMarkup(markupOf('<svg><image></image><script></script><style></style></svg>'))?.omitted,
  ).toEqual(['image', 'script']))

test('no prototype is changed', () => {
  readMarkup(JSON.parse('[["svg",{"__proto__":{"polluted":"1"}}]]'))
  expect(Reflect.has({}, 'polluted')).toBe(false)
})
