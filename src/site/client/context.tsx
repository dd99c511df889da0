// SPDX-License-Identifier: GPL-2.0-only

import { useBaseUrlUtils } from '@docusaurus/useBaseUrl'
import { createContext, type ReactNode, useContext, useState } from 'react'
import type { CellOutput } from '../../literate/index.ts'
import type { Figure } from '../../trace/index.ts'
import { type Picture, type ShownOutput, showOutput } from '../live/shown.ts'
import { LivePage } from './live_page.ts'
import { frameRunner } from './runner.ts'

const Context = createContext<LivePage | undefined>(undefined)

/** Gives the live cells below it one page to belong to. */
export function LivePageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { withBaseUrl } = useBaseUrlUtils()
  const [page] = useState(() =>
    createPage({ frame: withBaseUrl('/live/frame.html'), plot: withBaseUrl('/live/plot.js') }),
  )
  return <Context.Provider value={page}>{children}</Context.Provider>
}

/** The page that the component is on. */
export function useLivePage(): LivePage {
  const page = useContext(Context)
  if (page === undefined) throw new Error('a live cell stands outside of a page')
  return page
}

type Loaded = 'frame' | 'plot'

function createPage(addresses: Readonly<Record<Loaded, string>>): LivePage {
  const loaded = new Map<Loaded, Promise<string>>()
  const load = (what: Loaded): Promise<string> => {
    const text =
      loaded.get(what) ??
      fetchText(addresses[what]).catch((error: unknown) => {
        loaded.delete(what)
        throw error
      })
    loaded.set(what, text)
    return text
  }
  return new LivePage({
    runner: frameRunner(load),
    show,
    later: (callback) => setTimeout(callback, 30),
  })
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
