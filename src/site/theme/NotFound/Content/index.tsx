// SPDX-License-Identifier: GPL-2.0-only
import Link from '@docusaurus/Link'
import type { ReactNode } from 'react'

const ways: readonly (readonly [path: string, name: string])[] = [
  ['/', 'Start'],
  ['/hooks/mmap_prepare', 'mmap_prepare, the first of the hooks'],
  ['/internals/pipeline', 'How mmap works, stage by stage'],
  ['/converting', 'Converting a driver'],
]

/** What stands at an address that is no page's. */
export default function NotFoundContent(): ReactNode {
  return (
    <main className="container margin-vert--xl">
      <div className="vl-lost">
        <h1>Page Not Found</h1>
        <p>
          No page has this address. The search above finds words and kernel functions; these lead
          into the book:
        </p>
        <ul>
          {ways.map(([path, name]) => (
            <li key={path}>
              <Link to={path}>{name}</Link>
            </li>
          ))}
        </ul>
      </div>
    </main>
  )
}
