// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { linux } from '../../src/eras/index.ts'

it.each([
  [undefined, '7.3.4', 'mapped'],
  ['7.3', '7.3.4', 'mapped'],
  ['6.18', '6.18.44', 'mapped'],
  ['6.12.117', '6.12.117', 'legacy'],
  ['rfc-complete', 'rfc-complete', 'complete'],
])('linux(%s) is %s with the protocol %s', (asked, name, era) => {
  const release = linux(asked)
  expect([release.name, release.era.name]).toEqual([name, era])
})

it('lists the known releases when asked for another', () => {
  expect(() => linux('2.6')).toThrow(
    'no release 2.6: known are 7.3, 6.18, 6.12, 7.3.4, rfc-complete, 6.18.44, 6.12.117',
  )
})
