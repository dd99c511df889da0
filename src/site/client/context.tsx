// SPDX-License-Identifier: GPL-2.0-only

import { useLocation } from '@docusaurus/router'
import { useBaseUrlUtils } from '@docusaurus/useBaseUrl'
import { createContext, type ReactNode, useContext, useState } from 'react'
import type { CellOutput } from '../../literate/index.ts'
import type { Figure } from '../../trace/index.ts'
import type { Api } from '../live/api.ts'
import { storedDrafts } from '../live/drafts.ts'
import type { BookNames } from '../live/names.ts'
import { type Picture, type ShownOutput, showOutput } from '../live/shown.ts'
import { LivePage } from './live_page.ts'
import { frameRunner } from './runner.ts'

/** What the cells of a page have in common. */
interface Shared {
  readonly page: LivePage
  readonly api: () => Promise<Api | undefined>
  /** The page's file below docs/, without its ending. */
  readonly name: string
  readonly names: () => Promise<BookNames | undefined>
}

const Context = createContext<Shared | undefined>(undefined)

/** Gives the live cells below it one page to belong to. */
export function LivePageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { withBaseUrl } = useBaseUrlUtils()
  const { pathname } = useLocation()
  const [shared] = useState(() => {
    const name = pathname.slice(withBaseUrl('/').length).replace(/\/$/, '') || 'index'
    return share((file) => withBaseUrl(`/live/${file}`), pathname, name)
  })
  return <Context.Provider value={shared}>{children}</Context.Provider>
}

/** The page that the component is on. */
export function useLivePage(): LivePage {
  return useShared().page
}

/** What loads the names that an editor offers, once; undefined when they cannot be had. */
export function useApi(): () => Promise<Api | undefined> {
  return useShared().api
}

/** The page's file below docs/, and what loads what is known of the names in cells; undefined when it cannot be had. */
export function useNames(): Pick<Shared, 'name' | 'names'> {
  return useShared()
}

function useShared(): Shared {
  const shared = useContext(Context)
  if (shared === undefined) throw new Error('a live cell stands outside of a page')
  return shared
}

/** `address` is of a file below live/, `path` the page's own, `name` its file below docs/, without its ending. */
function share(address: (file: string) => string, path: string, name: string): Shared {
  const text = (file: string) => once(() => fetchText(address(file)))
  const data = <T,>(file: string): (() => Promise<T | undefined>) => {
    const read = once(async (): Promise<T> => JSON.parse(await fetchText(address(file))))
    return () => read().catch(() => undefined)
  }
  const parts = { frame: text('frame.html'), plot: text('plot.js') }
  return {
    page: new LivePage({
      runner: frameRunner((what) => parts[what]()),
      show,
      drafts: storedDrafts(() => sessionStorage, path),
      later: (callback) => setTimeout(callback, 30),
    }),
    api: data('api.json'),
    name,
    names: data('names.json'),
  }
}

/** Makes a value when it is first asked for; again when that failed, as the network may be back. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

async function fetchText(address: string): Promise<string> {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`)
  return await response.text()
}

/** What draws figures is loaded with the first of them. */
async function draw(figure: Figure, width: number): Promise<Picture> {
  const { figureRows, toSvg } = await import('../../figures/index.ts')
  const svg = await toSvg(figure, { width, document, table: false })
  return { svg, rows: figureRows(figure, width) }
}

async function show(output: CellOutput): Promise<ShownOutput> {
  try {
    return await showOutput(output, draw)
  } catch (error) {
    return { type: 'text', text: `[cannot show this output: ${String(error)}]` }
  }
}
