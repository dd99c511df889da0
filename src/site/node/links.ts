// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesBelow } from './files.ts'

/** The links in the built site `out` that lead to another host, in order, each with the pages that hold it. */
export async function externalLinks(out: string): Promise<[link: string, pages: string[]][]> {
  const holders = new Map<string, Set<string>>()
  for (const file of await filesBelow(out)) {
    if (!file.endsWith('.html')) continue
    const page = `/${file.replace(/(^|\/)index\.html$|\.html$/, '')}`
    for (const link of linksOf(await readFile(join(out, file), 'utf8'))) {
      const pages = holders.get(link) ?? new Set()
      holders.set(link, pages.add(page))
    }
  }
  return [...holders]
    .map(([link, pages]): [string, string[]] => [link, [...pages].sort()])
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

/** A built page leaves out the quotes of an attribute where it may. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\s[^>]*?href=(?:"([^"]*)"|([^\s>]*))/g)]
    .map(([, quoted, bare]) => (quoted ?? bare ?? '').replaceAll('&amp;', '&'))
    .filter((link) => /^https?:/.test(link))
}
