// SPDX-License-Identifier: GPL-2.0-only

import { useLocation } from '@docusaurus/router'
import { useBaseUrlUtils } from '@docusaurus/useBaseUrl'
import { createContext, type ReactNode, useContext, useState } from 'react'
import type { CellOutput } from '../../literate/index.ts'
import type { Figure } from '../../trace/index.ts'
import type { Api } from '../live/api.ts'
import { storedDrafts } from '../live/drafts.ts'
import { type Picture, type ShownOutput, showOutput } from '../live/shown.ts'
import { LivePage } from './live_page.ts'
import { frameRunner } from './runner.ts'

/** What the cells of a page have in common. */
interface Shared {
  readonly page: LivePage
  readonly api: () => Promise<Api | undefined>
}

const Context = createContext<Shared | undefined>(undefined)

/** Gives the live cells below it one page to belong to. */
export function LivePageProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { withBaseUrl } = useBaseUrlUtils()
  const { pathname } = useLocation()
  const [shared] = useState(() => share((file) => withBaseUrl(`/live/${file}`), pathname))
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

function useShared(): Shared {
  const shared = useContext(Context)
  if (shared === undefined) throw new Error('a live cell stands outside of a page')
  return shared
}

const files = { frame: 'frame.html', plot: 'plot.js', api: 'api.json' } as const

function share(address: (file: string) => string, path: string): Shared {
  const loaded = new Map<string, Promise<string>>()
  const load = (what: keyof typeof files): Promise<string> => {
    const text =
      loaded.get(what) ??
      fetchText(address(files[what])).catch((error: unknown) => {
        loaded.delete(what)
        throw error
      })
    loaded.set(what, text)
    return text
  }
  let api: Promise<Api | undefined> | undefined
  return {
    page: new LivePage({
      runner: frameRunner(load),
      show,
      drafts: storedDrafts(() => sessionStorage, path),
      later: (callback) => setTimeout(callback, 30),
    }),
    api: () => {
      api ??= load('api').then(
        (text): Api => JSON.parse(text),
        () => {
          // Another cell may be edited where the network is back.
          api = undefined
          return undefined
        },
      )
      return api
    },
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
