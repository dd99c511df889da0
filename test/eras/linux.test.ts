// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { eras, linux } from '../../src/eras/index.ts'

it.each([
  [undefined, '7.3.4', 'mapped'],
  ['7.3', '7.3.4', 'mapped'],
  ['7.3.0', '7.3.0', 'mapped'],
  ['7.2', '7.2.12', 'mapped'],
  ['7.2.4', '7.2.4', 'mapped'],
  ['7.1', '7.1.13', 'mapped'],
  ['7.0', '7.0.13', 'action'],
  ['6.19', '6.19.14', 'action'],
  ['6.18', '6.18.44', 'prepare'],
  ['6.17', '6.17.13', 'prepare'],
  ['6.16', '6.16.12', 'prepare'],
  ['6.12', '6.12.117', 'legacy'],
  ['6.12.117', '6.12.117', 'legacy'],
  ['rfc-proto', 'rfc-proto', 'proto'],
  ['rfc-complete', 'rfc-complete', 'complete'],
  ['rfc-complete-6.17', 'rfc-complete-6.17', 'complete'],
])('linux(%s) is %s with the protocol %s', (asked, name, era) => {
  const release = linux(asked)
  expect([release.name, release.era.name]).toEqual([name, era])
})

it.each(['2.6', '6.13', '7.3.5', '7.4', '7', '', '7.3.4.1', 'rfc', '__proto__'])(
  'lists the known releases when asked for %j',
  (asked) => {
    expect(() => linux(asked)).toThrow(
      `no release ${asked}: known are 7.3 to 7.3.4, 7.2 to 7.2.12, 7.1 to 7.1.13, 7.0 to 7.0.13, 6.19 to 6.19.14, 6.18 to 6.18.44, 6.17 to 6.17.13, 6.16 to 6.16.12, 6.12 to 6.12.117, rfc-proto, rfc-complete, rfc-complete-6.17`,
    )
  },
)

it('has a table of eras in order of time', () => {
  expect(eras.map(({ name, about }) => `${name}: ${about.status}, ${about.releases}`)).toEqual([
    'legacy: replaced, 6.12',
    'proto: proposed, RFC of 30 April 2025',
    'prepare: replaced, 6.16 to 6.18',
    'complete: proposed, series of 8 September 2025',
    'action: replaced, 6.19 and 7.0',
    'mapped: landed, 7.1 to 7.3',
  ])
  for (const { about } of eras) expect([about.hooks, about.citation]).not.toContain('')
})
