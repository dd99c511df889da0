// SPDX-License-Identifier: GPL-2.0-only
// What a reader may expect of every page of a kind.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../src/cli/live.ts'
import { parsePage } from '../../src/literate/index.ts'

const read = (path: string) => readFileSync(join(root, 'docs', path), 'utf8')
const pagesIn = (folder: string) => readdirSync(join(root, 'docs', folder)).sort()
const section = (text: string, heading: string) =>
  new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? ''

describe('a page on a hook says at a glance', () => {
  const told: readonly (readonly [question: string, answer: RegExp])[] = [
    ['when', /^\* \*\*(Called|Given|Read)\*\*/m],
    ['which locks are held', /^\* \*\*Locks\*\*/m],
    ['what it may', /^\* \*\*May\*\*/m],
    ['what it must not', /^\* \*\*Must not\*\*/m],
    ['what an error does', /^\* \*\*On error\*\*/m],
    ['since which release', /^\* \*\*Since\*\*/m],
    ['what replaces it, or what it replaces', /^\* \*\*Replace(s|d by)\*\*/m],
  ]
  // The field of a call that never landed has no locks of its own.
  it.each(pagesIn('hooks').filter((name) => name !== 'mmap_context.md'))('%s', (name) => {
    const glance = section(read(`hooks/${name}`), 'At a glance')
    expect(told.filter(([, answer]) => !answer.test(glance)).map(([question]) => question)).toEqual(
      [],
    )
  })
})

it.each(['mmap_complete', 'mmap_abort', 'mmap_context'])('%s: that it never landed', (name) => {
  const glance = section(read(`hooks/${name}.md`), 'At a glance')
  expect(glance).toMatch(/never landed/)
  expect(glance).toMatch(/on 7\.x/i)
})

it.each(pagesIn('internals'))('internals/%s has a call to walk through', (name) => {
  const walks = parsePage(read(`internals/${name}`)).cells.filter(({ code }) =>
    /^record\(/m.test(code),
  )
  expect(walks.length).toBeGreaterThan(0)
})

it.each(pagesIn('history'))('history/%s names its sources', (name) =>
  expect(section(read(`history/${name}`), 'Sources')).toMatch(/\b[0-9a-f]{12}\b/),
)

describe('the glossary', () => {
  const entries = read('start/glossary.md')
    .split(/^### /m)
    .slice(1)
    .map((entry) => entry.split(/\n##? /)[0] ?? '')
  it('has each term once', () => {
    const terms = entries.map((entry) => entry.split('\n')[0])
    expect(new Set(terms).size).toBe(terms.length)
    expect(terms).toEqual(expect.arrayContaining(['VMA', 'action', 'anon_vma', 'commit charge']))
  })
  it.each(entries)('%s', (entry) => {
    const text = entry.slice(entry.indexOf('\n')).trim()
    expect(text.length).toBeGreaterThan(20)
    expect(text.length).toBeLessThan(400)
  })
})
