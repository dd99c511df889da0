// SPDX-License-Identifier: GPL-2.0-only
import Original from '@easyops-cn/docusaurus-search-local/dist/client/client/theme/SearchPage'
import { type ReactNode, useEffect } from 'react'

/** The page of what the search finds; its library gives it no main part to skip to. */
export default function SearchPage(): ReactNode {
  useEffect(() => {
    document.getElementById('__docusaurus_skipToContent_fallback')?.setAttribute('role', 'main')
  }, [])
  return <Original />
}
