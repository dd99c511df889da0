// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { toSvg } from '../../src/figures/index.ts'
import { openDocument } from '../../src/figures/linkedom.ts'
import {
  display,
  equivalent,
  file,
  layout,
  linux,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  MAP_SHARED,
  Mm,
  PAGE_SIZE,
  PROT_READ,
  record,
} from '../../src/index.ts'
import { mmap_read_lock, mmap_read_unlock } from '../../src/mm/index.ts'

const mm = new Mm(linux('7.3'))
const map = { len: 2 * PAGE_SIZE, prot: PROT_READ, flags: MAP_PRIVATE | MAP_ANONYMOUS }
const refused = mm.maybeMmap({ ...map, len: 0 })
const recording = record(mm, () => mm.mmap(map))
const locked = record(mm, () => {
  mmap_read_lock(mm)
  mmap_read_unlock(mm)
})
const device = file('/dev/demo', {
  mmap_prepare(desc) {
    desc.vm_ops = { fault: () => 0 }
    return 0
  },
})
mm.mmap({ len: PAGE_SIZE, prot: PROT_READ, flags: MAP_SHARED, file: device })
const [mapped, anonymous] = mm.vmas()

const document = openDocument()
function element(name: string, attributes: Record<string, string> = {}): Element {
  const one = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value)
  return one
}
const own = (forms: unknown) => ({ [Symbol.for('Jupyter.display')]: () => forms })
const figure = 'application/vnd.vmalab.figure+json'
const markup = 'application/vnd.vmalab.markup+json'

it.each<[what: string, value: unknown, mimes: string, text: RegExp]>([
  ['an address space', mm, `text/plain ${figure}`, /r--s 00000000.*\/dev\/demo/],
  ['a figure', layout(mm), `text/plain ${figure}`, /r--p/],
  [
    'a recording of nothing that is drawn',
    locked,
    'text/plain',
    /^mmap_read_lock\nmmap_read_unlock$/,
  ],
  ['a recording', recording, `text/plain ${figure}`, /^mmap_write_lock\n/],
  ['a refusal', refused.error, 'text/plain', /^KernelError: .*-EINVAL, from \w+\(\): .*\n.+/],
  [
    'an anonymous VMA',
    anonymous,
    `text/plain text/html ${markup}`,
    /^VMA +A\nmaps .*r--p[\s\S]*2 pages, 8 KiB[\s\S]*vm_file +null\nvm_ops +null: anonymous/,
  ],
  [
    'a VMA of a file',
    mapped,
    `text/plain text/html ${markup}`,
    /vm_flags +READ SHARED[\s\S]*vm_file +\/dev\/demo\nvm_ops +\{ fault \}/,
  ],
  ['an element', element('b'), `text/plain text/html ${markup}`, /^<b>$/],
  [
    'a picture',
    element('svg', { width: '9', height: '8' }),
    `text/plain image/svg+xml ${markup}`,
    /^<svg 9 × 8>$/,
  ],
  ['what shows itself', own({ 'text/html': '<b>x</b>' }), 'text/plain text/html', /Jupyter/],
  ['what shows itself as text, too', own({ 'text/plain': 'x' }), 'text/plain', /^x$/],
  ['what cannot show itself', own(7), 'text/plain', /Jupyter/],
  ['a number', 7, 'text/plain', /^7$/],
])('%s', (_what, value, mimes, text) => {
  const bundle = display(value)
  expect(Object.keys(bundle).join(' ')).toBe(mimes)
  expect(bundle['text/plain']).toMatch(text)
})

it('a report on two drivers', () => {
  const ops = { mmap_prepare: () => 0 }
  const report = equivalent(ops, ops)
  expect(Object.keys(display(report))).toEqual(['text/plain', 'text/html', markup])
})

it.each<[attributes: Record<string, string>, start: string]>([
  [{}, '<svg xmlns="http://www.w3.org/2000/svg" style="background: white; color: black">'],
  [
    { style: 'x: y' },
    '<svg xmlns="http://www.w3.org/2000/svg" style="background: white; color: black; x: y">',
  ],
  [{ xmlns: 'http://www.w3.org/2000/svg' }, '<svg xmlns="http://www.w3.org/2000/svg" style="'],
])('a picture with %j stands alone', (attributes, start) =>
  expect(String(display(element('svg', attributes))['image/svg+xml']).slice(0, start.length)).toBe(
    start,
  ),
)

it('a figure stands alone', async () =>
  expect(await toSvg(layout(mm))).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/))
