// SPDX-License-Identifier: GPL-2.0-only
// Writes docs/reference/api/: what a cell has in scope and the package exports, from the doc comments, by subject.
//   node scripts/api.mjs [--check]
import { join } from 'node:path'
import { Application, ReflectionKind } from 'typedoc'
import { writeDerived } from './derive.mjs'
import { root } from './ready.mjs'

/** The pages in order; an export is on the first whose `files` match the file that declares it. */
const subjects = [
  {
    page: 'address-space',
    title: 'The address space',
    about: 'An address space, its system calls, and how they refuse.',
    names:
      /^(Mm|KernelError|LockError|Deadlock|MmapArguments|MmOptions|Result|Bytes|validate_mm|maps_line|current|Snapshot|snapshot|PAGE_\w+)$/,
  },
  {
    page: 'constants',
    title: 'Constants',
    about:
      'Protections, flags, advice, errnos and the bits of a VMA, with the values of x86-64 Linux.',
    names: /^(PROT|MAP|MADV|MREMAP|VMA|VM_FAULT|E[A-Z]+)_?\w*$|^errno_name$/,
    kind: 'constant',
  },
  {
    page: 'hooks',
    title: 'Hooks',
    about: 'Files and their hooks, the description, actions, and what a hook may call.',
    files: /^mm\//,
  },
  {
    page: 'releases',
    title: 'Releases and drivers',
    about: 'Releases of Linux, the hook protocols, and the gallery of drivers.',
    files: /^(eras|drivers)\//,
  },
  {
    page: 'watching',
    title: 'Watching and provoking',
    about: 'Recordings, faults on request, comparisons, explanations.',
    files: /^trace\//,
    not: /Figure$|^(layout|compare|timeline|history|pages|pipeline|whyNotMerged|figureText|measures|PipelineScenario|VmaKind)$/,
  },
  {
    page: 'figures',
    title: 'Figures',
    about: 'The functions that make figures, and the values that they make.',
    files: /./,
  },
]

const app = await Application.bootstrap({
  entryPoints: [join(root, 'src/index.ts')],
  tsconfig: join(root, 'src/tsconfig.pure.json'),
  excludePrivate: true,
  excludeInternal: true,
  logLevel: 'Error',
})
const project = await app.convert()
if (!project) throw new Error('typedoc: src/index.ts does not compile; run: npm run check')

const missing = []
const fileOf = (one) => one.sources?.[0]?.fileName.replace(/^(.*\/)?src\//, '') ?? ''
const isConstant = (one) =>
  one.kind === ReflectionKind.Variable && /^[A-Z][A-Z0-9_]*$/.test(one.name)

function subjectOf(one) {
  const file = fileOf(one)
  return subjects.find(({ files, names, not, kind }) => {
    if (kind === 'constant' && !isConstant(one) && one.name !== 'errno_name') return false
    if (not?.test(one.name)) return false
    return names?.test(one.name) || (files?.test(file) && kind !== 'constant')
  })
}

/** The words of a comment, as Markdown; `{@link x}` is x. */
function words(comment) {
  const parts = [...(comment?.summary ?? [])]
  for (const { content } of comment?.blockTags ?? [])
    parts.push({ kind: 'text', text: '\n\n' }, ...content)
  return parts
    .map((part) => (part.kind === 'inline-tag' ? `\`${part.text}\`` : part.text))
    .join('')
    .trim()
    .replace(/\s+Linux: (\S+)$/, (_, where) => `\n\nLinux: \`${where}\``)
}

const flat = (text) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
const typeText = (type) => (type ? type.toString().replace(/\s+/g, ' ') : 'unknown')

function signatureText(name, signature) {
  const type = (one) => (one.typeParameters ?? []).map(({ name }) => name).join(', ')
  const generic = type(signature) && `<${type(signature)}>`
  const given = (signature.parameters ?? []).map((one) => {
    const optional = one.flags.isOptional || one.defaultValue !== undefined ? '?' : ''
    return `${one.flags.isRest ? '...' : ''}${one.name}${optional}: ${typeText(one.type)}`
  })
  const line = `${name}${generic}(${given.join(', ')}): ${typeText(signature.type)}`
  if (line.length <= 100) return line
  return `${name}${generic}(\n${given.map((one) => `  ${one},\n`).join('')}): ${typeText(signature.type)}`
}

/** Every way to call it, with its words. */
function called(one, name = one.name) {
  return one.signatures.map((signature) => ({
    code: signatureText(name, signature),
    text: words(signature.comment) || words(one.comment),
  }))
}

function member(one) {
  if (one.signatures) {
    const [{ code, text }] = called(one)
    return [code.replace(/\n\s*/g, ' '), text]
  }
  const getter = one.getSignature
  const type = typeText(getter?.type ?? one.type)
  const optional = one.flags.isOptional ? '?' : ''
  const code = type.startsWith('{') ? `${one.name}${optional}` : `${one.name}${optional}: ${type}`
  return [code, words(getter?.comment ?? one.comment)]
}

/** Members that come from a class of JavaScript itself say nothing about ours. */
const isOwn = (one) =>
  !one.inheritedFrom?.name?.startsWith('Error') &&
  !one.flags.isPrivate &&
  !one.name.startsWith('[') &&
  !one.name.startsWith('#')

function table(rows) {
  const lines = rows.map(
    ([code, text]) => `| \`${flat(code).replaceAll('`', '')}\` | ${flat(text)} |`,
  )
  return ['| member | meaning |', '|---|---|', ...lines].join('\n')
}

function entry(one) {
  const parts = [`### ${one.name}`]
  const text = words(one.comment)
  const fence = (code) => `\`\`\`ts\n${code}\n\`\`\``
  if (one.kind === ReflectionKind.Function) {
    for (const { code, text } of called(one)) {
      if (!text) missing.push(one.name)
      parts.push(fence(code), text)
    }
    return parts.join('\n\n')
  }
  if (!text) missing.push(one.name)
  if (one.kind === ReflectionKind.Variable)
    parts.push(fence(`const ${one.name}: ${typeText(one.type)}`), text)
  else if (one.kind === ReflectionKind.TypeAlias)
    parts.push(fence(`type ${one.name} = ${typeText(one.type)}`), text)
  else parts.push(text)
  const made = one.children?.find(({ kind }) => kind === ReflectionKind.Constructor)
  if (made && isOwn(made)) parts.push(fence(called(made, `new ${one.name}`)[0].code))
  const own = (one.children ?? []).filter((child) => child !== made && isOwn(child))
  if (own.length > 0) parts.push(table(own.map(member)))
  return parts.join('\n\n')
}

function constantTable(all) {
  const groups = [
    ['Protections', /^PROT_/],
    ['Flags of mmap(2) and mremap(2)', /^(MAP|MREMAP)_/],
    ['Advice of madvise(2)', /^MADV_/],
    ['Bits of vm_flags', /^VMA_/],
    ['What a fault handler returns', /^VM_FAULT_/],
    ['Errnos', /^E[A-Z]+$/],
  ]
  const value = (one) => one.defaultValue ?? typeText(one.type)
  return groups.map(([heading, pattern]) => {
    const rows = all
      .filter(({ name }) => pattern.test(name))
      .map((one) => `| \`${one.name}\` | \`${flat(value(one))}\` | ${flat(words(one.comment))} |`)
    return `## ${heading}\n\n| name | value | meaning |\n|---|---|---|\n${rows.join('\n')}`
  })
}

const pages = new Map(subjects.map((subject) => [subject, []]))
for (const one of project.children ?? []) pages.get(subjectOf(one))?.push(one)

const written = '<!-- Written by scripts/api.mjs: change the doc comments in src instead. -->'
const folder = 'docs/reference/api'
const files = []
for (const [index, subject] of subjects.entries()) {
  const all = (pages.get(subject) ?? []).sort((a, b) =>
    a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1,
  )
  const isType = ({ kind }) =>
    kind === ReflectionKind.Interface || kind === ReflectionKind.TypeAlias
  const constants = subject.kind === 'constant' ? all.filter(isConstant) : []
  const rest = all.filter((one) => !constants.includes(one))
  const [values, types] = [rest.filter((one) => !isType(one)), rest.filter(isType)]
  const body = [
    ...(constants.length > 0 ? constantTable(constants) : []),
    ...(values.length > 0 ? ['## Values and functions', ...values.map(entry)] : []),
    ...(types.length > 0 ? ['## Types', ...types.map(entry)] : []),
  ]
  files.push([
    `${folder}/${subject.page}.md`,
    `---
title: ${subject.title}
description: ${subject.about}
sidebar_position: ${index + 1}
toc_max_heading_level: ${all.length > 60 ? 2 : 3}
---

${written}

# ${subject.title}

${subject.about}

All of it is in scope in a cell. Elsewhere: \`import { ... } from 'vmalab'\`.

${body.join('\n\n')}
`,
  ])
}
files.push([
  `${folder}/_category_.json`,
  `${JSON.stringify({ label: 'API', position: 0 }, null, 2)}\n`,
])
if (missing.length > 0) throw new Error(`no doc comment: ${missing.join(', ')}`)

writeDerived(files, folder)
