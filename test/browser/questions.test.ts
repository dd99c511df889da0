// SPDX-License-Identifier: GPL-2.0-only
// A person who knows the kernel but not this project finds the answer in two clicks from the front page.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { test } from './site.ts'

/** The text of the section that a link has led to: its heading and what follows, up to the next heading of its rank. */
function sectionShown(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { hash } = location
    const heading = hash && document.getElementById(decodeURIComponent(hash.slice(1)))
    if (!heading) return document.querySelector('article')?.textContent ?? ''
    const said = [heading.textContent]
    for (let at = heading.nextElementSibling; at; at = at.nextElementSibling) {
      if (/^H[1-6]$/.test(at.tagName) && at.tagName <= heading.tagName) break
      said.push(at.textContent)
    }
    return said.join('\n')
  })
}

const questions: readonly (readonly [
  question: string,
  clicks: readonly string[],
  answer: RegExp,
])[] = [
  [
    'my hook takes a lock in .mmap: what now?',
    ['A lock held across population'],
    /the lock covers the check alone: the action runs after the return.*A fault handler checks where it fills.*pin the device when the file is opened/,
  ],
  [
    'my hook takes a lock in .mmap: what now, in C?',
    ['the lock across the mapping'],
    /mutex_lock|spin_lock/,
  ],
  [
    'does prepare run when the mapping merges?',
    ['When it is called'],
    /A mapping that merges with its neighbour has called the hook as well/,
  ],
  [
    'which release has mmap_action_simple_ioremap?',
    ['Which kernel has what'],
    /mmap_action_simple_ioremap\(\)/,
  ],
  ['why did my VMAs not merge?', ['Merging'], /The first no is the reason.*The usual reasons/],
  [
    'what of mmap_complete on 7.x?',
    ['mmap_complete'],
    /It never landed.*actions.*vm_ops->mapped.*Use these on 7\.x/,
  ],
  ['what does core undo when my hook fails?', ['What an error undoes'], /a hole/],
  ['what is an anon_vma?', ['Glossary', 'Owners'], /Two VMAs merge when they have the same one/],
]

test.for(questions)('%s', async ([, clicks, answer], { visit }) => {
  expect(clicks.length).toBeLessThanOrEqual(2)
  const page = await visit('/')
  for (const label of clicks) {
    const link = page.locator('article').getByRole('link', { name: label, exact: true }).first()
    const to = await link.getAttribute('href')
    await link.click()
    await page.waitForURL(`**${to}`)
  }
  // The address changes before the page does.
  await expect.poll(async () => (await sectionShown(page)).replace(/\s+/g, ' ')).toMatch(answer)
})

test('the table of releases says when mmap_action_simple_ioremap() came', async ({ visit }) => {
  const page = await visit('/converting/releases')
  const cells = (row: string) =>
    page.locator('article table').first().locator('tr', { hasText: row }).first().locator('th, td')
  const releases = await cells('6.12').allInnerTexts()
  const has = await cells('mmap_action_simple_ioremap').allInnerTexts()
  expect(releases[has.indexOf('yes')]).toBe('7.1')
})
