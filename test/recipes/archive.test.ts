// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'

// The scripts are plain JavaScript, which no test project compiles.
const archivePath = '../../scripts/recipes/archive.mjs'
const { choose, wanted } = await import(archivePath)
const qemuPath = '../../scripts/recipes/qemu.mjs'
const { initramfs } = await import(qemuPath)

/** Everything that a version needs, but what `lacks` names. */
function packages(version: string, lacks = ''): string[] {
  const names = [
    `linux-headers-${version}-common`,
    `linux-headers-${version}-cloud-amd64`,
    `linux-kbuild-${version}`,
    `linux-binary-unsigned-${version}-cloud-amd64`,
  ]
  return names.filter((name) => lacks === '' || !name.includes(lacks))
}

const mirror = [
  packages('6.12.117+deb12'),
  packages('6.12.94+deb13'),
  packages('7.2.9+deb13'),
  packages('7.2.12+deb13'),
  packages('7.10.1+deb13'),
]

it.each([
  ['newest', mirror, '7.10.1+deb13'],
  ['newest', [...mirror, packages('7.11.0+deb13', 'binary')], '7.10.1+deb13'],
  ['newest', [...mirror, packages('7.11.0+deb13', 'kbuild')], '7.10.1+deb13'],
  ['newest', [...mirror, packages('8.0.1+deb14')], '7.10.1+deb13'],
  ['overwriting', mirror, '7.2.9+deb13'],
  ['overwriting', [packages('7.3.4+deb13')], undefined],
  ['legacy', mirror, '6.12.117+deb12'],
  ['legacy', [packages('6.1.0-53+deb12')], undefined],
])('%s of what the mirror has', (role, names, expected) => {
  const want = wanted.find((one: { role: string }) => one.role === role)
  expect(choose(new Set(names.flat()), want)).toBe(expected)
})

it('packs files as a kernel unpacks them', () => {
  const archive: Buffer = initramfs([{ name: 'init', data: Buffer.from('abc'), mode: 0o100755 }])
  const text = archive.toString('latin1')
  expect(text.slice(0, 6)).toBe('070701')
  expect(Number.parseInt(text.slice(54, 62), 16)).toBe(3)
  expect(text.slice(110, 115)).toBe('init\0')
  expect(text.slice(116, 119)).toBe('abc')
  expect(text).toContain('TRAILER!!!')
  expect(archive.length % 4).toBe(0)
})
