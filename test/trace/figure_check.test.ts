// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest'
import { figureFault, isFigure } from '../../src/trace/index.ts'
import { DEMO_MAPS, figure, many, maps, strip } from '../figures/vmas.ts'

const fine = { id: 'A', start: 0x1000, end: 0x2000, perms: 'rw-p', pgoff: 0 }
const after = { ...fine, id: 'B', start: 0x2000, end: 0x3000 }

test.each([
  ['none', figure('')],
  ['a strip', figure(strip('AA..B', { B: 'rw-s 0 /dev/demo IO' }), { title: 'T', from: 0, to: 1 })],
  ['a process up to [vsyscall]', figure(maps(DEMO_MAPS))],
  ['as many as Linux allows', figure(many(65_530))],
  ['with more fields than are known', { ...figure('A'), more: 1 }],
])('a figure: %s', (_, value) => {
  expect(figureFault(value)).toBeUndefined()
  expect(isFigure(JSON.parse(JSON.stringify(value)))).toBe(true)
})

const withVma = (change: object) => ({
  kind: 'layout',
  data: { vmas: [fine, { ...after, ...change }] },
  options: {},
})
const withOptions = (options: object) => ({ kind: 'layout', data: { vmas: [fine] }, options })

describe('no figure', () => {
  test.each([
    [undefined, 'undefined is no object {kind, data, options}'],
    [null, 'null is no object {kind, data, options}'],
    ['layout', '"layout" is no object {kind, data, options}'],
    [
      [],
      'kind: undefined is not one of layout, compare, timeline, history, pages, pipeline, whyNotMerged, measures',
    ],
    [
      { kind: 'toString' },
      'kind: "toString" is not one of layout, compare, timeline, history, pages, pipeline, whyNotMerged, measures',
    ],
    [{ kind: 'layout' }, 'data: undefined is no object'],
    [{ kind: 'layout', data: {} }, 'options: undefined is no object'],
    [{ kind: 'layout', data: {}, options: {} }, 'data.vmas: undefined is no array'],
    [{ kind: 'layout', data: { vmas: 'AAA' }, options: {} }, 'data.vmas: "AAA" is no array'],
    [
      { kind: 'layout', data: { vmas: { length: 1 } }, options: {} },
      'data.vmas: an object is no array',
    ],
    [
      { kind: 'layout', data: { vmas: new Array(2) }, options: {} },
      'data.vmas[0]: undefined is no object',
    ],
    [
      { kind: 'layout', data: { vmas: new Array(1_000_001) }, options: {} },
      'data.vmas: 1000001 VMAs are more than 1000000',
    ],
    [withVma({ id: '' }), 'data.vmas[1].id: not a text of 1 to 16 characters'],
    [withVma({ id: 7 }), 'data.vmas[1].id: not a text of 1 to 16 characters'],
    [withVma({ start: '0x2000' }), 'data.vmas[1].start: "0x2000" is no page-aligned address'],
    [withVma({ start: Number.NaN }), 'data.vmas[1].start: NaN is no page-aligned address'],
    [withVma({ start: 0x2800 }), 'data.vmas[1].start: 10240 is no page-aligned address'],
    [withVma({ start: -4096 }), 'data.vmas[1].start: -4096 is no page-aligned address'],
    [withVma({ start: 0x2000n }), 'data.vmas[1].start: 8192 is no page-aligned address'],
    [
      withVma({ end: Number.POSITIVE_INFINITY }),
      'data.vmas[1].end: Infinity is no page-aligned address',
    ],
    [withVma({ end: 2 ** 65 }), `data.vmas[1].end: ${2 ** 65} is no page-aligned address`],
    [withVma({ end: 0x2000 }), 'data.vmas[1].end: 8192 is not above start'],
    [withVma({ start: 0x1000 }), 'data.vmas[1].start: 4096 is below the end of the VMA before it'],
    [withVma({ perms: 'rwx' }), 'data.vmas[1].perms: "rwx" is not written like rw-p'],
    [withVma({ perms: ['rw-p'] }), 'data.vmas[1].perms: an object is not written like rw-p'],
    [withVma({ pgoff: -1 }), 'data.vmas[1].pgoff: -1 is no number of pages'],
    [withVma({ pgoff: 0.5 }), 'data.vmas[1].pgoff: 0.5 is no number of pages'],
    [
      withVma({ name: 'x'.repeat(4201) }),
      'data.vmas[1].name: not a text of at most 4200 characters',
    ],
    [withVma({ name: Symbol('x') }), 'data.vmas[1].name: not a text of at most 4200 characters'],
    [
      withVma({ kind: 'toString' }),
      'data.vmas[1].kind: "toString" is not one of anon, file, driver, special',
    ],
    [withVma({ flags: 'IO' }), 'data.vmas[1].flags: not at most 64 texts of 1 to 40 characters'],
    [withVma({ flags: [''] }), 'data.vmas[1].flags: not at most 64 texts of 1 to 40 characters'],
    [
      withVma({ flags: new Array(65).fill('IO') }),
      'data.vmas[1].flags: not at most 64 texts of 1 to 40 characters',
    ],
    [withOptions({ title: 1 }), 'options.title: not a text of at most 500 characters'],
    [
      withOptions({ title: 'x'.repeat(501) }),
      'options.title: not a text of at most 500 characters',
    ],
    [withOptions({ from: -1 }), 'options.from: -1 is no address'],
    [withOptions({ to: Number.NaN }), 'options.to: NaN is no address'],
    [withOptions({ from: 2, to: 2 }), 'options.to: 2 is not above from'],
  ])('%#: %2$s', (value, fault) => {
    expect(figureFault(value)).toBe(fault)
    expect(isFigure(value)).toBe(false)
  })
})
