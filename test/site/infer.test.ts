// SPDX-License-Identifier: GPL-2.0-only
import { typescriptLanguage } from '@codemirror/lang-javascript'
import { beforeAll, expect, test } from 'vitest'
import type { Api } from '../../src/site/live/api.ts'
import { Inference } from '../../src/site/live/infer.ts'
import { readApi } from '../../src/site/node/api.ts'

// The mini-language: cells are parted by `---`; `|` is the place asked about. A case says what is known there: the
// declaration of the name that ends at the place, or after `.|` and in `{ | }` some of the members offered.

let api: Api
beforeAll(() => {
  api = readApi('dist')
})

function ask(code: string): string {
  const texts = code.split('---\n')
  const last = texts.length - 1
  const at = texts[last]!.indexOf('|')
  const cells = texts.map((text, i) => {
    const plain = i === last ? text.replace('|', '') : text
    return { text: plain, tree: typescriptLanguage.parser.parse(plain) }
  })
  const inference = new Inference(api, cells)
  const node = cells[last]!.tree.resolveInner(at, -1)
  if (node.name === '.' || node.name === '⚠')
    return Object.keys(inference.membersBefore(node.parent!.firstChild!)).join(' ')
  const object = node.name === '{' ? node.parent! : node
  if (object.name === 'ObjectExpression')
    return Object.keys(inference.expectedMembers(object)).join(' ')
  return inference.entryAt(node)?.text ?? ''
}

test.each<[code: string, known: RegExp]>([
  ['PAGE_SIZE|', /^PAGE_SIZE: 4096$/],
  ['record|(mm, () => 1)', /^record<T>\(mm: mm_struct, act: \(\) => T\): Recording<T>$/],
  ['mm.mmap|({})', /^mmap\(request: MmapArguments\): number$/],
  ['mm.|', /\bmmap\b.*\bvmas\b/],
  ['mm.vmas()[0].|', /\bvm_start\b/],
  ['const one = new Mm(linux("7.3"))\none|', /^one: Mm$/],
  ['const one = new Mm(linux("7.3"))\n---\none.|', /\bvmas\b/],
  ['let one = 1\n---\nconst one = new Mm(linux())\n---\none|', /^one: Mm$/],
  ['const [first] = mm.vmas()\nfirst.|', /\bvm_pgoff\b/],
  ['for (const vma of mm.vmas()) vma.|', /\bvm_end\b/],
  ['mm.vmas().map((vma) => vma.|)', /\bvm_ops\b/],
  ['mm.vmas().filter((vma) => vma.vm_end)[0].|', /\bvm_ops\b/],
  ['const { steps } = record(mm, () => 1)\nsteps|', /^steps: Step\[\]$/],
  ['const r = record(mm, () => 1)\nr.|', /\bsteps\b/],
  ['const said = mm.maybeMmap({ len: 1, prot: 1, flags: 2 })\nsaid.|', /\bok\b/],
  ['const at = mm.mmap({})\nat|', /^at: number$/],
  ['const f = (vma: vm_area_struct) => vma.|', /\bvm_file\b/],
  // What a hook is given.
  ["file('/dev/x', { mmap_prepare(desc) { desc.| } })", /\bvm_ops\b.*\bprivate_data\b/],
  ["file('/dev/x', { mmap_prepare: (desc) => desc| })", /^desc: vm_area_desc$/],
  ['const hooks = { mmap_prepare(desc) { desc| } }', /^desc: vm_area_desc$/],
  [
    "file('/dev/x', { mmap_prepare(desc) { desc.vm_ops = { fault(vmf) { vmf| } } } })",
    /^vmf: vm_fault$/,
  ],
  ['equivalent({ mmap(file, vma) { vma.| } }, {})', /\bvm_start\b/],
  // Which names an object may have.
  ['mm.mmap({ | })', /\blen\b.*\bprot\b/],
  ["file('/dev/x', {| })", /\bmmap_prepare\b/],
  ['const vma: vm_area_struct = {| }', /\bvm_start\b/],
  ['mm.mmap({ len|: 1 })', /^len\??: /],
  // Scopes.
  ['const vma = 1\nmm.vmas().map((vma) => vma|)', /^vma: vm_area_struct$/],
  ['mm.vmas().map((vma) => 1)\nvma|', /^$/],
  ['const { mm } = desc\nmm|', /^$/],
  // Nothing, and no hang, where nothing is known.
  ['const a = a\na|', /^$/],
  ['const a = b, b = a\na|', /^$/],
  ['nobody.|', /^$/],
  ['constructor|', /^$/],
  ['mm.constructor|', /^$/],
  ['__proto__.|', /^$/],
])('%s', (code, known) => expect(ask(code)).toMatch(known))

test('every name of the front door is there, with the words of its comment', () => {
  for (const name of [
    'Mm',
    'record',
    'timeline',
    'file',
    'linux',
    'equivalent',
    'mmap_action_remap',
  ])
    expect([name, api.values[name]?.doc]).toEqual([name, expect.stringMatching(/\w+ \w+/)])
  expect(api.values.mmap_action_remap?.kind).toBe('function')
})

test('what is private is not offered', () =>
  expect(Object.keys(api.types.Balance?.members ?? {})).toEqual(
    expect.not.arrayContaining(['cells']),
  ))

test('every type that is named is there', () => {
  const refs = [
    ...Object.values(api.values),
    ...Object.values(api.types).flatMap((type) => [
      ...Object.values(type.members),
      ...[type.returns, type.makes, ...(type.params ?? [])].map((ref) => ({ type: ref ?? '' })),
    ]),
  ]
    .flatMap(({ type }) => type.split(/[<>]/))
    .filter((name) => name !== '' && name !== 'T')
  expect(refs.filter((name) => !Object.hasOwn(api.types, name))).toEqual([])
})

test('it is small', () => expect(JSON.stringify(api).length).toBeLessThan(250_000))
