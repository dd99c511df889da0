// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shorten, textWidth, wrapText } from '../../src/figures/text.ts'
import type { TypeName } from '../../src/figures/theme.ts'

// Measured in Chromium with DejaVu fonts; the Chinese are what is set aside for them.
test.each([
  ['rw-p', 'mono', 26.5],
  ['0x7f2a40000000', 'mono', 92.7],
  ['anonymous', 'label', 64],
  ['IO PFNMAP', 'flag', 66.4],
  ['A′', 'letter', 13.5],
  ['…', 'label', 11],
  ['中文', 'label', 24.2],
] as const)('%s as %s', (text, type, width) =>
  expect(Math.abs(textWidth(text, type) - width)).toBeLessThan(1),
)

test.each([
  ['libcrypto.so.3', 100, 'libcrypto.so.3'],
  ['libcrypto.so.3', 50, 'libcryp…'],
  ['a plugin', 28, 'a…'],
  ['', 20, ''],
])('%s in %d px is %s', (text, width, expected) =>
  expect(shorten(text, 'label', width)).toBe(expected),
)

describe('whatever the text', () => {
  const types = fc.constantFrom<TypeName>('label', 'mono', 'heading', 'flag')
  const width = fc.integer({ min: 12, max: 400 })

  test('what is shortened fits, and is the beginning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), types, width, (text, type, room) => {
        const short = shorten(text, type, room)
        expect(textWidth(short, type)).toBeLessThanOrEqual(room)
        expect(text.startsWith(short.replace(/…$/, ''))).toBe(true)
      }),
    )
  })

  test('lines fit and keep all words when these do', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('VMA', 'a', 'mapping', 'of')), types, (words, type) => {
        const lines = wrapText(words.join(' '), type, 90)
        expect(lines.join(' ')).toBe(words.join(' '))
        for (const line of lines) expect(textWidth(line, type)).toBeLessThanOrEqual(90)
      }),
    )
  })
})
